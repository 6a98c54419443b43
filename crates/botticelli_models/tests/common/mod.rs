//! Helpers of the tests of the driver: a driver for a sandbox, and functions that call it.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use botticelli_core::{GenerateRequest, GenerateResponse, RetryConfig, StreamChunk};
use botticelli_error::{BotticelliError, BotticelliErrorKind, HuggingFaceErrorKind, ModelsErrorKind};
use botticelli_interface::{BotticelliDriver, ChunkStream, ManualClock};
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, HuggingFaceDriverBuilder};
use botticelli_sandbox::{Sandbox, Script};
use futures::StreamExt;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

pub(crate) mod authority;
pub(crate) mod catalog;
pub(crate) mod dice;
pub(crate) mod service;
pub(crate) mod subject;
pub(crate) mod text;

pub(crate) const MODEL: &str = "openai/gpt-oss-20b";

/// A driver's settings for `sandbox`, with nothing taken from the environment of the tests, and without retries.
pub(crate) fn settings(sandbox: &Sandbox) -> HuggingFaceDriverBuilder {
    HuggingFaceDriver::builder(MODEL)
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .environment(Environment::empty())
        .retry(RetryConfig::never())
}

pub(crate) fn driver(sandbox: &Sandbox) -> HuggingFaceDriver {
    settings(sandbox).build().unwrap()
}

/// Starts a sandbox that responds to every chat request with `script`.
pub(crate) async fn scripted(script: Script) -> Sandbox {
    Sandbox::builder().with_turn(script).start().await.unwrap()
}

/// All that a stream gave: its chunks, and the error that ended it.
pub(crate) async fn collect(
    driver: &impl BotticelliDriver,
    request: GenerateRequest,
) -> (Vec<StreamChunk>, Option<BotticelliError>) {
    gathered(driver.generate_stream(request).await).await
}

/// All that a stream gave, if it began: its chunks, and the error that ended it.
pub(crate) async fn gathered(
    opened: Result<ChunkStream, BotticelliError>,
) -> (Vec<StreamChunk>, Option<BotticelliError>) {
    let mut stream = match opened {
        Ok(stream) => stream,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut chunks = Vec::new();
    let mut failure = None;
    while let Some(item) = stream.next().await {
        assert!(failure.is_none(), "an item followed an error");
        match item {
            Ok(chunk) => chunks.push(chunk),
            Err(error) => failure = Some(error),
        }
    }
    assert!(stream.next().await.is_none(), "an item followed the end");
    (chunks, failure)
}

/// The whole of a stream that ends well.
pub(crate) async fn folded(driver: &impl BotticelliDriver, request: GenerateRequest) -> GenerateResponse {
    let (chunks, failure) = collect(driver, request).await;
    assert!(failure.is_none(), "{failure:?}");
    let (last, others) = chunks.split_last().unwrap();
    assert!(others.iter().all(|chunk| !chunk.is_final()), "a final chunk before the last");
    last.response().unwrap().clone()
}

/// Returns the Hugging Face kind of an error.
pub(crate) fn kind(error: &BotticelliError) -> &HuggingFaceErrorKind {
    match error.kind() {
        BotticelliErrorKind::Models(models) => match models.kind() {
            ModelsErrorKind::HuggingFace(kind) => kind,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// The error of a plain call.
pub(crate) async fn failure(driver: &impl BotticelliDriver, request: GenerateRequest) -> BotticelliError {
    match driver.generate(request).await {
        Ok(response) => panic!("it answered {response:?}"),
        Err(error) => error,
    }
}

/// Returns the error of a streamed call, at the start or during the stream.
pub(crate) async fn stream_failure(
    driver: &impl BotticelliDriver,
    request: GenerateRequest,
) -> BotticelliError {
    match collect(driver, request).await {
        (_, Some(error)) => error,
        (chunks, None) => panic!("it answered {chunks:?}"),
    }
}

/// Returns the pieces of a body of `fixtures/compressed.txt`.
pub(crate) fn compressed(encoding: &str, name: &str) -> Vec<Vec<u8>> {
    let rows = include_str!("../fixtures/compressed.txt").lines();
    let row =
        rows.map(|row| row.split(' ').collect::<Vec<_>>()).find(|row| row.starts_with(&[encoding, name]));
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    row.unwrap().into_iter().skip(2).map(|piece| piece.as_bytes().chunks(2).map(byte).collect()).collect()
}

/// Returns the result of a call while the clock advances by a second at a time. See [`while_steps_pass`].
pub(crate) async fn while_time_passes<T>(
    sandbox: &Sandbox,
    clock: &ManualClock,
    call: JoinHandle<T>,
    what: &str,
) -> T {
    while_steps_pass(Duration::from_secs(1), sandbox, clock, call, what).await
}

/// Returns the result of a call while the clock advances by `step` at a time.
///
/// The clock advances when the sandbox has nothing in progress and the client had the time to read, which is a number of polls and a
/// moment for the system to deliver the end of a connection. A server that sends without end is never settled, so the clock also
/// advances after a larger number of polls.
pub(crate) async fn while_steps_pass<T>(
    step: Duration,
    sandbox: &Sandbox,
    clock: &ManualClock,
    call: JoinHandle<T>,
    what: &str,
) -> T {
    const MOMENT: Duration = Duration::from_micros(300);
    let (mut settled, mut busy, mut since) = (0, 0, Instant::now());
    for _ in 0..20_000_000 {
        if call.is_finished() {
            break;
        }
        tokio::task::yield_now().await;
        busy += 1;
        settled = if sandbox.is_settled() { settled + 1 } else { 0 };
        if (settled > 30 || busy > 100) && since.elapsed() > MOMENT {
            (settled, busy, since) = (0, 0, Instant::now());
            clock.advance(step);
        }
    }
    assert!(call.is_finished(), "{what} hangs");
    call.await.unwrap()
}
