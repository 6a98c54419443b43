//! Lists providers with their prices, and sends a request to the cheapest one that supports it.
//!
//! ```text
//! cargo run --example choose_provider               your token, or else the sandbox with example prices
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{
    BotticelliDriver, Environment, ErrorCategory, GenerateRequest, HuggingFaceDriver, Input, Message,
    ModelFilter, ModelMatch,
};

const MODEL: &str = "openai/gpt-oss-20b:cheapest";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let environment = Environment::process();
    let has_token = HuggingFaceDriver::builder(MODEL).environment(environment.clone()).build().is_ok();
    let sandbox = if has_token { None } else { Some(Sandbox::start().await?) };
    let mut builder = HuggingFaceDriver::builder(MODEL).environment(environment);
    if let Some(sandbox) = &sandbox {
        // The driver chooses by default at the Hugging Face router only.
        builder = builder.base_url(sandbox.base_url()).token(Sandbox::TOKEN).choose_provider(true);
    }
    let driver = builder.build()?;

    // The catalog, cheapest first.
    let filter = ModelFilter::new().with_tools().with_context_length(60_000).with_text("gpt-oss");
    println!("With tools and a context of 60,000 tokens:");
    for found in driver.catalog().search(&filter).await? {
        println!("  {:<36} {}", found.route(), price(&found));
    }

    // Not every provider supports a long response. The driver chooses one that does.
    let request = GenerateRequest::from("Tell the life of Sandro Botticelli.").with_max_tokens(20_000);
    let response = driver.generate(request).await?;
    if let Some(routing) = response.routing() {
        println!("\nRequested {MODEL}, sent to {}: {}.", routing.model(), routing.reason());
    }
    println!("Served by {}.", response.provider().unwrap_or("an unknown provider"));

    // If no provider supports the request, the call fails before anything is sent.
    let duck = Message::user("What is on it?").with(Input::image_url("https://example.org/duck.png"));
    match driver.generate(duck.into()).await {
        Err(error) if error.category() == ErrorCategory::Unsupported => println!("\n{error}"),
        Err(error) => return Err(error.into()),
        Ok(response) => println!("\n{}", response.text()),
    }
    Ok(())
}

fn price(found: &ModelMatch) -> String {
    found.provider.price.map_or_else(|| "no price".to_owned(), |price| price.to_string())
}
