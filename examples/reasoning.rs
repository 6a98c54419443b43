//! What a model thinks before it answers, told apart from the answer, wherever the provider puts it.
//!
//! ```text
//! cargo run --example reasoning
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{
    BotticelliDriver, Delta, GenerateRequest, HuggingFaceDriver, Message, ReasoningEffort, StreamExt,
};

/// The three homes of reasoning: two fields, and tags in the text.
const MODELS: [&str; 3] =
    ["sandbox/thinks-in-reasoning-content", "sandbox/thinks-in-reasoning", "sandbox/thinks-in-tags"];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    for model in MODELS {
        let driver =
            HuggingFaceDriver::builder(model).base_url(sandbox.base_url()).token(Sandbox::TOKEN).build()?;
        let request = GenerateRequest::builder()
            .messages(vec![Message::user("Who painted Primavera?")])
            .reasoning_effort(ReasoningEffort::Low)
            .build()?;

        let (mut thoughts, mut words) = (0, 0);
        let mut stream = driver.generate_stream(request).await?;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            match chunk.delta() {
                Delta::Reasoning(_) => thoughts += 1,
                Delta::Text(_) => words += 1,
                _ => {}
            }
            if let Some(answer) = chunk.response() {
                println!("{model}");
                println!("  thought ({thoughts} pieces)  {}", answer.reasoning().trim());
                println!("  said ({words} pieces)     {}", answer.text());
            }
        }
    }
    Ok(())
}
