//! Answers the rows of a table: `bench_batch loop|batch BASE_URL IN OUT AT_ONCE`. `bench_batch convert IN OUT` converts a table.

use bench_contract::{MODEL, TOKEN};
use botticelli::{Batch, BotticelliDriver, GenerateRequest, HuggingFaceDriver, Sink, StreamExt, Table};
use futures::stream;
use serde_json::{Map, Value};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

type AnyError = Box<dyn std::error::Error>;

type Columns = Map<String, Value>;

const PROMPT: &str = "Classify the sentiment of this review:\n";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["loop", base_url, input, output, at_once] => {
            by_hand(base_url, input.as_ref(), output.as_ref(), at_once.parse()?).await
        }
        ["batch", base_url, input, output, at_once] => batch(base_url, input, output, at_once).await,
        ["convert", input, output] => {
            Sink::create(output)?.write_rows(&Table::open(input)?, &[], |_| Ok(Vec::new()))?;
            Ok(())
        }
        _ => {
            Err("usage: bench_batch loop|batch BASE_URL IN OUT AT_ONCE, or bench_batch convert IN OUT".into())
        }
    }
}

fn driver(base_url: &str) -> Result<HuggingFaceDriver, AnyError> {
    Ok(HuggingFaceDriver::builder(MODEL).base_url(base_url).token(TOKEN).build()?)
}

/// Answers the rows in a loop, as a user would write it by hand. Rows are written as they finish.
async fn by_hand(base_url: &str, input: &Path, output: &Path, at_once: usize) -> Result<(), AnyError> {
    let driver = driver(base_url)?;
    let mut out = BufWriter::new(std::fs::File::create(output)?);
    let mut answers = stream::iter(rows(input)?)
        .map(|row| {
            let driver = &driver;
            async move {
                let mut columns = row?;
                let text = columns.get("text").and_then(Value::as_str).ok_or("no text")?;
                let request = GenerateRequest::from(format!("{PROMPT}{text}")).with_max_tokens(1_000);
                let response = driver.generate(request).await?;
                columns.insert("answer".to_owned(), response.text().into());
                Ok::<_, AnyError>(columns)
            }
        })
        .buffer_unordered(at_once);
    let mut rows = 0;
    while let Some(columns) = answers.next().await {
        serde_json::to_writer(&mut out, &columns?)?;
        out.write_all(b"\n")?;
        rows += 1;
    }
    out.flush()?;
    println!("{{\"rows\": {rows}, \"failed\": 0}}");
    Ok(())
}

/// Reads the rows of JSON lines as a user would by hand, and other tables with the library.
fn rows(input: &Path) -> Result<Box<dyn Iterator<Item = Result<Columns, AnyError>>>, AnyError> {
    if input.extension().is_some_and(|extension| extension == "jsonl") {
        let lines = BufReader::new(std::fs::File::open(input)?).lines();
        return Ok(Box::new(lines.map(|line| Ok(serde_json::from_str(&line?)?))));
    }
    Ok(Box::new(Table::open(input)?.rows()?.map(|row| Ok(row?.columns().clone()))))
}

async fn batch(base_url: &str, input: &str, output: &str, at_once: &str) -> Result<(), AnyError> {
    let mut batch = Batch::new(driver(base_url)?)
        .with_prompt(&format!("{PROMPT}{{{{ text }}}}"))?
        .with_request(GenerateRequest::default().with_max_tokens(1_000));
    if at_once != "auto" {
        batch = batch.with_concurrency(at_once.parse()?);
    }
    let report = batch.run(Table::open(input)?, Sink::create(output)?).await?.into_complete()?;
    println!("{{\"rows\": {}, \"failed\": {}}}", report.answered, report.failed);
    Ok(())
}
