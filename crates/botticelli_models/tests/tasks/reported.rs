//! Answers that users of other clients reported, with the thread of each.

use crate::common::scripted;
use crate::support::{at, hosted};
use botticelli_core::tasks::{
    Embedding, Media, RankedDocument, RerankRequest, TranscriptChunk, ZeroShotRequest,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::{
    AudioTaskDriver, ClassificationDriver, EmbeddingDriver, MediaGenerationDriver, RerankDriver,
};
use botticelli_models::huggingface::{HuggingFaceTasks, TaskApi};
use botticelli_sandbox::{Sandbox, Script};

/// A server with OpenAI's API.
async fn openai(body: &str) -> (Sandbox, HuggingFaceTasks) {
    let sandbox = scripted(Script::json(200, body)).await;
    let driver = at(&sandbox, TaskApi::OpenAi, "any/model");
    (sandbox, driver)
}

/// A model at hf-inference.
async fn answering(body: &str) -> (Sandbox, HuggingFaceTasks) {
    let sandbox = scripted(Script::json(200, body)).await;
    let driver = hosted(&sandbox, "any/model");
    (sandbox, driver)
}

async fn vectors(body: &str, texts: usize) -> Result<Vec<Vec<f32>>, BotticelliError> {
    let (_sandbox, driver) = openai(body).await;
    let texts: Vec<String> = (0..texts).map(|number| number.to_string()).collect();
    Ok(driver.embed(texts.into()).await?.into_vectors())
}

#[tokio::test]
async fn the_numbers_of_embeddings_are_read_as_servers_write_them() {
    let two = |first: &str, second: &str| {
        format!(r#"{{"data":[{{"index":{first},"embedding":[1]}},{{"index":{second},"embedding":[2]}}]}}"#)
    };
    for (body, expected) in [
        // agno-agi/agno#10128: in another order.
        (two("1", "0"), [2.0, 1.0]),
        // deeplethe/utopia#784: null, texts and floats.
        (two("null", "null"), [1.0, 2.0]),
        (two("\"1\"", "\"0\""), [2.0, 1.0]),
        (two("1.0", "0.0"), [2.0, 1.0]),
    ] {
        assert_eq!(vectors(&body, 2).await.unwrap(), expected.map(|number| vec![number]), "{body}");
    }
    // A gap, a repetition, and a missing vector are errors, because a guess could give a text the vector of another one.
    for (body, texts) in [
        // BerriAI/litellm#25656: every number is 0.
        (two("0", "0"), 2),
        // xorbitsai/inference#5240: the numbers of a batch with other calls.
        (two("1", "2"), 2),
        (two("0", "2"), 2),
        (two("0", "1"), 3),
        (r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[2]},{"index":1,"embedding":[3]}]}"#.to_owned(), 3),
        (r#"{"data":[{"index":0,"embedding":null}]}"#.to_owned(), 1),
        (r#"{"data":[{"index":0,"embedding":[]}]}"#.to_owned(), 1),
    ] {
        assert!(vectors(&body, texts).await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn the_encoding_of_embeddings_is_that_of_the_answer() {
    for (body, expected) in [
        // Lightning-AI/LitServe#740, lmstudio-ai/lmstudio-bug-tracker#756: floats, although base64 was requested.
        (
            r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[5.0,-0.5]}]}"#,
            [5.0, -0.5],
        ),
        // vllm-project/vllm#5935: base64 in a list.
        (r#"{"data":[{"index":0,"embedding":["AACgQAAAAL8="]}]}"#, [5.0, -0.5]),
        // huggingface/text-embeddings-inference#288: base64.
        (r#"{"data":[{"index":0,"embedding":"AACgQAAAAL8="}],"usage":null,"model":null}"#, [5.0, -0.5]),
    ] {
        assert_eq!(vectors(body, 1).await.unwrap(), [expected], "{body}");
    }
    // huggingface/huggingface_hub#1647: one text as a flat list, or in a list. #1648: a vector for each token.
    for (body, expected) in [
        ("[-0.034,0.031]", Embedding::Text(vec![-0.034, 0.031])),
        ("[[-0.034,0.031]]", Embedding::Text(vec![-0.034, 0.031])),
        ("[[[1,2],[3,4]]]", Embedding::Tokens(vec![vec![1.0, 2.0], vec![3.0, 4.0]])),
    ] {
        let (_sandbox, driver) = answering(body).await;
        assert_eq!(driver.embed("a".into()).await.unwrap().embeddings(), [expected], "{body}");
    }
}

#[tokio::test]
async fn reranked_documents_are_read_with_all_that_servers_add() {
    for body in [
        // codexu/note-gen#477: documents and facts that are null.
        r#"{"id":"7","results":[{"index":1,"relevance_score":0.9,"document":null},{"index":0,"relevance_score":0.1,"document":null}],
            "meta":{"api_version":null,"billed_units":null,"tokens":null,"warnings":null}}"#,
        // ggml-org/llama.cpp#8555: no order, scores without a bound.
        r#"{"id":null,"results":[{"index":0,"relevance_score":-11.01},{"index":1,"relevance_score":7.74}],"meta":null}"#,
        // CrispStrobe/CrispEmbed#51: a document as an object.
        r#"{"results":[{"index":1,"relevance_score":1,"document":{"text":"b"}},{"index":0,"relevance_score":0,"document":{"text":"a"}}]}"#,
        // michaelfeil/infinity#383: the text itself, in a list of another name.
        r#"{"data":[{"index":1,"score":0.9,"document":"b"},{"index":0,"score":0.1,"document":"a"}],"usage":{"total_tokens":7}}"#,
        // huggingface/text-embeddings-inference: a list, with a text that is null.
        r#"[{"index":1,"score":0.9,"text":null},{"index":0,"score":0.1,"text":null}]"#,
    ] {
        let (_sandbox, driver) = openai(body).await;
        let response = driver.rerank(RerankRequest::new("q", ["a", "b"])).await.unwrap();
        let order: Vec<usize> = response.documents().iter().map(RankedDocument::index).collect();
        assert_eq!(order, [1, 0], "{body}");
    }
}

#[tokio::test]
async fn transcripts_are_read_with_all_that_servers_add() {
    let chunk = |text: &str, start, end| TranscriptChunk::new(text, start, end);
    for (body, text, chunks) in [
        // huggingface/huggingface_hub#2826: `timestamps` in place of `timestamp`.
        (
            r#"{"text":" hi","chunks":[{"text":" hi","timestamps":[0.5,null]}]}"#,
            " hi",
            vec![chunk(" hi", Some(0.5), None)],
        ),
        // speaches-ai/speaches#86, BerriAI/litellm#25633: no segments.
        (
            r#"{"task":"transcribe","language":"english","duration":1.5,"text":"hi","segments":[]}"#,
            "hi",
            vec![],
        ),
        (r#"{"text":"hi","segments":null,"words":null}"#, "hi", vec![]),
        // ggml-org/whisper.cpp#2381: in a list.
        (
            r#"[{"text":" hi","segments":[{"id":0,"text":" hi","start":0.0,"end":4.3,"tokens":[1]}]}]"#,
            " hi",
            vec![chunk(" hi", Some(0.0), Some(4.3))],
        ),
        // Both names of the parts.
        (
            r#"{"text":"hi","chunks":[{"text":"hi","timestamp":[0,1]}],"segments":[]}"#,
            "hi",
            vec![chunk("hi", Some(0.0), Some(1.0))],
        ),
        // The parts alone.
        (
            r#"{"text":null,"segments":[{"text":"a","start":0,"end":1},{"text":"b","start":1,"end":2}]}"#,
            "ab",
            vec![chunk("a", Some(0.0), Some(1.0)), chunk("b", Some(1.0), Some(2.0))],
        ),
    ] {
        let (_sandbox, driver) = answering(body).await;
        let response = driver
            .transcribe(Media::new(&b"fLaC"[..]).into())
            .await
            .unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!((response.text(), response.chunks()), (text, &*chunks), "{body}");
    }
    for body in [r#"{"text":null}"#, r#"{"segments":[]}"#, "[]", r#"[{"text":"a"},{"text":"b"}]"#] {
        let (_sandbox, driver) = answering(body).await;
        assert!(driver.transcribe(Media::new(&b"fLaC"[..]).into()).await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn the_labels_of_zero_shot_classification_are_read_in_both_forms() {
    // huggingface/huggingface_hub#3557: a list of labels, in place of an object with two lists.
    for body in [
        r#"[{"label":"x","score":0.7},{"label":"y","score":0.3}]"#,
        r#"{"sequence":"a","labels":["x","y"],"scores":[0.7,0.3]}"#,
        r#"[{"sequence":"a","labels":["x","y"],"scores":[0.7,0.3]}]"#,
        r#"[[{"label":"y","score":0.3},{"label":"x","score":0.7}]]"#,
    ] {
        let (_sandbox, driver) = answering(body).await;
        let response = driver.classify_zero_shot(ZeroShotRequest::new(["a"], ["x", "y"])).await.unwrap();
        assert_eq!(response.best().unwrap().label(), "x", "{body}");
        assert_eq!(response.labels().len(), 2, "{body}");
    }
}

#[tokio::test]
async fn an_image_is_found_in_every_place() {
    let png = "iVBORw0KGgo=";
    for body in [
        // huggingface/huggingface.js#1835: one address in place of a list of addresses.
        format!(r#"{{"output":"data:image/png;base64,{png}"}}"#),
        format!(r#"{{"output":["data:image/png;base64,{png}"]}}"#),
        // xorbitsai/inference#1047: base64 and no address.
        format!(r#"{{"created":1,"data":[{{"url":null,"b64_json":"{png}"}}]}}"#),
        format!(r#"{{"images":[{{"url":"data:image/png;base64,{png}","content_type":"image/jpeg"}}]}}"#),
    ] {
        let (_sandbox, driver) = answering(&body).await;
        let image = driver.generate_image("Venus".into()).await.unwrap().into_media();
        assert_eq!((image.media_type(), &**image.data()), ("image/png", &b"\x89PNG\r\n\x1a\n"[..]), "{body}");
    }
}
