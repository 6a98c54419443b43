//! Requests embeddings: `bench_embeddings botticelli|hand BASE_URL TEXTS REQUESTS`. Prints the sum of all numbers.

use botticelli::HuggingFaceDriver;
use botticelli::tasks::{EmbeddingDriver, TaskApi};
use serde::Deserialize;
use serde_json::json;

type AnyError = Box<dyn std::error::Error>;

const MODEL: &str = "bench";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [client, base_url, texts, requests] = arguments.as_slice() else {
        return Err("usage: bench_embeddings botticelli|hand BASE_URL TEXTS REQUESTS".into());
    };
    let texts: Vec<_> = (0..texts.parse::<usize>()?).map(|number| format!("text {number}")).collect();
    let requests: usize = requests.parse()?;
    let sum = match client.as_str() {
        "botticelli" => botticelli(base_url, &texts, requests).await?,
        "hand" => by_hand(base_url, &texts, requests).await?,
        other => return Err(format!("unknown client {other}").into()),
    };
    println!("{sum}");
    Ok(())
}

async fn botticelli(base_url: &str, texts: &[String], requests: usize) -> Result<f64, AnyError> {
    let driver = HuggingFaceDriver::builder(MODEL).base_url(base_url).build_tasks()?;
    let driver = driver.with_api(TaskApi::OpenAi).with_batch_size(texts.len());
    let mut sum = 0.0;
    for _ in 0..requests {
        let response = driver.embed(texts.to_vec().into()).await?;
        for embedding in response.embeddings() {
            let vector = embedding.vector().ok_or("no vector")?;
            sum += vector.iter().copied().map(f64::from).sum::<f64>();
        }
    }
    Ok(sum)
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    embedding: Vec<f32>,
}

/// Requests embeddings as a user would by hand, without a check.
async fn by_hand(base_url: &str, texts: &[String], requests: usize) -> Result<f64, AnyError> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut sum = 0.0;
    for _ in 0..requests {
        let body = json!({"model": MODEL, "input": texts});
        let response = client.post(format!("{base_url}/embeddings")).json(&body).send().await?;
        let answer: Answer = response.error_for_status()?.json().await?;
        for entry in answer.data {
            sum += entry.embedding.iter().copied().map(f64::from).sum::<f64>();
        }
    }
    Ok(sum)
}
