//! The fault table: the result of the driver for every fault of the sandbox, plain and streamed.
//!
//! `just faults` prints it. `FAULT_OUTCOMES.md` of the sandbox has the expected table. The rules for all faults are here: a
//! response is the correct text, a harmless fault is a response, and partial text is the beginning of the correct text.
//! `BOTTICELLI_WRITE_FAULTS=1` writes the table.

use crate::common::{collect, settings, while_steps_pass};
use botticelli_core::{GenerateResponse, RetryConfig, Timeouts};
use botticelli_error::{BotticelliError, PartialResponse};
use botticelli_interface::{BotticelliDriver, FixedRandom, ManualClock};
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_models::transport::Limits;
use botticelli_sandbox::{Fault, Sandbox};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

const PROMPT: &str = "Who painted The Birth of Venus?";

/// The outcome of a fault that affects every attempt.
struct Row {
    outcome: Result<String, BotticelliError>,
    calls: usize,
    passed: Duration,
}

impl Row {
    /// The outcome, the calls if there were several, and the time on the injected clock if any passed.
    fn show(&self) -> String {
        let outcome = match &self.outcome {
            Ok(_) => "answer".to_owned(),
            Err(error) => format!("{:?}", error.category()),
        };
        let partial = match &self.outcome {
            Err(error) => error.partial().map_or(0, |partial| partial.text().chars().count()),
            Ok(_) => 0,
        };
        let mut shown = outcome;
        if partial > 0 {
            write!(shown, ", {partial} characters").unwrap();
        }
        if self.calls != 1 {
            write!(shown, ", {} calls", self.calls).unwrap();
        }
        // A response to the first attempt had no wait, so the passed time is the slowness of the server.
        let has_waited = self.calls > 1 || self.outcome.is_err();
        if has_waited && self.passed.as_secs() > 0 {
            write!(shown, ", {} s", self.passed.as_secs()).unwrap();
        }
        shown
    }
}

/// A cell of the table without its time, and the time.
fn apart(cell: &str) -> (&str, u64) {
    let timed = cell.strip_suffix(" s").and_then(|cell| cell.rsplit_once(", "));
    timed.map_or((cell, 0), |(cell, seconds)| (cell, seconds.parse().unwrap()))
}

/// Returns whether a row is as expected. Its times may differ on a busy machine, because the clock advances while
/// the sandbox is idle, or continuously if the sandbox is never idle.
fn is_expected(got: &str, expected: &str) -> bool {
    let cells = |row: &str| row.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let (got, expected) = (cells(got), cells(expected));
    got.len() == expected.len()
        && got.iter().zip(&expected).all(|(got, expected)| {
            let ((got, seconds), (expected, expected_seconds)) = (apart(got), apart(expected));
            got == expected && seconds.abs_diff(expected_seconds) <= 10 + expected_seconds / 2
        })
}

/// The table of `FAULT_OUTCOMES.md`: the text before it, its rows, and the text after it.
fn documented() -> (String, Vec<String>, String) {
    let text = std::fs::read_to_string(DOCUMENT).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    (before.to_owned(), table.lines().skip(4).map(str::to_owned).collect(), after.to_owned())
}

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../botticelli_sandbox/FAULT_OUTCOMES.md");
const BEGIN: &str = "<!-- the fault table begins -->";
const END: &str = "<!-- the fault table ends -->";
const HEAD: &str = "| fault, on every attempt | plain | streamed |\n| --- | --- | --- |";

/// Small limits, so that what never ends is over soon.
fn limits() -> Limits {
    Limits::default().with_event(256 << 10).with_response(256 << 10)
}

/// Short timeouts, because the driver reads keep-alive events without a pause until a timeout expires.
fn timeouts() -> Timeouts {
    Timeouts::default().with_keep_alive(Duration::from_secs(90)).with_total(Duration::from_secs(200))
}

async fn run(fault: Fault, streamed: bool) -> Row {
    let name = fault.name().to_owned();
    let sandbox = Sandbox::builder().with_turn(fault).start().await.unwrap();
    let clock = ManualClock::default();
    let driver = settings(&sandbox)
        .retry(RetryConfig::default())
        .limits(limits())
        .timeouts(timeouts())
        .clock(Arc::new(clock.clone()))
        .random_source(Arc::new(FixedRandom(0.5)))
        .build()
        .unwrap();
    let call = tokio::spawn(async move { ask(&driver, streamed).await });
    // A server that never pauses sends data at every step, so larger steps save data. A plain response ends with the size of the data.
    let step = Duration::from_secs(if streamed && name.ends_with("-for-ever") { 5 } else { 1 });
    let outcome = while_steps_pass(step, &sandbox, &clock, call, &name)
        .await
        .map(|response| response.text().into_owned());
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
async fn every_fault_has_its_expected_outcome() {
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
                    let partial = error.partial().map_or("", PartialResponse::text);
                    // Endless text differs from the right text. In a plain response, it is in the partial response when the limit is reached.
                    if !right.starts_with(partial) && !fault.name().starts_with("endless-") {
                        wrong.push(format!("{how}: {partial:?} had never arrived"));
                    }
                    errors += 1;
                }
            }
            longest = longest.max(row.passed);
            shown.push(row.show());
        }
        writeln!(table, "| `{}` | {} |", fault.name(), shown.join(" | ")).unwrap();
    }
    println!("{HEAD}\n{table}");
    println!(
        "{faults} faults, plain and streamed: {answers} right answers, {errors} errors; no wrong success, no hang"
    );
    println!("the longest took {longest:?} on the injected clock");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(faults >= 70, "{faults} faults");
    let (before, expected, after) = documented();
    if std::env::var_os("BOTTICELLI_WRITE_FAULTS").is_some() {
        let document = format!("{before}{BEGIN}\n\n{HEAD}\n{table}\n{END}{after}");
        return std::fs::write(DOCUMENT, document).unwrap();
    }
    let expected: Vec<_> = expected.iter().filter(|row| !row.is_empty()).collect();
    for (got, expected) in table.lines().zip(&expected) {
        assert!(is_expected(got, expected), "FAULT_OUTCOMES.md says\n{expected}\nand it is\n{got}");
    }
    assert_eq!(table.lines().count(), expected.len(), "FAULT_OUTCOMES.md lists other faults");
}
