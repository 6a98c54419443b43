//! Streams a response, and prints its provider, finish reason, tokens and cost.
//!
//! ```text
//! cargo run --example quickstart                                       your token, or else the sandbox
//! cargo run --example quickstart -- "Name three painters"
//! cargo run --example quickstart -- --model openai/gpt-oss-120b:groq
//! cargo run --example quickstart -- --base-url http://127.0.0.1:8080/v1 --model tiny-llama
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{
    BotticelliDriver, BotticelliError, BotticelliErrorKind, Cost, GenerateResponse, HuggingFaceDriver,
    HuggingFaceErrorKind, ModelsErrorKind, StreamExt, Usage,
};
use std::io::Write;
use std::process::ExitCode;

const MODEL: &str = "openai/gpt-oss-20b:cheapest";
const PROMPT: &str = "Who painted The Birth of Venus, and where does it hang?";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let model = arguments.model.as_deref().unwrap_or(MODEL);
    // The sandbox stops when it is dropped.
    let (driver, _sandbox) = match arguments.base_url {
        Some(url) => (HuggingFaceDriver::builder(model).base_url(url).build()?, None),
        None => match HuggingFaceDriver::from_env(model) {
            Ok(driver) => (driver, None),
            Err(error) if is_missing_token(&error) => {
                eprintln!(
                    "No token found, so the sandbox responds. For a real response, set HF_TOKEN (see HUGGINGFACE.md), or run a model on \
                     this machine: cargo run --release --example local"
                );
                let sandbox = Sandbox::start().await?;
                let driver = HuggingFaceDriver::builder(model)
                    .base_url(sandbox.base_url())
                    .token(Sandbox::TOKEN)
                    .build()?;
                (driver, Some(sandbox))
            }
            Err(error) => return Err(error.into()),
        },
    };

    let mut response = None;
    let mut stream = driver.generate_stream(arguments.prompt.into()).await?;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        print!("{}", chunk.text());
        std::io::stdout().flush()?;
        response = chunk.into_response();
    }
    if let Some(response) = response {
        report(&driver, model, &response).await;
    }
    Ok(())
}

async fn report(driver: &HuggingFaceDriver, model: &str, response: &GenerateResponse) {
    let tokens = |count: fn(&Usage) -> Option<u64>| {
        response.usage().and_then(count).map_or("unknown".to_owned(), |count| count.to_string())
    };
    println!("\n");
    println!("model          {model}, served as {}", response.model().unwrap_or("requested"));
    println!("provider       {}", response.provider().unwrap_or("unknown"));
    println!("finish reason  {}", response.finish_reason());
    println!(
        "tokens         {} prompt, {} completion",
        tokens(Usage::prompt_tokens),
        tokens(Usage::completion_tokens)
    );
    println!("estimated cost {}", estimated_cost(driver, model, response).await);
}

/// Multiplies the tokens by the price in the catalog. The result is an upper bound, because the catalog lists no discounts for
/// cached prompts.
async fn estimated_cost(driver: &HuggingFaceDriver, model: &str, response: &GenerateResponse) -> Cost {
    match (driver.model_info(model).await, response.usage()) {
        (Ok(Some(info)), Some(usage)) => info.cost(usage, response.provider()),
        _ => Cost::unknown(),
    }
}

/// Returns whether the token is missing. An invalid token is an error instead.
fn is_missing_token(error: &BotticelliError) -> bool {
    use HuggingFaceErrorKind::{MissingToken, SearchDisabled};
    let BotticelliErrorKind::Models(error) = error.kind() else { return false };
    matches!(error.kind(), ModelsErrorKind::HuggingFace(MissingToken { .. } | SearchDisabled { .. }))
}

struct Arguments {
    base_url: Option<String>,
    model: Option<String>,
    prompt: String,
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let usage = "usage: quickstart [--base-url URL] [--model NAME] [PROMPT]";
        let mut parsed = Self { base_url: None, model: None, prompt: PROMPT.to_owned() };
        let mut words = Vec::new();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value\n{usage}"));
            match argument.as_str() {
                "--base-url" => parsed.base_url = Some(value()?),
                "--model" => parsed.model = Some(value()?),
                "--help" | "-h" => return Err(usage.to_owned()),
                option if option.starts_with("--") => {
                    return Err(format!("there is no option {option}\n{usage}"));
                }
                word => words.push(word.to_owned()),
            }
        }
        if !words.is_empty() {
            parsed.prompt = words.join(" ");
        }
        Ok(parsed)
    }
}
