//! What goes wrong, told apart; and what had arrived of an answer that broke off.
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
    tell(driver.generate("Hello".into()).await.err());

    let driver = settings("openai/gpt-oss-20b").token(Sandbox::TOKEN_WITHOUT_CREDITS).build()?;
    tell(driver.generate("Hello".into()).await.err());

    tell(driver.generate(Vec::<Message>::new().into()).await.err());

    let half = "data: {\"choices\":[{\"delta\":{\"content\":\"It hangs in the\"}}]}\n\n";
    let broken = Sandbox::builder()
        .with_turn(Script::stream(200, "text/event-stream").piece(half).cut())
        .start()
        .await?;
    let driver =
        HuggingFaceDriver::builder("org/model").base_url(broken.base_url()).token(Sandbox::TOKEN).build()?;
    let mut stream = driver.generate_stream("Where is it?".into()).await?;
    while let Some(chunk) = stream.next().await {
        tell(chunk.err());
    }
    Ok(())
}

fn tell(error: Option<BotticelliError>) {
    let Some(error) = error else { return };
    println!("{error}");
    let what_to_do = match error.category() {
        ErrorCategory::CreditsExhausted => "stop, and tell whoever pays",
        ErrorCategory::InvalidRequest | ErrorCategory::NotChatModel => "mend the program",
        category if category.is_retryable() => "try again in a while",
        _ => "tell the user",
    };
    println!("    {:?}: {what_to_do}", error.category());
    if let Some(partial) = error.partial() {
        println!("    what had arrived: {:?}", partial.text());
    }
    println!();
}
