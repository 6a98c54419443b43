//! Every task with responses that are cut or damaged: an error, and never a panic or a half result.

use crate::common::settings;
use botticelli_core::tasks::{
    Media, QuestionAnsweringRequest, RerankRequest, SimilarityRequest, Table, TableQuestionRequest,
    TabularRequest, ZeroShotRequest,
};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::tasks::{
    AudioTaskDriver, ClassificationDriver, EmbeddingDriver, ImageTaskDriver, MediaGenerationDriver,
    QuestionAnsweringDriver, RerankDriver, SimilarityDriver, TabularDriver, TextTaskDriver,
};
use botticelli_models::huggingface::HuggingFaceTasks;
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use futures::FutureExt;
use futures::future::BoxFuture;

type Call = fn(HuggingFaceTasks) -> BoxFuture<'static, Result<(), BotticelliError>>;

macro_rules! call {
    ($driver:ident, $call:expr) => {
        |$driver| async move { $call.await.map(drop) }.boxed()
    };
}

fn png() -> Media {
    Media::new(&b"\x89PNG\r\n\x1a\n"[..])
}

fn flac() -> Media {
    Media::new(&b"fLaC"[..])
}

fn table() -> Table {
    Table::new().with_column("a", ["1", "2"])
}

const LABELS: &str = r#"[[{"label":"POSITIVE","score":0.99}]]"#;

fn cases() -> Vec<(&'static str, Call)> {
    vec![
        ("[[0.5,-1.25e-3],[null,7]]", call!(driver, driver.embed(["a", "b"].into()))),
        (
            r#"{"data":[{"index":0,"embedding":"AACAPw=="}],"usage":{"prompt_tokens":1}}"#,
            call!(driver, driver.embed("a".into())),
        ),
        ("[[[[1,2],[3,4]]]]", call!(driver, driver.embed("a".into()))),
        ("[0.66,-0.93]", call!(driver, driver.similarity(SimilarityRequest::new("a", ["b", "c"])))),
        (
            r#"[[{"label":"LABEL_0","score":0.5}]]"#,
            call!(driver, driver.rerank(RerankRequest::new("a", ["b"]))),
        ),
        (LABELS, call!(driver, driver.classify("a".into()))),
        (
            r#"{"sequence":"a","labels":["x","y"],"scores":[0.7,0.3]}"#,
            call!(driver, driver.classify_zero_shot(ZeroShotRequest::new(["a"], ["x", "y"]))),
        ),
        (
            r#"[{"entity_group":"PER","score":0.9,"word":"Anna","start":0,"end":4}]"#,
            call!(driver, driver.classify_tokens("Anna".into())),
        ),
        (
            r#"[{"score":0.29,"token":1996,"token_str":"the","sequence":"the world!"}]"#,
            call!(driver, driver.fill_mask("[MASK] world!".into())),
        ),
        (
            r#"{"score":0.97,"start":25,"end":30,"answer":"Paris"}"#,
            call!(driver, driver.answer(QuestionAnsweringRequest::new("a?", "b"))),
        ),
        (
            r#"{"answer":"1","coordinates":[[0,1]],"cells":["1"],"aggregator":"SUM"}"#,
            call!(driver, driver.answer_from_table(TableQuestionRequest::new("a?", table()))),
        ),
        (r#"[{"translation_text":"Hallo"}]"#, call!(driver, driver.translate("Hello".into()))),
        (r#"[5,"good"]"#, call!(driver, driver.classify_rows(TabularRequest::new(table())))),
        (LABELS, call!(driver, driver.classify_image(png().into()))),
        (
            r#"[{"score":0.9,"label":"cat","box":{"xmin":1,"ymin":2,"xmax":3,"ymax":4}}]"#,
            call!(driver, driver.detect_objects(png().into())),
        ),
        (
            r#"[{"score":0.9,"label":"wall","mask":"iVBORw0KGgo="}]"#,
            call!(driver, driver.segment_image(png().into())),
        ),
        (
            r#"{"text":" hi","chunks":[{"text":" hi","timestamp":[0.0,null]}]}"#,
            call!(driver, driver.transcribe(flac().into())),
        ),
        (
            r#"[{"label":"x","blob":"ZkxhQw==","content-type":"audio/flac"}]"#,
            call!(driver, driver.convert_audio(flac().into())),
        ),
        (r#"{"data":[{"b64_json":"iVBORw0KGgo="}]}"#, call!(driver, driver.generate_image("Venus".into()))),
    ]
}

async fn sandbox_of(bodies: &[Vec<u8>]) -> Sandbox {
    let scripts = bodies.iter().map(|body| Script::text(200, "application/json", body.clone()));
    scripts.fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap()
}

#[tokio::test]
async fn every_cut_response_is_an_error() {
    for (body, call) in cases() {
        let mut bodies: Vec<Vec<u8>> =
            (0..body.len()).step_by(3).map(|end| body.as_bytes()[..end].to_vec()).collect();
        bodies.push(body.into());
        let sandbox = sandbox_of(&bodies).await;
        let driver = settings(&sandbox).model("any/model").provider("hf-inference").build_tasks().unwrap();
        for part in &bodies {
            let (text, result) = (String::from_utf8_lossy(part), call(driver.clone()).await);
            match result {
                Ok(()) => assert_eq!(text, body, "a part is a result"),
                Err(error) => {
                    assert_ne!(text, body, "{error}");
                    assert_eq!(error.category(), ErrorCategory::InvalidResponse, "{text}: {error}");
                }
            }
        }
    }
}

#[tokio::test]
async fn no_damaged_response_is_a_panic() {
    // Another value, another type, another nesting, at every fifth place.
    const DAMAGE: [&[u8]; 6] = [b"null", b"[", b"}", b"\"", b"-1e999", b"\xff"];
    let mut seed = 7_usize;
    for (body, call) in cases() {
        let mut bodies = Vec::new();
        for at in (0..body.len()).step_by(5) {
            seed = (seed * 31 + 11) % 997;
            let (before, after) = body.as_bytes().split_at(at);
            let skipped = seed % 4;
            let rest = after.get(skipped..).unwrap_or_default();
            bodies.push([before, DAMAGE[seed % DAMAGE.len()], rest].concat());
        }
        let sandbox = sandbox_of(&bodies).await;
        let driver = settings(&sandbox).model("any/model").provider("hf-inference").build_tasks().unwrap();
        for damaged in &bodies {
            if let Err(error) = call(driver.clone()).await {
                let message = error.to_string();
                assert!(!message.contains(Sandbox::TOKEN) && message.len() < 1_500, "{damaged:?}: {message}");
            }
        }
    }
}
