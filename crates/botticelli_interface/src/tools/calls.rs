//! The calls of one turn.

use super::events::{EventSink, ToolEvent};
use super::result::{ToolOutcome, ToolResult};
use super::set::Tools;
use botticelli_core::ToolCall;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

/// Runs the calls of one turn concurrently; the results are in the order of the calls.
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
            Ok(prepared) => {
                running.push(async move { (place, ToolResult::returned(call, prepared.await, limit)) });
            }
            Err((outcome, told)) => {
                let result = ToolResult::new(call, outcome, told, limit);
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

/// Runs none of the calls of a turn that did not end well: half a call may look like a whole one.
pub(super) async fn skip_calls(
    why: &str,
    calls: Vec<ToolCall>,
    limit: usize,
    sink: &EventSink,
) -> Vec<ToolResult> {
    let mut results = Vec::with_capacity(calls.len());
    for call in calls {
        sink.send(|| ToolEvent::Called(call.clone())).await;
        let told = format!("The tool was not run, because {why}.");
        let result = ToolResult::new(call, ToolOutcome::Unfinished, told, limit);
        sink.send(|| ToolEvent::Returned(result.clone())).await;
        results.push(result);
    }
    results
}
