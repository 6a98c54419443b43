//! Many concurrent streams with faults: every stream ends as scripted, and no memory or connection is leaked.
#![cfg(feature = "huggingface")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test"
)]

mod common;

use botticelli_core::StreamChunk;
use botticelli_sandbox::{Fault, Sandbox, SandboxBuilder, Turn};
use common::{collect, driver};
use futures::future::join_all;
use peak_alloc::PeakAlloc;
use tokio::runtime::Handle;

/// Number of concurrent streams. Each has a socket in the client and one in the sandbox, and many systems allow a process
/// about a thousand. `BOTTICELLI_SOAK_STREAMS=2000` sets a higher number.
fn streams() -> usize {
    std::env::var("BOTTICELLI_SOAK_STREAMS").ok().and_then(|number| number.parse().ok()).unwrap_or(400)
}

const ROUNDS: usize = 5;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Waits until no task is left, and no longer than it takes to yield a million times.
async fn tasks_left() -> usize {
    let metrics = Handle::current().metrics();
    for _ in 0..1_000_000 {
        if metrics.num_alive_tasks() == 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    metrics.num_alive_tasks()
}

/// Faults that a call without retries meets at once, or never.
const FAULTS: [&str; 10] = [
    "cut-after-events",
    "end-in-event",
    "cut-in-character",
    "error-event-midway",
    "broken-event",
    "overloaded-429",
    "credits-402",
    "reset-after-events",
    "close-at-once",
    "html-midway",
];
const HARMLESS: [&str; 6] =
    ["crlf", "odd-splits", "no-done", "keep-alives", "unclosed-last-event", "one-byte-chunks"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_concurrent_streams_end_as_scripted() {
    let streams = streams();
    let mut memory = Vec::new();
    for round in 0..ROUNDS {
        // Chance with a seed: a linear congruence, so that a failure can be run again.
        let mut state = u32::try_from(round).unwrap().wrapping_mul(2_654_435_761).wrapping_add(1);
        let mut next = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            usize::try_from(state >> 8).unwrap() % below
        };
        let mut harmless = 0;
        let turns: Vec<Turn> = (0..streams)
            .map(|_| match next(3) {
                0 => Fault::named(FAULTS.get(next(FAULTS.len())).unwrap()).unwrap().into(),
                1 => {
                    harmless += 1;
                    Fault::named(HARMLESS.get(next(HARMLESS.len())).unwrap()).unwrap().into()
                }
                _ => {
                    harmless += 1;
                    Turn::Default
                }
            })
            .collect();
        let sandbox: Sandbox =
            turns.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap();
        let driver = driver(&sandbox);
        let calls = (0..streams).map(|_| collect(&driver, "Tell me a story".into()));
        let outcomes = join_all(calls).await;
        let whole = outcomes.iter().filter(|(_, error)| error.is_none()).count();
        assert_eq!(whole, harmless, "round {round}");
        let answer = outcomes.iter().find_map(|(chunks, error)| match error {
            None => chunks.last()?.response().map(|response| response.text().into_owned()),
            Some(_) => None,
        });
        let answer = answer.unwrap();
        for (chunks, error) in &outcomes {
            let streamed: String = chunks.iter().map(StreamChunk::text).collect();
            let partial_text =
                error.as_ref().and_then(|error| error.partial()).map_or("", |partial| partial.text());
            match error {
                None => assert_eq!(streamed, answer),
                Some(_) => assert!(answer.starts_with(&streamed) && partial_text.starts_with(&streamed)),
            }
        }
        assert_eq!(sandbox.requests().len(), streams);
        drop(driver);
        sandbox.wait_until_disconnected().await;
        drop((sandbox, outcomes));
        assert_eq!(tasks_left().await, 0, "round {round}");
        memory.push(MEMORY.current_usage());
    }
    // The first rounds allocate permanent memory: buffers of the runtime, tables of strings.
    let (second, last) = (memory[1], memory[ROUNDS - 1]);
    assert!(last <= second + 256 * 1024, "bytes in use after each round: {memory:?}");
    println!("{ROUNDS} rounds of {streams} streams; bytes in use after each: {memory:?}");
}
