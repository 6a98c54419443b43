//! Continues on your own machine when the credits are used up. Both servers are sandboxes here.
//!
//! ```text
//! cargo run --example fallback
//! ```

use botticelli::sandbox::{Sandbox, Script};
use botticelli::{BotticelliDriver, HuggingFaceDriver, LayerExt};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let no_credits = Script::json(402, r#"{"error": "You have exceeded your monthly included credits"}"#);
    let router = Sandbox::builder().with_turn(no_credits).start().await?;
    let local = Sandbox::start().await?;

    let paid = HuggingFaceDriver::builder("openai/gpt-oss-120b")
        .base_url(router.base_url())
        .token(Sandbox::TOKEN)
        .build()?;
    let own = HuggingFaceDriver::builder("openai/gpt-oss-20b")
        .base_url(local.base_url())
        .token(Sandbox::TOKEN)
        .build()?;
    let driver = paid.with_fallback(own);

    let response = driver.generate("Name three painters".into()).await?;
    println!("{}", response.text());
    println!("answered by {}", response.requested_model().unwrap_or_default());
    for skipped in response.skipped_routes() {
        println!("skipped     {}: {}", skipped.route(), skipped.reason());
    }
    Ok(())
}
