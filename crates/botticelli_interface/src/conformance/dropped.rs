//! Calls that are dropped before their end.

use super::check::{Checked, check, failed, prompt};
use super::stream::next;
use super::subject::Subject;
use std::task::Poll;

/// A dropped call must end at the service, and must not affect the next call.
pub(super) async fn stops_a_call_that_is_dropped(subject: &Subject) -> Checked {
    let driver = subject.driver.as_ref();
    let mut stream = driver.generate_stream(prompt(64)?).await.map_err(failed)?;
    let first = next(&mut stream).await?.ok_or_else(|| failed("the stream was empty"))?;
    first.map_err(failed)?;
    drop(stream);
    has_ended(subject, "a stream").await?;

    let mut call = driver.generate(prompt(64)?);
    std::future::poll_fn(|context| {
        let _ = call.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
    drop(call);
    has_ended(subject, "a plain call").await?;

    let after = driver.generate(prompt(4)?).await;
    after.map(drop).map_err(|error| failed(format!("the call after a dropped one failed: {error}")))
}

async fn has_ended(subject: &Subject, what: &str) -> Checked {
    let Some(is_idle) = &subject.is_idle else { return Ok(()) };
    check(is_idle().await, || format!("{what} continues at the service after it was dropped"))
}
