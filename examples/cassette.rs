//! Records a call once, and replays it without a network. Tests that use a cassette cost nothing.
//!
//! ```text
//! cargo run --example cassette
//! ```

use botticelli::cassette::Player;
use botticelli::sandbox::Sandbox;
use botticelli::{BotticelliDriver, HuggingFaceDriver, LayerExt, StreamExt};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("botticelli-cassette-{}.json", std::process::id()));
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build()?
        .with_recording(&path)?;
    let recorded = print(&driver).await?;
    drop(sandbox);

    let replayed = print(&Player::open(&path)?).await?;
    println!("{}", if recorded == replayed { "The replay is the same." } else { "The replay differs." });
    std::fs::remove_file(path)?;
    Ok(())
}

/// Prints a streamed response, and returns its text.
async fn print(driver: &dyn BotticelliDriver) -> botticelli::Result<String> {
    let mut stream = driver.generate_stream("Name three painters".into()).await?;
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        text.push_str(chunk?.text());
    }
    println!("{text}");
    Ok(text)
}
