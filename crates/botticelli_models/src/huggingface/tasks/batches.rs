//! Long lists of inputs, split into several requests.

use super::call::TaskCall;
use botticelli_error::{BotticelliError, ErrorCategory};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::future::Future;
use std::ops::Range;

/// Calls `call` with ranges of at most `size` inputs, several at a time, and returns the results in order.
///
/// If a range fails because of its content, the note of the error names the input. Smaller ranges are sent to find it. The error may be
/// billed if another range was sent.
pub(super) async fn in_batches<T, F, Fut>(
    of: &TaskCall<'_>,
    size: usize,
    count: usize,
    call: F,
) -> Result<Vec<T>, BotticelliError>
where
    T: Send,
    F: Fn(Range<usize>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<T, BotticelliError>> + Send,
{
    if count > 1 {
        of.record.expect_several();
    }
    if count <= size {
        return match call(0..count).await {
            Ok(value) => Ok(vec![value]),
            Err(error) if count > 1 && is_about_content(&error) => {
                Err(name_input(0..count, error, &call).await)
            }
            Err(error) => Err(error),
        };
    }
    let starts: Vec<usize> = (0..count).step_by(size).collect();
    let call = &call;
    let attempt = |start: usize| async move {
        let range = start..start.saturating_add(size).min(count);
        call(range.clone()).await.map_err(|error| (range, error))
    };
    let results = stream::iter(starts).map(attempt).buffered(of.driver.concurrency).try_collect();
    match results.await {
        Ok(values) => Ok(values),
        // Nothing was sent, so the error is about all inputs.
        Err((_, error)) if error.category() == ErrorCategory::Unsupported => Err(error),
        Err((range, error)) => Err(name_input(range, error, call).await.with_billing(true)),
    }
}

/// Returns whether the content of the request can be the cause of an error, and the request was not billed.
fn is_about_content(error: &BotticelliError) -> bool {
    let category = error.category();
    matches!(
        category,
        ErrorCategory::InvalidRequest
            | ErrorCategory::ContextExceeded
            | ErrorCategory::TooLarge
            | ErrorCategory::Filtered
    ) && !error.may_be_billed()
}

/// Adds the input, or the range of inputs, to the error of a request.
async fn name_input<T, F, Fut>(failed: Range<usize>, error: BotticelliError, call: &F) -> BotticelliError
where
    F: Fn(Range<usize>) -> Fut,
    Fut: Future<Output = Result<T, BotticelliError>>,
{
    let whole = match failed.len() {
        1 => format!("The error is about input {} (counted from 0).", failed.start),
        _ => format!(
            "The request had the inputs {} to {} (counted from 0).",
            failed.start,
            failed.end.saturating_sub(1)
        ),
    };
    if failed.len() < 2 || !is_about_content(&error) {
        return error.with_note(whole);
    }
    let (mut range, mut is_billed) = (failed, false);
    while range.len() > 1 {
        let middle = range.start.saturating_add(range.len() / 2);
        match call(range.start..middle).await {
            Ok(_) => {
                is_billed = true;
                range.start = middle;
            }
            Err(probe) if is_about_content(&probe) => range.end = middle,
            Err(probe) => return error.with_note(whole).with_billing(is_billed || probe.may_be_billed()),
        }
    }
    match call(range.clone()).await {
        Err(probe) if is_about_content(&probe) => {
            let note = format!("The error is about input {} (counted from 0).", range.start);
            probe.with_note(note).with_billing(is_billed)
        }
        _ => {
            let note = format!("{whole} Smaller requests are accepted, so lower the batch size.");
            error.with_note(note).with_billing(true)
        }
    }
}
