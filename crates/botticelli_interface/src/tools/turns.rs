//! The loop: ask, run what is called, ask again. Plain and streamed runs share it, so that they cannot differ.

use super::calls::{leave_calls, run_calls};
use super::conversation::Conversation;
use super::cost_tracker::Spending;
use super::events::{Teller, ToolEvent};
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
    run_telling(driver, request, tools, limits, &Teller::silent()).await
}

pub(super) async fn run_telling<D: BotticelliDriver + ?Sized>(
    driver: &D,
    request: GenerateRequest,
    tools: &Tools,
    limits: ToolLimits,
    teller: &Teller,
) -> Result<ToolRun, ToolRunError> {
    let mut conversation = Conversation::new(request);
    match converse(driver, &mut conversation, tools, limits, teller).await {
        Ok(()) => Ok(conversation.into_run()),
        Err(error) => Err(ToolRunError::new(error, conversation.into_run())),
    }
}

async fn converse<D: BotticelliDriver + ?Sized>(
    driver: &D,
    conversation: &mut Conversation,
    tools: &Tools,
    limits: ToolLimits,
    teller: &Teller,
) -> Result<(), BotticelliError> {
    conversation.equip(tools)?;
    let mut spending = Spending::new(limits.cost);
    may_ask_again(conversation, limits)?;
    loop {
        let request = conversation.request().clone();
        let model = request.model().unwrap_or(driver.model_name()).to_owned();
        spending.permits(driver, &request).await?;
        let response = ask(driver, request, teller).await?;
        let response = spending.count(driver, &model, response).await;
        let unfinished = unfinished(response.finish_reason());
        let calls = conversation.hear(response);
        if calls.is_empty() {
            return Ok(());
        }
        // Before the calls are run: nobody would hear of their results.
        may_ask_again(conversation, limits)?;
        spending.check()?;
        let results = match unfinished {
            None => run_calls(tools, calls, limits.result_bytes, teller).await,
            Some(why) => leave_calls(&why, calls, limits.result_bytes, teller).await,
        };
        conversation.answer(results);
    }
}

/// Why an answer that calls tools is not to be trusted with them: it was cut, filtered, or broke off.
fn unfinished(reason: &FinishReason) -> Option<String> {
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

fn may_ask_again(conversation: &Conversation, limits: ToolLimits) -> Result<(), BotticelliError> {
    let limit = limits.turns;
    if usize::try_from(limit).is_ok_and(|limit| conversation.turns() >= limit) {
        return Err(LimitError::new(LimitErrorKind::Turns { limit }).into());
    }
    Ok(())
}

/// One answer, whole; its pieces are told on the way, if somebody listens.
async fn ask<D: BotticelliDriver + ?Sized>(
    driver: &D,
    request: GenerateRequest,
    teller: &Teller,
) -> Result<GenerateResponse, BotticelliError> {
    if teller.is_silent() {
        return driver.generate(request).await;
    }
    let mut stream = driver.generate_stream(request).await?;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        let response = chunk.response().cloned();
        teller.tell(|| ToolEvent::Chunk(chunk)).await;
        if let Some(response) = response {
            return Ok(response);
        }
    }
    // A driver that breaks the contract of streams: the answer broke off.
    Err(InterruptedError::new(driver.provider_name()).into())
}
