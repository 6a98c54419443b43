//! Writes synthetic rows to a Parquet file. The sandbox is the service.
//!
//! ```text
//! cargo run -p botticelli_optional_examples --example batch_synthetic
//! ```

use botticelli::sandbox::Sandbox;
use botticelli::{Batch, GenerateRequest, HuggingFaceDriver, JsonSchema, Sink, Table, schemars};
use serde::Deserialize;

/// A question with its answer.
#[derive(Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only the schema is used: each field becomes a column")]
struct Exercise {
    question: String,
    answer: String,
    /// From 1 (easy) to 5 (hard).
    difficulty: u8,
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

    // A row for each exercise to write.
    let topics = folder.join("topics.jsonl");
    let rows = ["fractions", "angles", "fractions"].map(|topic| format!("{{\"topic\": \"{topic}\"}}\n"));
    std::fs::write(&topics, rows.concat())?;

    let exercises = folder.join("exercises.parquet");
    let report = Batch::new(driver)
        .with_prompt("Write an exercise about {{ topic }}.")?
        .with_output::<Exercise>()?
        // Equal rows get different exercises.
        .with_repeats(true)
        .with_request(GenerateRequest::default().with_temperature(1.0))
        .run(Table::open(&topics)?, Sink::create(&exercises)?)
        .await?;
    println!("{report}\n");
    for row in Table::open(&exercises)?.rows()? {
        println!("{}", serde_json::to_string(row?.columns())?);
    }
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
