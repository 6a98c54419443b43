//! The loop: ask, run what is called, ask again. Plain and streamed runs share it, so that they cannot differ.

use super::calls::{run_calls, skip_calls};
use super::conversation::Conversation;
use super::cost_tracker::CostTracker;
use super::events::{EventSink, ToolEvent};
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
        // Before the calls are run: nobody would hear of their results.
        check_turn_limit(conversation, limits)?;
        costs.check()?;
        let results = match unfinished {
            None => run_calls(tools, calls, limits.result_bytes, sink).await,
            Some(why) => skip_calls(&why, calls, limits.result_bytes, sink).await,
        };
        conversation.add_results(results);
    }
}

/// Why an answer that calls tools is not to be trusted with them: it was cut, filtered, or broke off.
fn incomplete_reason(reason: &FinishReason) -> Option<String> {
    match reason {
        FinishReason::Length => {
            Some("the answer was cut at its token limit: make the call again, shorter".to_owned())
        }
        FinishReason::ContentFilter => {
            Some("a filter took a part of the answer away: make the call again".to_owned())
        }
        FinishReason::Other(word) => Some(format!("the answer ended with {word:?}: make the call again")),
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

/// One answer, whole; its pieces are told on the way, if somebody listens.
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
    // A driver that breaks the contract of streams: the answer broke off.
    Err(InterruptedError::new(driver.provider_name()).into())
}
