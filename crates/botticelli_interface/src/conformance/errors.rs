//! Requests that the driver or the service must reject.

use super::check::{Checked, check, failed, has_category, prompt};
use super::report::Outcome;
use super::subject::Subject;
use crate::BotticelliDriver;
use botticelli_core::{GenerateRequest, Message};
use botticelli_error::{BotticelliError, ErrorCategory};
use futures::StreamExt;

pub(super) async fn rejects_a_request_without_messages(driver: &dyn BotticelliDriver) -> Checked {
    let empty: GenerateRequest = Vec::<Message>::new().into();
    let error = rejection(driver, empty).await?;
    has_category(&error, &[ErrorCategory::InvalidRequest])
}

pub(super) async fn rejects_an_unknown_model(subject: &Subject) -> Checked {
    let Some(model) = &subject.unknown_model else {
        return Err(Outcome::Skipped("the subject has no unknown model".to_owned()));
    };
    let error = rejection(subject.driver.as_ref(), prompt(2)?.with_model(model)).await?;
    let accepted = [ErrorCategory::NotFound, ErrorCategory::NotServed, ErrorCategory::InvalidRequest];
    has_category(&error, &accepted)?;
    check(error.to_string().contains(model), || format!("the message does not name the model: {error}"))
}

pub(super) async fn rejects_a_wrong_key(subject: &Subject) -> Checked {
    let Some(driver) = &subject.wrong_key else {
        return Err(Outcome::Skipped("the subject has no driver with a wrong key".to_owned()));
    };
    let error = rejection(driver.as_ref(), prompt(2)?).await?;
    has_category(&error, &[ErrorCategory::Authentication])
}

/// Returns the error of a plain call. A streamed call must fail with the same category.
async fn rejection(
    driver: &dyn BotticelliDriver,
    request: GenerateRequest,
) -> Result<BotticelliError, Outcome> {
    let plain = match driver.generate(request.clone()).await {
        Ok(response) => return Err(failed(format!("it answered: {response:?}"))),
        Err(error) => error,
    };
    let streamed = match driver.generate_stream(request).await {
        Err(error) => error,
        Ok(mut stream) => match stream.next().await {
            Some(Err(error)) => error,
            other => return Err(failed(format!("streamed, it answered: {other:?}"))),
        },
    };
    let (plain_is, streamed_is) = (plain.category(), streamed.category());
    check(plain_is == streamed_is, || format!("plain is {plain_is:?}, streamed is {streamed_is:?}"))?;
    Ok(plain)
}
