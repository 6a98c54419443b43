//! A response of a real model in this process, without a token and without a server.
//!
//! ```text
//! cargo run --release --example local                            downloads a model of 1 GB once
//! cargo run --release --example local -- "Name three colors"
//! BOTTICELLI_MODEL=smollm2-135m-instruct-q4_1.gguf cargo run --release --example local
//! ```

use botticelli::hub::{DownloadStep, Progress};
use botticelli::{BotticelliDriver, GenerateRequest, Hub, ModelsResult, StreamExt, Usage};
// In your program: `botticelli::GgufDriver`, with the feature `gguf` of the facade.
use botticelli_gguf::GgufDriver;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// Apache-2.0, for a machine with 4 GB of free memory.
const MODEL: &str = "bartowski/SmolLM2-1.7B-Instruct-GGUF:Q4_K_M";
const PROMPT: &str = "What is the capital of France? Answer in one sentence.";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let prompt = if words.is_empty() { PROMPT.to_owned() } else { words.join(" ") };

    let driver = match std::env::var_os("BOTTICELLI_MODEL") {
        Some(path) => GgufDriver::open(path)?,
        None => from_hub().await?,
    };
    let mut stream = driver.generate_stream(GenerateRequest::from(prompt).with_max_tokens(256)).await?;
    let mut response = None;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        print!("{}", chunk.text());
        std::io::stdout().flush()?;
        response = chunk.into_response();
    }
    if let Some(response) = response {
        let usage = response.usage();
        println!("\n");
        println!("finish reason  {}", response.finish_reason());
        println!("tokens         {}", usage.and_then(Usage::completion_tokens).unwrap_or_default());
        println!("cost           {}", response.cost());
    }
    Ok(())
}

/// Downloads the model, or takes it from the cache that all Hugging Face tools share.
async fn from_hub() -> ModelsResult<GgufDriver> {
    let shown = AtomicU64::new(0);
    let hub = Hub::from_env()?.with_observer(move |progress: &Progress| {
        let megabytes = progress.received / 1_000_000;
        let is_new = shown.swap(megabytes, Ordering::Relaxed) != megabytes;
        if progress.step == DownloadStep::Downloading && is_new {
            eprint!("\r{MODEL}: {megabytes} MB");
        }
    });
    let model = hub.download_gguf(MODEL).await?;
    eprintln!();
    GgufDriver::open(model.path())
}
