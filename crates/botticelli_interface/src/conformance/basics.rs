//! Plain prompts.

use super::check::{Checked, check, failed, prompt};
use super::stream::collect;
use crate::BotticelliDriver;
use botticelli_core::{FinishReason, GenerateRequest, Message, Usage};

pub(super) async fn answers_a_prompt(driver: &dyn BotticelliDriver) -> Checked {
    let response = driver.generate(prompt(16)?).await.map_err(failed)?;
    check(!response.outputs().is_empty(), || format!("no output in {response:?}"))
}

pub(super) async fn streams_a_response_that_ends_once(driver: &dyn BotticelliDriver) -> Checked {
    let response = collect(driver, prompt(16)?).await?;
    check(!response.outputs().is_empty(), || format!("no output in {response:?}"))
}

pub(super) async fn folds_a_stream_into_the_plain_response(driver: &dyn BotticelliDriver) -> Checked {
    let plain = driver.generate(prompt(16)?).await.map_err(failed)?;
    let streamed = collect(driver, prompt(16)?).await?;
    // Servers trim white space at both ends of a plain response, but not in a stream.
    let is_same = plain.text().trim() == streamed.text().trim();
    check(is_same, || format!("plain {:?}, streamed {:?}", plain.text(), streamed.text()))?;
    let (plain, streamed) = (plain.finish_reason(), streamed.finish_reason());
    check(plain == streamed, || format!("plain ends with {plain}, streamed with {streamed}"))
}

pub(super) async fn reports_usage(driver: &dyn BotticelliDriver) -> Checked {
    let plain = driver.generate(prompt(4)?).await.map_err(failed)?;
    let streamed = collect(driver, prompt(4)?).await?;
    for (path, response) in [("plain", plain), ("streamed", streamed)] {
        let tokens = response.usage().and_then(Usage::completion_tokens);
        check(tokens.is_some_and(|tokens| tokens > 0), || format!("{path}: {:?}", response.usage()))?;
    }
    Ok(())
}

pub(super) async fn stops_at_max_tokens(driver: &dyn BotticelliDriver) -> Checked {
    let plain = driver.generate(prompt(2)?).await.map_err(failed)?;
    let streamed = collect(driver, prompt(2)?).await?;
    for (path, response) in [("plain", plain), ("streamed", streamed)] {
        let reason = response.finish_reason();
        check(*reason == FinishReason::Length, || format!("{path}: it ended with {reason}"))?;
    }
    Ok(())
}

pub(super) async fn accepts_a_system_message(driver: &dyn BotticelliDriver) -> Checked {
    let request = GenerateRequest::builder()
        .messages(vec![Message::system("You are brief."), Message::user("Hello")])
        .max_tokens(4)
        .build()
        .map_err(failed)?;
    driver.generate(request).await.map(drop).map_err(failed)
}
