//! Completes text with a base model, over `/v1/completions` and over the API of text-generation-inference.
//!
//! ```text
//! cargo run --example completion
//! cargo run --example completion -- "Once upon a time"
//! ```

use botticelli::huggingface::Dialect;
use botticelli::sandbox::{self, Sandbox};
use botticelli::{CompletionDriver, CompletionRequest, HuggingFaceDriver, StreamExt};
use std::io::Write;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let prompt = std::env::args().nth(1).unwrap_or_else(|| "The Birth of Venus hangs in".to_owned());
    let request = CompletionRequest::from(prompt).with_max_tokens(40).with_seed(7);

    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder("google/gemma-2b")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build()?;
    let response = driver.complete(request.clone()).await?;
    println!("{}{} [{}]", request.prompt(), response.text(), response.finish_reason());

    let tgi = Sandbox::builder().with_dialect(sandbox::Dialect::Tgi3).start().await?;
    let driver = HuggingFaceDriver::builder("google/gemma-2b")
        .base_url(tgi.base_url())
        .token(Sandbox::TOKEN)
        .dialect(Dialect::Tgi)
        .build()?;
    print!("{}", request.prompt());
    let mut stream = driver.complete_stream(request).await?;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        print!("{}", chunk.text());
        std::io::stdout().flush()?;
        if let Some(response) = chunk.response() {
            println!(" [{}]", response.finish_reason());
        }
    }
    Ok(())
}
