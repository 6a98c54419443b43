//! Measures the driver with a model file: `bench_gguf FILE THREADS [CONCURRENT [f16|f32 [portable|avx2|avx512]]]`. Prints one line of
//! JSON.

use botticelli_core::{CompletionRequest, GenerateResponse, Usage};
use botticelli_gguf::{CacheType, GgufConfig, GgufDriver, InstructionSet};
use botticelli_interface::CompletionDriver;
use futures::StreamExt;
use futures::future::join_all;
use serde_json::json;
use std::error::Error;
use std::time::Instant;

/// Words of a prompt, which is not part of any other prompt.
fn prompt(first: usize, words: usize) -> String {
    let list = ["river", "stone", "winter", "garden", "copper", "letter", "morning", "bridge"];
    let words = (0..words).map(|at| list[(at * (first + 3) + at / 7) % list.len()]);
    format!("{first} is the number of this text. {}", words.collect::<Vec<_>>().join(" "))
}

fn request(prompt: String, tokens: u32) -> CompletionRequest {
    CompletionRequest::from(prompt).with_temperature(0.0).with_max_tokens(tokens)
}

fn tokens(response: &GenerateResponse) -> (f64, f64) {
    let usage = response.usage();
    let count = |number: Option<u64>| f64::from(u32::try_from(number.unwrap_or(0)).unwrap_or(u32::MAX));
    (count(usage.and_then(Usage::prompt_tokens)), count(usage.and_then(Usage::completion_tokens)))
}

/// A start, on the clock and in the time of the processor.
struct Start(Instant, f64);

impl Start {
    fn now() -> Self {
        Self(Instant::now(), cpu())
    }

    /// Returns seconds since the start, and of the processor.
    fn elapsed(&self) -> (f64, f64) {
        (self.0.elapsed().as_secs_f64(), cpu() - self.1)
    }

    /// Returns the rate on the clock, and per second of the processor.
    fn rate(&self, count: f64) -> (f64, f64) {
        let (wall, cpu) = self.elapsed();
        (count / wall, count / cpu.max(0.01))
    }
}

/// Time of the processor that this process used, in seconds.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Memory of this process, in bytes.
fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: bench_gguf FILE THREADS [CONCURRENT [f16|f32 [portable|avx2|avx512]]]";
    let file = arguments.next().ok_or(usage)?;
    let threads: u32 = arguments.next().ok_or(usage)?.parse()?;
    let concurrent = arguments.next().map_or(Ok(8), |number| number.parse())?;
    let cache_type = match arguments.next().as_deref() {
        Some("f32") => CacheType::F32,
        _ => CacheType::F16,
    };
    let instruction_set = match arguments.next().as_deref() {
        Some("portable") => Some(InstructionSet::Portable),
        Some("avx2") => Some(InstructionSet::Avx2),
        _ => None,
    };
    let started = Instant::now();
    let config = GgufConfig::default()
        .with_context_length(2_048)
        .with_max_concurrent(concurrent)
        .with_threads(threads)
        .with_cache_type(cache_type)
        .with_instruction_set(instruction_set);
    let driver = GgufDriver::open_with(&file, config)?;
    let load = started.elapsed().as_secs_f64();
    let loaded = status("VmRSS:");
    // The first call reads everything into the caches of the processor.
    driver.complete(request(prompt(0, 20), 4)).await?;
    let started = Start::now();
    let response = driver.complete(request(prompt(1, 400), 1)).await?;
    let (prompt_rate, prompt_cpu) = started.rate(tokens(&response).0);
    let mut stream = driver.complete_stream(request(prompt(2, 8), 96)).await?;
    let mut first = None;
    let mut decoded = 0.0;
    while let Some(chunk) = stream.next().await {
        chunk?;
        first.get_or_insert_with(Start::now);
        decoded += 1.0;
    }
    let (decode_rate, decode_cpu) = first.ok_or("no response")?.rate(decoded - 1.0);
    let started = Start::now();
    let number = usize::try_from(concurrent)?;
    let all = join_all((0..number).map(|at| driver.complete(request(prompt(10 + at, 8), 64)))).await;
    let (wall, cpu) = started.elapsed();
    let mut total = 0.0;
    for response in all {
        total += tokens(&response?).1;
    }
    let report = json!({
        "load": load,
        "loaded_bytes": loaded,
        "peak_bytes": status("VmHWM:"),
        "stated_bytes": driver.memory(),
        "prompt_rate": prompt_rate,
        "decode_rate": decode_rate,
        "concurrent_rate": total / wall,
        "concurrent_cpu": total / cpu,
        "concurrent_tokens": total,
        "prompt_cpu": prompt_cpu,
        "decode_cpu": decode_cpu,
    });
    println!("{report}");
    Ok(())
}
