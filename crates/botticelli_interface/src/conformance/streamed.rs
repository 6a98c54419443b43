//! A stream, held against its contract while it is read.

use super::{Outcome, check, failed};
use crate::{BotticelliDriver, ChunkStream};
use botticelli_core::{ChunkCollector, GenerateRequest, GenerateResponse, StreamChunk};
use futures::{FutureExt, StreamExt};
use std::panic::AssertUnwindSafe;

/// The whole of a stream, and whether its pieces say the same.
pub(super) async fn streamed(
    driver: &dyn BotticelliDriver,
    request: GenerateRequest,
) -> Result<GenerateResponse, Outcome> {
    let last = final_chunk(driver, request).await?;
    last.into_response().ok_or_else(|| failed("the final chunk has no response"))
}

/// The final chunk of a stream.
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
        return Err(failed(format!("something came after the final chunk: {after:?}")));
    }
    let Some(response) = last.response() else { return Err(failed("the final chunk has no response")) };
    // Where the answer ended is not in its pieces.
    let folded = collector.finish(response.finish_reason().clone(), None);
    check(folded.text() == response.text(), || {
        format!("{:?} was streamed, the response has {:?}", folded.text(), response.text())
    })?;
    check(folded.reasoning() == response.reasoning(), || {
        "streamed reasoning and response differ".to_owned()
    })?;
    // Calls without an id get one when they are whole.
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
        format!("{:?} was streamed beside the first choice, not {:?}", texts(&folded), texts(response))
    })?;
    Ok(last)
}

type Item = <ChunkStream as futures::Stream>::Item;

/// The next item. A panic fails the case rather than the list.
pub(super) async fn next(stream: &mut ChunkStream) -> Result<Option<Item>, Outcome> {
    AssertUnwindSafe(stream.next()).catch_unwind().await.map_err(|_| failed("the stream panicked"))
}
