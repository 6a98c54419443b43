//! Botticelli with layers around the driver, and the stores of the layers alone.
//!
//! - `bench_layers BASE_URL plain|stream REQUESTS AT_ONCE`, with the names of the layers in `LAYERS`, measures calls over HTTP.
//! - `bench_layers hits COUNT` prints the time of a hit in a memory cache, in nanoseconds.
//! - `bench_layers ledger FILE COUNT` settles calls in a ledger, and prints the latencies in microseconds as JSON.

use bench_contract::{MODEL, PROMPT, Received, TOKEN, Task};
use botticelli::{
    BotticelliDriver, Budget, Cache, CostEstimate, Delta, FallbackDriver, GenerateRequest, HuggingFaceDriver,
    LayerExt, Ledger, MockDriver, OnUnknownPrice, Price, RateLimit, StreamExt, Usd,
};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

type AnyError = Box<dyn std::error::Error>;
type Driver = Arc<dyn BotticelliDriver>;

fn main() -> Result<(), AnyError> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["hits", count] => runtime()?.block_on(hits(count.parse()?)),
        ["ledger", file, count] => runtime()?.block_on(ledger(file, count.parse()?)),
        _ => {
            let task = Task::from_arguments();
            let driver = layered(&task.base_url, &std::env::var("LAYERS").unwrap_or_default())?;
            task.run(driver, |driver: Rc<Driver>, streamed| async move { ask(&driver, streamed).await });
            Ok(())
        }
    }
}

/// Returns the driver with these layers, the last of which is the outermost.
fn layered(base_url: &str, layers: &str) -> Result<Driver, AnyError> {
    let price = Price::from_usd_per_million(0.05, 0.2).ok_or("a price")?;
    let driver = HuggingFaceDriver::builder(MODEL).base_url(base_url).token(TOKEN).price(price).build()?;
    let mut driver: Driver = Arc::new(driver);
    for layer in layers.split(',').filter(|layer| !layer.is_empty()) {
        driver = match layer {
            // Every call misses, because no request is made twice.
            "cache" => Arc::new(driver.with_cache(Cache::memory().with_sampled(true))),
            "budget" => {
                let budget = Budget::per_month(Usd::parse("1000000")?);
                Arc::new(driver.with_budget(budget.with_on_unknown_price(OnUnknownPrice::Allow)))
            }
            "fallback" => Arc::new(FallbackDriver::new(driver.clone()).or("other", driver)),
            "rate_limit" => Arc::new(driver.with_rate_limit(RateLimit::requests_per_minute(1_000_000_000))),
            other => return Err(format!("unknown layer {other}").into()),
        };
    }
    Ok(driver)
}

async fn ask(driver: &Driver, streamed: bool) -> botticelli::Result<Received> {
    static CALLS: AtomicU64 = AtomicU64::new(1_000_000);
    let mut received = Received::begin();
    let request = GenerateRequest::from(PROMPT).with_max_tokens(1_000);
    let request = request.with_seed(CALLS.fetch_add(1, Ordering::Relaxed));
    if !streamed {
        let answer = driver.generate(request).await?;
        received.piece(&answer.text());
        return Ok(received);
    }
    let mut stream = driver.generate_stream(request).await?;
    while let Some(chunk) = stream.next().await {
        match chunk?.delta() {
            Delta::Text(text) => received.piece(text),
            Delta::ToolCall(call) => received.piece(call.arguments()),
            _ => {}
        }
    }
    Ok(received)
}

async fn hits(count: u32) -> Result<(), AnyError> {
    let driver = MockDriver::answering(["A short answer."]).with_cache(Cache::memory());
    let request = || GenerateRequest::from(PROMPT).with_max_tokens(1_000).with_temperature(0.0);
    driver.generate(request()).await?;
    let started = Instant::now();
    for _ in 0..count {
        if !driver.generate(request()).await?.is_cached() {
            return Err("a call missed the cache".into());
        }
    }
    println!("{}", (started.elapsed() / count).as_nanos());
    Ok(())
}

async fn ledger(file: &str, count: usize) -> Result<(), AnyError> {
    let mock =
        MockDriver::answering(["A short answer."]).repeating().with_estimate(CostEstimate::at_most(1_000));
    let budget = Budget::per_month(Usd::parse("1000000")?).with_ledger(Ledger::file(file)?);
    let driver = mock.with_budget(budget.with_on_unknown_price(OnUnknownPrice::Allow));
    let mut took = Vec::with_capacity(count);
    let started = Instant::now();
    for _ in 0..count {
        let sent = Instant::now();
        driver.generate(PROMPT.into()).await?;
        took.push(sent.elapsed());
    }
    let wall = started.elapsed();
    took.sort_unstable();
    let at = |percent: usize| {
        took.get((took.len().saturating_sub(1)) * percent / 100).map_or(0, Duration::as_micros)
    };
    println!("{{\"p50\": {}, \"p99\": {}, \"seconds\": {}}}", at(50), at(99), wall.as_secs_f64());
    Ok(())
}
