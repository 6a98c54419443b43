//! Extracts typed columns from the rows of a JSON Lines file, and shows the progress. The sandbox is the service.
//!
//! ```text
//! cargo run --example batch_extract
//! ```
//!
//! The sandbox fills a schema with each `name=value` of the prompt. A model understands the letter.

use botticelli::sandbox::Sandbox;
use botticelli::{Batch, Extra, HuggingFaceDriver, JsonSchema, Sink, Table, schemars};
use serde::Deserialize;

/// An event.
#[derive(Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only the schema is used: each field becomes a column")]
struct Event {
    /// Title, in one or two words.
    title: String,
    day: Day,
    /// Place, if the text names one.
    place: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Day {
    Thursday,
    Friday,
    Saturday,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:fireworks-ai")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build()?;
    let folder = std::env::temp_dir().join(format!("botticelli-batch-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let events = folder.join("events.jsonl");

    let report = Batch::new(driver)
        .with_prompt("Which event does this letter announce?\n{{ letter }}")?
        .with_output::<Event>()?
        .with_columns([Extra::CompletionTokens, Extra::Error])
        .with_observer(|progress| eprintln!("{progress}"))
        .run(Table::open("examples/batch/letters.jsonl")?, Sink::create(&events)?)
        .await?;
    println!("{report}\n");
    print!("{}", std::fs::read_to_string(&events)?);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
