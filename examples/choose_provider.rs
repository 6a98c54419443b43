//! Who offers what, at what price; and a request that is sent to the cheapest who can answer it.
//!
//! ```text
//! cargo run --example choose_provider               your token, or the sandbox (whose prices are made up) without one
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
        // At the router of Hugging Face the choice is made anyway; elsewhere it has to be asked for.
        builder = builder.base_url(sandbox.base_url()).token(Sandbox::TOKEN).choose_provider(true);
    }
    let driver = builder.build()?;

    // What the catalogue says: the cheapest first.
    let need = ModelFilter::new().with_tools().with_context_length(60_000).with_text("gpt-oss");
    println!("With tools and a context of 60,000 tokens:");
    for offer in driver.catalog().search(&need).await? {
        println!("  {:<36} {}", offer.route(), price(&offer));
    }

    // A long answer is not everybody's: a provider is chosen that takes it.
    let request = GenerateRequest::builder()
        .messages(vec![Message::user("Tell the life of Sandro Botticelli.")])
        .max_tokens(20_000)
        .build()?;
    let answer = driver.generate(request).await?;
    if let Some(routing) = answer.routing() {
        println!("\nAsked for {MODEL}, sent to {}: {}.", routing.model(), routing.reason());
    }
    println!("Served by {}.", answer.provider().unwrap_or("somebody"));

    // And what nobody can do is told before anything is sent.
    let duck = Message::user("What is on it?").with(Input::image_url("https://example.org/duck.png"));
    match driver.generate(duck.into()).await {
        Err(error) if error.category() == ErrorCategory::Unsupported => println!("\n{error}"),
        Err(error) => return Err(error.into()),
        Ok(answer) => println!("\n{}", answer.text()),
    }
    Ok(())
}

/// Prices are whole nano-dollars for a million tokens.
fn price(offer: &ModelMatch) -> String {
    let cents =
        |nano_dollars: u64| format!("{}.{} ct", nano_dollars / 10_000_000, nano_dollars / 1_000_000 % 10);
    match offer.provider.price {
        Some(price) => format!("{} in, {} out", cents(price.prompt), cents(price.completion)),
        None => "no price".to_owned(),
    }
}
