//! Distinguishes errors, and reads the partial response of an interrupted stream.
//!
//! ```text
//! cargo run --example errors
//! ```

use botticelli::sandbox::{Sandbox, Script};
use botticelli::{BotticelliDriver, BotticelliError, ErrorCategory, HuggingFaceDriver, Message, StreamExt};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let settings = |model: &str| HuggingFaceDriver::builder(model).base_url(sandbox.base_url());

    let driver = settings("gpt2").token(Sandbox::TOKEN).build()?;
    report(driver.generate("Hello".into()).await.err());

    let driver = settings("openai/gpt-oss-20b").token(Sandbox::TOKEN_WITHOUT_CREDITS).build()?;
    report(driver.generate("Hello".into()).await.err());

    report(driver.generate(Vec::<Message>::new().into()).await.err());

    let half = "data: {\"choices\":[{\"delta\":{\"content\":\"It hangs in the\"}}]}\n\n";
    let broken = Sandbox::builder()
        .with_turn(Script::stream(200, "text/event-stream").piece(half).cut())
        .start()
        .await?;
    let driver =
        HuggingFaceDriver::builder("org/model").base_url(broken.base_url()).token(Sandbox::TOKEN).build()?;
    let mut stream = driver.generate_stream("Where is it?".into()).await?;
    while let Some(chunk) = stream.next().await {
        report(chunk.err());
    }
    Ok(())
}

fn report(error: Option<BotticelliError>) {
    let Some(error) = error else { return };
    println!("{error}");
    let what_to_do = match error.category() {
        ErrorCategory::CreditsExhausted => "stop, and buy credits",
        ErrorCategory::InvalidRequest | ErrorCategory::NotChatModel => "fix the program",
        category if category.is_retryable() => "try again later",
        _ => "show it to the user",
    };
    println!("    {:?}: {what_to_do}", error.category());
    if let Some(partial) = error.partial() {
        println!("    partial response: {:?}", partial.text());
    }
    println!();
}
