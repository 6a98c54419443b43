//! Separates the reasoning of a model from its response, in all three formats that providers use.
//!
//! ```text
//! cargo run --example reasoning
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{BotticelliDriver, Delta, GenerateRequest, HuggingFaceDriver, ReasoningEffort, StreamExt};

/// The three formats of reasoning: two fields, and tags in the text.
const MODELS: [&str; 3] =
    ["sandbox/thinks-in-reasoning-content", "sandbox/thinks-in-reasoning", "sandbox/thinks-in-tags"];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    for model in MODELS {
        let driver =
            HuggingFaceDriver::builder(model).base_url(sandbox.base_url()).token(Sandbox::TOKEN).build()?;
        let request =
            GenerateRequest::from("Who painted Primavera?").with_reasoning_effort(ReasoningEffort::Low);

        let (mut thoughts, mut words) = (0, 0);
        let mut stream = driver.generate_stream(request).await?;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            match chunk.delta() {
                Delta::Reasoning(_) => thoughts += 1,
                Delta::Text(_) => words += 1,
                _ => {}
            }
            if let Some(response) = chunk.response() {
                println!("{model}");
                println!("  reasoning ({thoughts} chunks)  {}", response.reasoning().trim());
                println!("  text ({words} chunks)       {}", response.text());
            }
        }
    }
    Ok(())
}
