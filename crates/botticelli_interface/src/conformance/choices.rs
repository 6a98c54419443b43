//! Several choices.

use super::check::{Checked, check, failed, is_unsupported};
use super::stream::collect;
use crate::BotticelliDriver;
use botticelli_core::{GenerateRequest, Message};

/// A driver without support for several choices must say so. A driver that ignores `n` fails.
pub(super) async fn returns_the_requested_number(driver: &dyn BotticelliDriver) -> Checked {
    let request = || {
        GenerateRequest::builder()
            .messages(vec![Message::user("Hello, how are you?")])
            .max_tokens(16)
            .n(2)
            .build()
            .map_err(failed)
    };
    let plain = match driver.generate(request()?).await {
        Ok(response) => response,
        Err(error) => return is_unsupported(&error),
    };
    let streamed = collect(driver, request()?).await?;
    for (path, response) in [("plain", plain), ("streamed", streamed)] {
        let numbers: Vec<u32> = response.alternatives().iter().map(|choice| choice.index).collect();
        check(numbers == [1], || {
            format!("{path}: in addition to choice 0, it returned the choices {numbers:?}")
        })?;
        let is_empty = response.alternatives().iter().any(|choice| choice.outputs.is_empty());
        check(!is_empty && !response.outputs().is_empty(), || format!("{path}: a choice is empty"))?;
    }
    Ok(())
}
