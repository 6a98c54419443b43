//! Several choices.

use super::streamed::streamed;
use super::{Checked, check, failed, is_refused_by_name};
use crate::BotticelliDriver;
use botticelli_core::{GenerateRequest, Message};

/// A driver that cannot give several says so; one that ignores `n` does not.
pub(super) async fn gives_as_many_choices(driver: &dyn BotticelliDriver) -> Checked {
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
        Err(error) => return is_refused_by_name(&error),
    };
    let streamed = streamed(driver, request()?).await?;
    for (how, response) in [("plain", plain), ("streamed", streamed)] {
        let numbers: Vec<u32> = response.alternatives().iter().map(|choice| choice.index).collect();
        check(numbers == [1], || {
            format!("{how}: beside the first choice it gave those numbered {numbers:?}")
        })?;
        let is_empty = response.alternatives().iter().any(|choice| choice.outputs.is_empty());
        check(!is_empty && !response.outputs().is_empty(), || format!("{how}: a choice is empty"))?;
    }
    Ok(())
}
