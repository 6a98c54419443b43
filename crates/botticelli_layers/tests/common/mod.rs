//! Helpers of several tests.
#![allow(dead_code, reason = "each test file uses a part of it")]

use botticelli_core::{Delta, FinishReason, GenerateRequest, StreamChunk, Usage};
use botticelli_error::{BotticelliError, BuilderError, HttpError, HttpErrorKind};
use botticelli_interface::ChunkStream;
use botticelli_layers::mock::{MockDriver, MockReply};
use futures::StreamExt;

/// Reads a stream to its end, and polls it a few times more.
pub(crate) async fn read(mut stream: ChunkStream) -> Vec<Result<StreamChunk, BotticelliError>> {
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item);
    }
    for _ in 0..3 {
        assert!(stream.next().await.is_none(), "the stream continued after its end");
    }
    items
}

/// Returns the texts of all chunks but the final one.
pub(crate) fn texts(items: &[Result<StreamChunk, BotticelliError>]) -> Vec<&str> {
    items.iter().flatten().filter(|chunk| !chunk.is_final()).map(StreamChunk::text).collect()
}

/// Returns the error of a connection that broke.
pub(crate) fn disconnected() -> HttpError {
    HttpError::new(HttpErrorKind::Disconnected, "mock")
}

/// Returns a driver that behaves like a model: it obeys `max_tokens`, calls required tools and knows one model.
pub(crate) fn model() -> MockDriver {
    MockDriver::replying(|call| {
        if let Some(model) = call.model().filter(|model| *model != "mock-model") {
            let reason = "it does not exist";
            return MockReply::error(BuilderError::refused(
                "GenerateRequest",
                "model",
                model,
                reason,
                "use mock-model",
            ));
        }
        let words = ["I ", "am ", "fine, ", "thank ", "you."];
        let limit =
            call.max_tokens().map_or(words.len(), |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let used = limit.min(words.len());
        if let Some(tool) = call.chat().and_then(|request| request.tools().first()) {
            return MockReply::tool_call(tool.name(), r#"{"city":"Florence"}"#).with_usage(Usage::new(
                Some(5),
                Some(1),
                Some(6),
            ));
        }
        let reason = if limit < words.len() { FinishReason::Length } else { FinishReason::Stop };
        let reply = MockReply::chunks(words.into_iter().take(limit))
            .with_usage(Usage::new(Some(5), u64::try_from(used).ok(), None))
            .with_finish_reason(reason);
        match call.chat().and_then(GenerateRequest::n) {
            Some(2) => reply.with_choice(1, Delta::Text("Well.".to_owned())),
            _ => reply,
        }
    })
}

/// Returns a driver whose replies break off after some text.
pub(crate) fn broken_model() -> MockDriver {
    MockDriver::answering([MockReply::chunks(["I am"]).then_error(disconnected())]).repeating()
}
