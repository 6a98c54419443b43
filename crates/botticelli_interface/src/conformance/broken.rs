//! Streams that break off.

use super::streamed::next;
use super::{Checked, Outcome, check, failed, prompt};
use crate::BotticelliDriver;
use botticelli_error::BotticelliError;

/// What a stream gave before it broke off: its text, and the error.
async fn broken(driver: &dyn BotticelliDriver) -> Result<(String, BotticelliError), Outcome> {
    let mut stream = match driver.generate_stream(prompt(64)?).await {
        Ok(stream) => stream,
        // Before the first piece, it is the error of the call.
        Err(error) => return Ok((String::new(), error)),
    };
    let mut text = String::new();
    let error = loop {
        match next(&mut stream).await? {
            Some(Ok(chunk)) if chunk.is_final() => {
                return Err(failed("a stream that broke off passed for a whole answer"));
            }
            Some(Ok(chunk)) => text.push_str(chunk.text()),
            Some(Err(error)) => break error,
            None => return Err(failed("a stream that broke off ended without an error")),
        }
    };
    match next(&mut stream).await? {
        None => Ok((text, error)),
        Some(item) => Err(failed(format!("something came after the error: {item:?}"))),
    }
}

pub(super) async fn ends_with_one_error(driver: &dyn BotticelliDriver) -> Checked {
    broken(driver).await?;
    match driver.generate(prompt(64)?).await {
        Ok(response) => {
            Err(failed(format!("a plain answer that broke off passed for a whole one: {response:?}")))
        }
        Err(_) => Ok(()),
    }
}

pub(super) async fn keeps_the_partial_text(driver: &dyn BotticelliDriver) -> Checked {
    let (text, error) = broken(driver).await?;
    check(!text.is_empty(), || "nothing was streamed before it broke off".to_owned())?;
    let kept = error.partial().map(|partial| partial.text().to_owned()).unwrap_or_default();
    check(kept == text, || format!("{text:?} was streamed, and the error keeps {kept:?}"))
}
