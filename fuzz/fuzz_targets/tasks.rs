//! Responses of a server to tasks, in each API: no panic, the number of results that was asked for, a message of bounded
//! length, and never the token. `canned.rs` describes the input.
#![no_main]

#[path = "../canned.rs"]
mod canned;

use crate::canned::CannedAnswer;
use botticelli_core::RetryConfig;
use botticelli_core::tasks::{
    EmbeddingRequest, Media, QuestionAnsweringRequest, RerankRequest, SparseEmbeddingRequest, Table,
    TabularRequest, ZeroShotRequest,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::{
    AudioTaskDriver, ClassificationDriver, EmbeddingDriver, ImageTaskDriver, MediaGenerationDriver,
    QuestionAnsweringDriver, RerankDriver, SparseEmbeddingDriver, TabularDriver, TextTaskDriver,
};
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, HuggingFaceTasks, TaskApi};
use botticelli_models::transport::fuzzing::respond_with;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

const TOKEN: &str = "a-word-of-the-house";

fuzz_target!(|input: &[u8]| {
    if let Some(answer) = CannedAnswer::read(input, TOKEN) {
        RUNTIME.block_on(async {
            for driver in DRIVERS.iter() {
                ask(driver, &answer).await;
            }
        });
    }
});

async fn ask(driver: &HuggingFaceTasks, answer: &CannedAnswer) {
    respond_with({
        let answer = answer.clone();
        move |request_url| answer.response(request_url)
    });
    // A batch at fault is sent again in smaller parts, and the same response then has the wrong number of results.
    let embedded = driver.embed(EmbeddingRequest::from(["one", "two"])).await;
    if let Some(response) = checked(embedded, answer) {
        assert_eq!(response.embeddings().len(), 2);
        assert!(response.embeddings().iter().all(|embedding| embedding.dimensions() > 0));
    }
    let sparse = driver.embed_sparse(SparseEmbeddingRequest::from(["one", "two"])).await;
    if let Some(response) = checked(sparse, answer) {
        assert_eq!(response.embeddings().len(), 2);
    }
    if let Some(response) = checked(driver.rerank(RerankRequest::new("query", ["a", "b"])).await, answer) {
        assert!(response.documents().iter().all(|document| document.index() < 2));
    }
    if let Some(response) = checked(driver.classify("text".into()).await, answer) {
        assert_eq!(response.results().len(), 1);
    }
    let zero_shot = ZeroShotRequest::new(["text"], ["a", "b"]);
    checked(driver.classify_zero_shot(zero_shot).await, answer);
    checked(driver.classify_tokens("text".into()).await, answer);
    checked(driver.answer(QuestionAnsweringRequest::new("Who?", "She.")).await, answer);
    checked(driver.fill_mask("a [MASK]".into()).await, answer);
    checked(driver.summarize("text".into()).await, answer);
    let table = Table::new().with_column("a", ["1"]);
    checked(driver.predict_rows(TabularRequest::new(table)).await, answer);
    checked(driver.detect_objects(image().into()).await, answer);
    checked(driver.segment_image(image().into()).await, answer);
    checked(driver.transcribe(Media::new(&b"fLaC"[..]).into()).await, answer);
    if let Some(response) = checked(driver.generate_image("Venus".into()).await, answer) {
        assert!(!response.media().data().is_empty(), "an image without bytes");
    }
}

fn image() -> Media {
    Media::new(&b"\x89PNG\r\n\x1a\n"[..])
}

/// Checks the properties of every error, and returns a successful response.
fn checked<T>(outcome: Result<T, BotticelliError>, answer: &CannedAnswer) -> Option<T> {
    let error = match outcome {
        Ok(response) => {
            assert!(answer.status < 300, "HTTP {} is no success", answer.status);
            return Some(response);
        }
        Err(error) => error,
    };
    let shown = error.to_string();
    let length = shown.chars().count();
    assert!(length <= 10 * 300 + 200 + 1_000, "a message of {length} characters");
    let debug = format!("{error:?} {:#?} {} {:?}", error.kind(), error.advice(), error.request_id());
    for text in [shown, debug] {
        assert!(!text.contains(TOKEN), "the token is in {text}");
    }
    None
}

// The target has no network: an unexpected second attempt would panic.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

static DRIVERS: LazyLock<Vec<HuggingFaceTasks>> = LazyLock::new(|| {
    let driver = |api: TaskApi| {
        HuggingFaceDriver::builder("org/name")
            .base_url("http://127.0.0.1:9")
            .token(TOKEN)
            .environment(Environment::empty())
            .retry(RetryConfig::never())
            .build_tasks()
            .expect("a driver")
            .with_api(api)
    };
    [TaskApi::Endpoint, TaskApi::OpenAi, TaskApi::Tei].map(driver).into()
});
