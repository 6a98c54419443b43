//! The end of a response.

use super::check::{Checked, check, failed, prompt};
use super::stream::{collect, final_chunk, next};
use crate::BotticelliDriver;
use botticelli_core::FinishReason;

pub(super) async fn gives_a_finish_reason(driver: &dyn BotticelliDriver) -> Checked {
    let plain = driver.generate(prompt(16)?).await.map_err(failed)?;
    let streamed = collect(driver, prompt(16)?).await?;
    for (path, response) in [("plain", plain), ("streamed", streamed)] {
        let reason = response.finish_reason();
        check(*reason != FinishReason::Unspecified, || format!("{path}: it has no finish reason"))?;
    }
    Ok(())
}

pub(super) async fn reports_the_usage_on_the_final_chunk(driver: &dyn BotticelliDriver) -> Checked {
    let last = final_chunk(driver, prompt(4)?).await?;
    let Some(response) = last.response() else { return Err(failed("the final chunk has no response")) };
    check(last.usage().is_some(), || "the final chunk has no usage".to_owned())?;
    check(last.usage() == response.usage(), || {
        format!("the final chunk has {:?}, its response {:?}", last.usage(), response.usage())
    })?;
    check(last.finish_reason() == Some(response.finish_reason()), || {
        let (chunk, response) = (last.finish_reason(), response.finish_reason());
        format!("the final chunk ended with {chunk:?}, its response with {response}")
    })
}

pub(super) async fn returns_nothing_after_the_end(driver: &dyn BotticelliDriver) -> Checked {
    let mut stream = driver.generate_stream(prompt(4)?).await.map_err(failed)?;
    while next(&mut stream).await?.is_some() {}
    for _ in 0..3 {
        if let Some(item) = next(&mut stream).await? {
            return Err(failed(format!("polled after its end, it returned {item:?}")));
        }
    }
    Ok(())
}
