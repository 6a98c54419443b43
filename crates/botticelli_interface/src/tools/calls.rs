//! The calls of one turn.

use super::event::ToolEvent;
use super::event_sink::EventSink;
use super::model_messages;
use super::result::{ToolOutcome, ToolResult};
use super::set::Tools;
use botticelli_core::ToolCall;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

/// Runs the calls of one turn concurrently, and returns the results in the order of the calls.
pub(super) async fn run_calls(
    tools: &Tools,
    calls: Vec<ToolCall>,
    limit: usize,
    sink: &EventSink,
) -> Vec<ToolResult> {
    let mut results = Vec::with_capacity(calls.len());
    let mut running = FuturesUnordered::new();
    for (place, call) in calls.into_iter().enumerate() {
        sink.send(|| ToolEvent::Called(call.clone())).await;
        match tools.prepare(&call).await {
            Ok(pending) => {
                running.push(async move { (place, ToolResult::returned(call, pending.await, limit)) });
            }
            Err((outcome, message)) => {
                let result = ToolResult::new(call, outcome, message, limit);
                sink.send(|| ToolEvent::Returned(result.clone())).await;
                results.push((place, result));
            }
        }
    }
    while let Some((place, result)) = running.next().await {
        sink.send(|| ToolEvent::Returned(result.clone())).await;
        results.push((place, result));
    }
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Skips the calls of a response that ended early, because an incomplete call may look like a complete one.
pub(super) async fn skip_calls(
    reason: &str,
    calls: Vec<ToolCall>,
    limit: usize,
    sink: &EventSink,
) -> Vec<ToolResult> {
    let mut results = Vec::with_capacity(calls.len());
    for call in calls {
        sink.send(|| ToolEvent::Called(call.clone())).await;
        let message = model_messages::skipped(reason);
        let result = ToolResult::new(call, ToolOutcome::Unfinished, message, limit);
        sink.send(|| ToolEvent::Returned(result.clone())).await;
        results.push(result);
    }
    results
}
