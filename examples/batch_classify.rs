//! Labels the rows of a CSV file, and keeps the cost within a budget. The sandbox is the service.
//!
//! ```text
//! cargo run --example batch_classify
//! ```
//!
//! The sandbox fills a schema with each `name=value` of the prompt. A model understands the review.

use botticelli::sandbox::Sandbox;
use botticelli::{
    Batch, Budget, GenerateRequest, HuggingFaceDriver, JsonSchema, LayerExt, Ledger, Sink, Table, Usd,
    schemars,
};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only the schema is used: each field becomes a column")]
struct Label {
    sentiment: Sentiment,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Sentiment {
    Positive,
    Neutral,
    Negative,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:fireworks-ai")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        // At Hugging Face's router, prices are on by default.
        .catalog_prices(true)
        .build()?
        .with_budget(Budget::per_month(Usd::parse("0.10")?).with_ledger(Ledger::memory()));
    let folder = std::env::temp_dir().join(format!("botticelli-batch-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let labels = folder.join("labels.csv");

    let batch = Batch::new(driver)
        .with_prompt("Classify the sentiment of this review:\n{{ text }}")?
        .with_output::<Label>()?
        .with_request(GenerateRequest::default().with_max_tokens(100));
    let (table, sink) = (Table::open("examples/batch/reviews.csv")?, Sink::create(&labels)?);

    // Nothing is sent yet.
    let estimate = batch.estimate(&table, &sink).await?;
    println!("estimate: {estimate}");

    // The file appears when all rows have an answer. If the program is killed, the same call continues, and pays only for the rest.
    let report = batch.run(table, sink).await?.into_complete()?;
    println!("report:   {report}\n");
    print!("{}", std::fs::read_to_string(&labels)?);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
