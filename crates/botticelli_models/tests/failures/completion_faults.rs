//! Every fault of the sandbox during text completion: the right text, or an error with the partial text.

use crate::common::settings;
use crate::common::text::collect;
use crate::common::while_steps_pass;
use botticelli_core::{RetryConfig, Timeouts};
use botticelli_error::{BotticelliError, PartialResponse};
use botticelli_interface::{CompletionDriver, FixedRandom, ManualClock};
use botticelli_models::huggingface::{Dialect, HuggingFaceDriver};
use botticelli_models::transport::Limits;
use botticelli_sandbox::{Fault, Sandbox, SandboxBuilder};
use std::sync::Arc;
use std::time::Duration;

const PROMPT: &str = "Once upon a time";

fn server() -> SandboxBuilder {
    Sandbox::builder().with_dialect(botticelli_sandbox::Dialect::Tgi3)
}

async fn ask(driver: &HuggingFaceDriver, is_streamed: bool) -> Result<String, BotticelliError> {
    if !is_streamed {
        return Ok(driver.complete(PROMPT.into()).await?.text().into_owned());
    }
    match collect(driver, PROMPT.into()).await {
        (_, Some(error)) => Err(error),
        (chunks, None) => Ok(chunks.last().unwrap().response().unwrap().text().into_owned()),
    }
}

/// The outcome of a fault that affects every attempt.
async fn met(fault: Fault, dialect: Dialect, is_streamed: bool) -> Result<String, BotticelliError> {
    let name = fault.name().to_owned();
    let sandbox = server().with_turn(fault).start().await.unwrap();
    let clock = ManualClock::default();
    let limits = Limits::default().with_event(256 << 10).with_response(256 << 10);
    let timeouts =
        Timeouts::default().with_keep_alive(Duration::from_secs(90)).with_total(Duration::from_secs(200));
    let driver = settings(&sandbox)
        .dialect(dialect)
        .retry(RetryConfig::default())
        .limits(limits)
        .timeouts(timeouts)
        .clock(Arc::new(clock.clone()))
        .random_source(Arc::new(FixedRandom(0.5)))
        .build()
        .unwrap();
    let call = tokio::spawn(async move { ask(&driver, is_streamed).await });
    // Large steps are fast, and the time of a failure does not matter here. The pauses of `slow-stream` are real time, in which
    // large steps would exceed the idle timeout.
    let step = Duration::from_secs(if name == "slow-stream" { 1 } else { 10 });
    while_steps_pass(step, &sandbox, &clock, call, &name).await
}

/// Faults that consist of chat events. In a text completion, they omit the text, repeat it, or contain another text.
const OF_CHATS: &[&str] = &["bare-chunks", "giant-tool-index", "many-tool-calls", "endless-text"];

async fn meet_all(dialect: Dialect) {
    let (mut answers, mut errors, mut wrong) = (0, 0, Vec::new());
    let healthy = server().start().await.unwrap();
    let right = ask(&settings(&healthy).dialect(dialect).build().unwrap(), false).await.unwrap();
    for fault in Fault::all().filter(|fault| !OF_CHATS.contains(&fault.name())) {
        for is_streamed in [false, true] {
            let how = format!("{} (streamed: {is_streamed})", fault.name());
            match met(fault, dialect, is_streamed).await {
                Ok(text) => {
                    if text != right {
                        wrong.push(format!("{how}: {text:?} passed for the text"));
                    }
                    answers += 1;
                }
                Err(error) => {
                    let partial = error.partial().map_or("", PartialResponse::text);
                    // Endless text differs from the right text.
                    if !right.starts_with(partial) && !fault.name().starts_with("endless-") {
                        wrong.push(format!("{how}: {partial:?} had never arrived: {error}"));
                    }
                    if fault.is_harmless() {
                        wrong.push(format!("{how} is harmless, and yet: {error}"));
                    }
                    errors += 1;
                }
            }
        }
    }
    println!("{dialect:?}: {answers} right texts, {errors} errors");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(answers > 90 && errors > 200, "{answers} right texts, {errors} errors");
}

#[tokio::test]
async fn every_fault_is_the_right_text_or_an_error_with_the_partial_text() {
    meet_all(Dialect::OpenAi).await;
}

#[tokio::test]
async fn every_fault_over_the_tgi_api_is_the_right_text_or_an_error() {
    meet_all(Dialect::Tgi).await;
}
