//! Random mutations of responses: every call ends exactly once and in order, and nothing panics.

use crate::common::dice::Dice;
use crate::common::{collect, driver};
use botticelli_error::{BotticelliError, PartialResponse};
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use std::path::PathBuf;

#[tokio::test]
async fn every_mutated_response_ends_the_call_exactly_once() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/huggingface");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut dice = Dice(1);
    let (mut answers, mut errors) = (0, 0);
    for path in paths {
        let whole = std::fs::read(&path).unwrap();
        let is_stream = path.extension().is_some_and(|extension| extension == "sse");
        let content_type = if is_stream { "text/event-stream" } else { "application/json" };
        let mutations: Vec<_> = (0..25).map(|_| dice.mutate(&whole)).collect();
        let scripts = mutations.iter().map(|bytes| Script::stream(200, content_type).piece(bytes.as_slice()));
        let sandbox: Sandbox =
            scripts.fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap();
        let driver = driver(&sandbox);
        for mutation in mutations {
            let (chunks, error) = collect(&driver, "Hi".into()).await;
            let is_final = chunks.last().is_some_and(botticelli_core::StreamChunk::is_final);
            let shown = String::from_utf8_lossy(&mutation);
            assert!(is_final != error.is_some(), "{}: {shown}", path.display());
            let streamed: String = chunks.iter().map(botticelli_core::StreamChunk::text).collect();
            if let Some(response) = chunks.last().and_then(botticelli_core::StreamChunk::response) {
                assert_eq!(response.text(), streamed, "{}: {shown}", path.display());
                answers += 1;
            } else {
                let partial_text =
                    error.as_ref().and_then(BotticelliError::partial).map_or("", PartialResponse::text);
                assert!(partial_text.starts_with(&streamed), "{}: {shown}", path.display());
                errors += 1;
            }
        }
    }
    // The test itself must have seen both.
    assert!(answers > 300 && errors > 500, "{answers} answers, {errors} errors");
}
