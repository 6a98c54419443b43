//! The loop: send the request, run the calls of the response, and repeat.
//!
//! Plain and streamed runs share the loop, so that they behave the same.

use super::calls::{run_calls, skip_calls};
use super::conversation::Conversation;
use super::cost_tracker::CostTracker;
use super::event::ToolEvent;
use super::event_sink::EventSink;
use super::limits::ToolLimits;
use super::run::ToolRun;
use super::run_error::ToolRunError;
use super::set::Tools;
use crate::BotticelliDriver;
use botticelli_core::{FinishReason, GenerateRequest, GenerateResponse};
use botticelli_error::{BotticelliError, InterruptedError, LimitError, LimitErrorKind};
use futures::StreamExt;

pub(crate) async fn run<D: BotticelliDriver + ?Sized>(
    driver: &D,
    request: GenerateRequest,
    tools: &Tools,
    limits: ToolLimits,
) -> Result<ToolRun, ToolRunError> {
    run_with_events(driver, request, tools, limits, &EventSink::disabled()).await
}

pub(super) async fn run_with_events<D: BotticelliDriver + ?Sized>(
    driver: &D,
    request: GenerateRequest,
    tools: &Tools,
    limits: ToolLimits,
    sink: &EventSink,
) -> Result<ToolRun, ToolRunError> {
    let mut conversation = Conversation::new(request);
    match run_turns(driver, &mut conversation, tools, limits, sink).await {
        Ok(()) => Ok(conversation.into_run()),
        Err(error) => Err(ToolRunError::new(error, conversation.into_run())),
    }
}

async fn run_turns<D: BotticelliDriver + ?Sized>(
    driver: &D,
    conversation: &mut Conversation,
    tools: &Tools,
    limits: ToolLimits,
    sink: &EventSink,
) -> Result<(), BotticelliError> {
    conversation.add_tools(tools)?;
    let mut costs = CostTracker::new(limits.cost);
    check_turn_limit(conversation, limits)?;
    loop {
        let request = conversation.request().clone();
        let model = request.model().unwrap_or(driver.model_name()).to_owned();
        costs.check_next(driver, &request).await?;
        let response = send_request(driver, request, sink).await?;
        let response = costs.add(driver, &model, response).await;
        let unfinished = incomplete_reason(response.finish_reason());
        let calls = conversation.add_response(response);
        if calls.is_empty() {
            return Ok(());
        }
        // Checked before the calls run, because the model could not receive their results.
        check_turn_limit(conversation, limits)?;
        costs.check()?;
        let results = match unfinished {
            None => run_calls(tools, calls, limits.result_bytes, sink).await,
            Some(why) => skip_calls(&why, calls, limits.result_bytes, sink).await,
        };
        conversation.add_results(results);
    }
}

/// Returns the reason not to run the calls of a response that ended early, as a clause.
fn incomplete_reason(reason: &FinishReason) -> Option<String> {
    match reason {
        FinishReason::Length => {
            Some("the answer was cut at its token limit; make the call again, but shorter".to_owned())
        }
        FinishReason::ContentFilter => {
            Some("a filter removed a part of the answer; make the call again".to_owned())
        }
        FinishReason::Other(word) => Some(format!("the answer ended with {word:?}; make the call again")),
        _ => None,
    }
}

fn check_turn_limit(conversation: &Conversation, limits: ToolLimits) -> Result<(), BotticelliError> {
    let limit = limits.turns;
    if usize::try_from(limit).is_ok_and(|limit| conversation.turns() >= limit) {
        return Err(LimitError::new(LimitErrorKind::Turns { limit }).into());
    }
    Ok(())
}

/// Sends the request, and returns the whole response. For a streamed run, sends each chunk to the sink on the way.
async fn send_request<D: BotticelliDriver + ?Sized>(
    driver: &D,
    request: GenerateRequest,
    sink: &EventSink,
) -> Result<GenerateResponse, BotticelliError> {
    if sink.is_disabled() {
        return driver.generate(request).await;
    }
    let mut stream = driver.generate_stream(request).await?;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        let response = chunk.response().cloned();
        sink.send(|| ToolEvent::Chunk(chunk)).await;
        if let Some(response) = response {
            return Ok(response);
        }
    }
    // The driver breaks the stream contract, so the response counts as interrupted.
    Err(InterruptedError::new(driver.provider_name()).into())
}
