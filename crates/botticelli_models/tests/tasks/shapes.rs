//! Every shape of embeddings that servers send, and shapes that are errors.

use crate::support::{answering, at};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use botticelli_core::tasks::{Embedding, EmbeddingRequest};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::tasks::EmbeddingDriver;
use botticelli_models::huggingface::TaskApi;

async fn read(body: &str, count: usize) -> Result<Vec<Embedding>, BotticelliError> {
    let sandbox = answering(body).await;
    let driver = at(&sandbox, TaskApi::Tei, "any");
    let request = EmbeddingRequest::new((0..count).map(|index| format!("text {index}")));
    Ok(driver.embed(request).await?.into_embeddings())
}

fn text(vector: &[f32]) -> Embedding {
    Embedding::Text(vector.to_vec())
}

fn tokens(vectors: &[&[f32]]) -> Embedding {
    Embedding::Tokens(vectors.iter().map(|vector| vector.to_vec()).collect())
}

#[tokio::test]
async fn all_depths_are_told_apart() {
    let base64 = STANDARD.encode([1.0_f32, -2.5].into_iter().flat_map(f32::to_le_bytes).collect::<Vec<_>>());
    let cases = [
        ("[0.5, -1, 2e-1]".to_owned(), 1, vec![text(&[0.5, -1.0, 0.2])]),
        ("[[1, 2.5]]".to_owned(), 1, vec![text(&[1.0, 2.5])]),
        ("[[1, 2], [3, 4]]".to_owned(), 2, vec![text(&[1.0, 2.0]), text(&[3.0, 4.0])]),
        // One text in a list of its own, without a list around the texts.
        ("[[1, 2], [3, 4]]".to_owned(), 1, vec![tokens(&[&[1.0, 2.0], &[3.0, 4.0]])]),
        ("[[[1, 2], [3, 4]]]".to_owned(), 1, vec![tokens(&[&[1.0, 2.0], &[3.0, 4.0]])]),
        (
            "[[[1], [2]], [[3], [4], [5]]]".to_owned(),
            2,
            vec![tokens(&[&[1.0], &[2.0]]), tokens(&[&[3.0], &[4.0], &[5.0]])],
        ),
        ("[[[[1], [2]]], [[[3]]]]".to_owned(), 2, vec![tokens(&[&[1.0], &[2.0]]), tokens(&[&[3.0]])]),
        (
            r#"{"data":[{"index":1,"embedding":[2]},{"embedding":[1],"index":0,"object":"embedding"}]}"#
                .to_owned(),
            2,
            vec![text(&[1.0]), text(&[2.0])],
        ),
        (r#"{"data":[{"embedding":[1]},{"embedding":[2]}]}"#.to_owned(), 2, vec![text(&[1.0]), text(&[2.0])]),
        (format!(r#"{{"data":[{{"index":0,"embedding":"{base64}"}}]}}"#), 1, vec![text(&[1.0, -2.5])]),
        (format!(r#"["{base64}"]"#), 1, vec![text(&[1.0, -2.5])]),
        // llama.cpp's own route, and Ollama's two.
        (r#"[{"index":0,"embedding":[[1, 2]]}]"#.to_owned(), 1, vec![text(&[1.0, 2.0])]),
        (r#"{"embeddings":[[1, 2]],"model":"m"}"#.to_owned(), 1, vec![text(&[1.0, 2.0])]),
        (r#"{"embedding":[1, 2]}"#.to_owned(), 1, vec![text(&[1.0, 2.0])]),
    ];
    for (body, count, expected) in cases {
        assert_eq!(
            read(&body, count).await.unwrap_or_else(|error| panic!("{body}: {error}")),
            expected,
            "{body}"
        );
    }
    let nan = read("[[null, 1]]", 1).await.unwrap();
    assert!(nan[0].vector().unwrap()[0].is_nan());
}

#[tokio::test]
async fn impossible_shapes_are_errors() {
    let cases = [
        ("[[1, 2]]", 2, "1 embeddings for 2 texts"),
        ("[[1], [2], [3]]", 2, "3 embeddings for 2 texts"),
        ("[]", 1, "an embedding is empty"),
        ("[[], [1]]", 2, "an embedding is empty"),
        ("[[[1], [[2]]], [[3]]]", 2, "different depths"),
        (r#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]}]}"#, 2, "gaps or repetitions"),
        (r#"{"data":[{"index":1,"embedding":[1]},{"index":2,"embedding":[2]}]}"#, 2, "gaps or repetitions"),
        (r#"["not base64!"]"#, 1, "unexpected"),
        (r#"["AAAA"]"#, 1, "unexpected"),
        (r#"[[1, "2"]]"#, 1, "unexpected"),
        ("7", 1, "in place of the list"),
        ("<html>", 1, "web page"),
        ("", 1, "empty"),
    ];
    for (body, count, expected) in cases {
        let error = read(body, count).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::InvalidResponse, "{body}: {error}");
        let chain = format!("{error} {:?}", std::error::Error::source(&error));
        assert!(chain.contains(expected), "{body}: {chain}");
    }
}

#[tokio::test]
async fn an_error_with_the_status_200_is_an_error() {
    let error = read(r#"{"error":"CUDA out of memory","error_type":"backend"}"#, 1).await.unwrap_err();
    assert!(error.to_string().contains("CUDA out of memory"), "{error}");
    let error = read(r#"{"detail":"Invalid API key","status":401}"#, 1).await.unwrap_err();
    assert!(error.to_string().contains("Invalid API key"), "{error}");
}
