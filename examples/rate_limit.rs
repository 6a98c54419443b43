//! Sends at most two requests at a time, and at most 600 a minute. The calls wait for their turn.
//!
//! ```text
//! cargo run --example rate_limit
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{BotticelliDriver, HuggingFaceDriver, LayerExt, RateLimit};
use std::time::Instant;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build()?
        .with_rate_limit(RateLimit::requests_per_minute(600).with_max_in_flight(2));

    let started = Instant::now();
    let ask = async |number: u32| {
        let response = driver.generate(format!("Count to {number}").into()).await?;
        println!("after {:4} ms: {}", started.elapsed().as_millis(), response.text());
        Ok::<_, botticelli::BotticelliError>(())
    };
    tokio::try_join!(ask(1), ask(2), ask(3), ask(4), ask(5))?;
    Ok(())
}
