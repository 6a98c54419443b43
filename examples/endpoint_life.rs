//! The life of a dedicated endpoint: its price, its creation, a response, and its end.
//!
//! ```text
//! cargo run --example endpoint_life
//! ```
//!
//! The example runs against the sandbox, where ten minutes pass in a second. With `Endpoints::from_env()` in place of the builder, the same
//! code creates a real endpoint, which costs money.

use botticelli::endpoints::{EndpointProgress, EndpointSpec, Endpoints};
use botticelli::sandbox::Sandbox;
use botticelli::{BotticelliDriver, Usd};
use std::time::{Duration, Instant};

const NAME: &str = "my-assistant";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The sandbox stops when it is dropped.
    let started = Instant::now();
    let sandbox = Sandbox::builder().with_clock(move || started.elapsed() * 600).start().await?;
    let endpoints = Endpoints::builder()
        .with_base_url(sandbox.management_url())
        .with_namespace("sandbox")
        .with_token(Sandbox::TOKEN)
        .with_max_price_per_hour(Usd::parse("1.00")?)
        .with_poll_interval(Duration::from_millis(10))
        .with_observer(|progress: &EndpointProgress| println!("  {}", progress.state()))
        .build()?;

    // A price above the limit is refused before anything is created.
    let spec = EndpointSpec::new(NAME, "openai/gpt-oss-20b").with_task("text-generation");
    let large = spec.clone().with_region("gcp", "us-east4").with_instance("nvidia-h100", "x1");
    if let Err(error) = endpoints.create(&large).await {
        println!("{error}\n");
    }

    let spec = spec.with_instance("nvidia-l4", "x1");
    println!("created, for up to {} per hour:", endpoints.price(&spec).await?.max_per_hour());
    endpoints.create(&spec).await?;
    let endpoint = endpoints.wait_until_running(NAME).await?;
    let response = endpoint.driver()?.generate("Who painted The Birth of Venus?".into()).await?;
    println!("{}\n", response.text());
    println!("the last line of its log: {}", endpoints.logs(NAME, 1).await?.trim());

    println!("paused: {}", endpoints.pause(NAME).await?.state());
    endpoints.delete(NAME).await?;
    println!("{} endpoints are left", endpoints.list().await?.len());
    Ok(())
}
