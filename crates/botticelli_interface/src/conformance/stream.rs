//! Streams, checked against the stream contract while they are read.

use super::check::{check, failed};
use super::report::Outcome;
use crate::{BotticelliDriver, ChunkStream};
use botticelli_core::{ChunkCollector, GenerateRequest, GenerateResponse, StreamChunk};
use futures::{FutureExt, StreamExt};
use std::panic::AssertUnwindSafe;

/// Returns the whole response of a stream. The chunks must add up to it.
pub(super) async fn collect(
    driver: &dyn BotticelliDriver,
    request: GenerateRequest,
) -> Result<GenerateResponse, Outcome> {
    let last = final_chunk(driver, request).await?;
    last.into_response().ok_or_else(|| failed("the final chunk has no response"))
}

/// Returns the final chunk of a stream. The chunks must add up to its response.
pub(super) async fn final_chunk(
    driver: &dyn BotticelliDriver,
    request: GenerateRequest,
) -> Result<StreamChunk, Outcome> {
    let mut stream = driver.generate_stream(request).await.map_err(failed)?;
    let mut collector = ChunkCollector::default();
    let last = loop {
        let chunk =
            next(&mut stream).await?.ok_or_else(|| failed("the stream ended without a final chunk"))?;
        let chunk = chunk.map_err(failed)?;
        if chunk.is_final() {
            break chunk;
        }
        collector.push_chunk(&chunk);
    };
    if let Some(after) = next(&mut stream).await? {
        return Err(failed(format!("the stream continued after the final chunk: {after:?}")));
    }
    let Some(response) = last.response() else { return Err(failed("the final chunk has no response")) };
    // Only the final chunk has the finish reason.
    let folded = collector.finish(response.finish_reason().clone(), None);
    check(folded.text() == response.text(), || {
        format!("{:?} was streamed, the response has {:?}", folded.text(), response.text())
    })?;
    check(folded.reasoning() == response.reasoning(), || {
        "streamed reasoning and response differ".to_owned()
    })?;
    // Calls without an id get one in the complete response, so ids may differ.
    let calls = |response: &GenerateResponse| -> Vec<(String, String)> {
        let called = response.tool_calls();
        called.map(|call| (call.name().to_owned(), call.arguments_text().to_owned())).collect()
    };
    check(calls(&folded) == calls(response), || {
        format!("{:?} was streamed, the response calls {:?}", calls(&folded), calls(response))
    })?;
    let texts = |response: &GenerateResponse| -> Vec<String> {
        response.alternatives().iter().map(|choice| choice.text().into_owned()).collect()
    };
    check(texts(&folded) == texts(response), || {
        format!(
            "{:?} was streamed for the other choices, the response has {:?}",
            texts(&folded),
            texts(response)
        )
    })?;
    Ok(last)
}

type Item = <ChunkStream as futures::Stream>::Item;

/// Returns the next item. A panic of the stream fails only the current case.
pub(super) async fn next(stream: &mut ChunkStream) -> Result<Option<Item>, Outcome> {
    AssertUnwindSafe(stream.next()).catch_unwind().await.map_err(|_| failed("the stream panicked"))
}
