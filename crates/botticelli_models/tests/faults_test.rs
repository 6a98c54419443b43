//! The fault table: every fault of the sandbox, plain and streamed, and what comes of it.
//!
//! `just faults` prints it. What is expected of each stands in `fixtures/faults.txt`; what is expected of all stands here:
//! an answer is the right text, a harmless fault is an answer, and what had arrived is the beginning of the right text.
#![cfg(feature = "huggingface")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test, whose table is printed")]

mod common;

use botticelli_core::{GenerateResponse, RetryConfig, Timeouts};
use botticelli_error::{BotticelliError, PartialAnswer};
use botticelli_interface::{BotticelliDriver, FixedChance, ManualClock};
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_models::transport::Limits;
use botticelli_sandbox::{Fault, Sandbox};
use common::{collect, settings};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

const PROMPT: &str = "Who painted The Birth of Venus?";

/// What comes of a fault that meets every attempt.
struct Row {
    outcome: Result<String, BotticelliError>,
    calls: usize,
    passed: Duration,
}

impl Row {
    fn show(&self) -> String {
        let calls = self.calls;
        match &self.outcome {
            Ok(_) => format!("answer, {calls} calls"),
            Err(error) => {
                let partial = error.partial().map_or(0, |partial| partial.text().chars().count());
                format!("{:?}, {partial} characters, {calls} calls", error.category())
            }
        }
    }
}

/// Small limits, so that what never ends is over soon.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.event = 256 << 10;
    limits.answer = 256 << 10;
    limits
}

/// Short clocks, for the same reason: a server that hums without a pause is read all the while.
fn timeouts() -> Timeouts {
    let mut timeouts = Timeouts::default();
    timeouts.keep_alive = Some(Duration::from_secs(90));
    timeouts.total = Some(Duration::from_secs(200));
    timeouts
}

async fn run(fault: Fault, streamed: bool) -> Row {
    let sandbox = Sandbox::builder().on_chat(fault).start().await.unwrap();
    let clock = ManualClock::default();
    let driver = settings(&sandbox)
        .retry(RetryConfig::default())
        .limits(limits())
        .timeouts(timeouts())
        .clock(Arc::new(clock.clone()))
        .chance(Arc::new(FixedChance(0.5)))
        .build()
        .unwrap();
    let call = tokio::spawn(async move { ask(&driver, streamed).await });
    let (mut settled, mut busy) = (0, 0);
    // Time passes only while the sandbox has nothing under way, and the client has had the time to read it.
    for _ in 0..2_000_000 {
        if call.is_finished() {
            break;
        }
        tokio::task::yield_now().await;
        busy += 1;
        settled = if sandbox.is_settled() { settled + 1 } else { 0 };
        // What never ends is never settled: there, time passes all the same.
        if settled > 30 || busy > 100 {
            (settled, busy) = (0, 0);
            clock.advance(Duration::from_secs(1));
        }
    }
    assert!(call.is_finished(), "{} hangs", fault.name());
    let outcome = call.await.unwrap().map(|response| response.text().into_owned());
    Row { outcome, calls: sandbox.requests().len(), passed: clock.passed() }
}

async fn ask(driver: &HuggingFaceDriver, streamed: bool) -> Result<GenerateResponse, BotticelliError> {
    if !streamed {
        return driver.generate(PROMPT.into()).await;
    }
    match collect(driver, PROMPT.into()).await {
        (_, Some(error)) => Err(error),
        (mut chunks, None) => Ok(chunks.pop().unwrap().into_response().unwrap()),
    }
}

#[tokio::test]
async fn every_fault_comes_to_what_is_expected_of_it() {
    let healthy = Sandbox::start().await.unwrap();
    let right =
        settings(&healthy).build().unwrap().generate(PROMPT.into()).await.unwrap().text().into_owned();
    let mut table = String::new();
    let mut wrong: Vec<String> = Vec::new();
    let mut longest = Duration::ZERO;
    let (mut faults, mut answers, mut errors) = (0, 0, 0);
    for fault in Fault::all() {
        faults += 1;
        let mut shown = Vec::new();
        for streamed in [false, true] {
            let row = run(fault, streamed).await;
            let how = format!("{} ({})", fault.name(), if streamed { "streamed" } else { "plain" });
            match &row.outcome {
                Ok(text) => {
                    if *text != right {
                        wrong.push(format!("{how}: {text:?} passed for the answer"));
                    }
                    answers += 1;
                }
                Err(error) => {
                    if fault.is_harmless() {
                        wrong.push(format!("{how} is harmless, and yet: {error}"));
                    }
                    let partial = error.partial().map_or("", PartialAnswer::text);
                    // Endless text is a text of its own.
                    if !right.starts_with(partial) && fault.name() != "endless-text" {
                        wrong.push(format!("{how}: {partial:?} had never arrived"));
                    }
                    errors += 1;
                }
            }
            longest = longest.max(row.passed);
            shown.push(row.show());
        }
        writeln!(table, "{:<44} | {:<48} | {}", fault.name(), shown.remove(0), shown.remove(0)).unwrap();
    }
    println!("{:<44} | {:<48} | streamed\n{table}", "fault, on every attempt", "plain");
    println!(
        "{faults} faults, plain and streamed: {answers} right answers, {errors} errors; no wrong success, no hang"
    );
    println!("the longest took {longest:?} on the injected clock");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(faults >= 70, "{faults} faults");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/faults.txt");
    if std::env::var_os("BOTTICELLI_WRITE_FAULTS").is_some() {
        std::fs::write(file, &table).unwrap();
    }
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    for (got, expected) in table.lines().zip(expected.lines()) {
        assert_eq!(got, expected);
    }
    assert_eq!(table.lines().count(), expected.lines().count());
}
