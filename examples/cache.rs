//! Sends equal requests only once. Two callers with the same request at the same time share one call.
//!
//! ```text
//! cargo run --example cache
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{BotticelliDriver, Cache, GenerateRequest, HuggingFaceDriver, LayerExt};
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build()?
        .with_cache(Cache::memory().with_time_to_live(Duration::from_secs(30 * 86_400)));

    // Responses with a temperature above 0 differ on purpose, and are cached only on request.
    let request = || GenerateRequest::from("Name three painters").with_temperature(0.0);
    let (first, second) = tokio::join!(driver.generate(request()), driver.generate(request()));
    let third = driver.generate(request()).await?;
    for response in [first?, second?, third] {
        println!("{:6} {}", if response.is_cached() { "cached" } else { "sent" }, response.text());
    }
    println!("{} request reached the service", sandbox.requests().len());
    Ok(())
}
