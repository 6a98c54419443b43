//! Interrupted streams.

use super::check::{Checked, check, failed, prompt};
use super::report::Outcome;
use super::stream::next;
use crate::BotticelliDriver;
use botticelli_error::BotticelliError;

/// Returns the text and the error of an interrupted stream.
async fn interrupted(driver: &dyn BotticelliDriver) -> Result<(String, BotticelliError), Outcome> {
    let mut stream = match driver.generate_stream(prompt(64)?).await {
        Ok(stream) => stream,
        // Before the first chunk, the call itself fails.
        Err(error) => return Ok((String::new(), error)),
    };
    let mut text = String::new();
    let error = loop {
        match next(&mut stream).await? {
            Some(Ok(chunk)) if chunk.is_final() => {
                return Err(failed("an interrupted stream ended with a final chunk"));
            }
            Some(Ok(chunk)) => text.push_str(chunk.text()),
            Some(Err(error)) => break error,
            None => return Err(failed("an interrupted stream ended without an error")),
        }
    };
    match next(&mut stream).await? {
        None => Ok((text, error)),
        Some(item) => Err(failed(format!("the stream continued after the error: {item:?}"))),
    }
}

pub(super) async fn ends_with_one_error(driver: &dyn BotticelliDriver) -> Checked {
    interrupted(driver).await?;
    match driver.generate(prompt(64)?).await {
        Ok(response) => Err(failed(format!("an interrupted plain response succeeded: {response:?}"))),
        Err(_) => Ok(()),
    }
}

pub(super) async fn keeps_the_partial_text(driver: &dyn BotticelliDriver) -> Checked {
    let (text, error) = interrupted(driver).await?;
    check(!text.is_empty(), || "no text was streamed before the interruption".to_owned())?;
    let reported = error.partial().map(|partial| partial.text().to_owned()).unwrap_or_default();
    check(reported == text, || format!("{text:?} was streamed, but the error has {reported:?}"))
}
