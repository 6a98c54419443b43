//! Runs a table in shards on several machines, and merges their parts.
//!
//! ```text
//! cargo run --example batch_shards                                     two shards, one after the other, against the sandbox
//! cargo run --example batch_shards -- run reviews.jsonl labels.jsonl    the shard that the environment names, with your token
//! cargo run --example batch_shards -- merge reviews.jsonl labels.jsonl 16
//! ```
//!
//! `examples/batch` has a Job for Kubernetes and a script for Slurm. With `BOTTICELLI_REDIS`, the shards share a budget on a Redis
//! server, which needs the feature `redis` of `botticelli`.

use botticelli::sandbox::Sandbox;
use botticelli::{
    Batch, BotticelliDriver, Budget, GenerateRequest, HuggingFaceDriver, LayerExt, Ledger, Shard, Sink,
    StopHandle, Table, Usd,
};

const MODEL: &str = "openai/gpt-oss-20b:fireworks-ai";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => offline().await,
        ["run", input, output] => {
            let driver = shared_budget(HuggingFaceDriver::from_env(MODEL)?)?;
            let shard = Shard::from_env()?.ok_or("no shard: set JOB_COMPLETION_INDEX and JOB_COMPLETIONS")?;
            let report = batch(driver)?
                .with_shard(shard)
                .with_stop(StopHandle::on_ctrl_c()?)
                .with_observer(|progress| eprintln!("{progress}"))
                .run(Table::open(input)?, Sink::create(output)?)
                .await?
                .into_complete()?;
            println!("{report}");
            Ok(())
        }
        ["merge", input, output, shards] => {
            let batch = batch(HuggingFaceDriver::from_env(MODEL)?)?;
            let report = batch.merge(Table::open(input)?, Sink::create(output)?, shards.parse()?).await?;
            println!("{} rows, {} failed", report.rows, report.failed);
            Ok(())
        }
        _ => Err("usage: batch_shards [run INPUT OUTPUT | merge INPUT OUTPUT SHARDS]".into()),
    }
}

/// Returns the run. A merge needs the same settings as the shards.
fn batch(driver: impl BotticelliDriver + 'static) -> botticelli::Result<Batch> {
    Ok(Batch::new(driver)
        .with_prompt("Classify the sentiment of this review:\n{{ text }}")?
        .with_request(GenerateRequest::default().with_max_tokens(20)))
}

/// Returns the driver with a budget of a dollar a month, which all shards share.
fn shared_budget(driver: HuggingFaceDriver) -> botticelli::Result<impl BotticelliDriver> {
    let ledger = match std::env::var("BOTTICELLI_REDIS") {
        Ok(address) => Ledger::open(&address)?,
        Err(_) => Ledger::user()?,
    };
    Ok(driver.with_budget(Budget::per_month(Usd::parse("1")?).with_ledger(ledger)))
}

async fn offline() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let driver =
        HuggingFaceDriver::builder(MODEL).base_url(sandbox.base_url()).token(Sandbox::TOKEN).build()?;
    let folder = std::env::temp_dir().join(format!("botticelli-shards-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let labels = folder.join("labels.csv");
    let table = || Table::open("examples/batch/reviews.csv");
    for index in 0..2 {
        let shard = batch(driver.clone())?.with_shard(Shard::new(index, 2)?);
        let report = shard.run(table()?, Sink::create(&labels)?).await?;
        println!("shard {index}: {report}");
    }
    let report = batch(driver)?.merge(table()?, Sink::create(&labels)?, 2).await?;
    println!("merged:  {} rows\n", report.rows);
    print!("{}", std::fs::read_to_string(&labels)?);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
