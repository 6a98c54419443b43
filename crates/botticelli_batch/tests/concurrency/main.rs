//! The number of calls in flight, against a simulated server in virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

mod pauses;
mod progress;
mod queue;
mod search;
mod server;
#[path = "../tokio_clock/mod.rs"]
mod tokio_clock;

use botticelli_batch::{Batch, BatchReport, Sink, Table};
use botticelli_interface::FixedRandom;
use server::Server;
use std::sync::Arc;
use tokio_clock::TokioClock;

pub(crate) fn batch(server: &Server) -> Batch {
    let batch = Batch::new(server.clone()).with_prompt("{{ id }}").unwrap();
    batch.with_clock(Arc::new(TokioClock)).with_random(Arc::new(FixedRandom(0.5)))
}

pub(crate) async fn run(batch: &Batch, rows: usize) -> BatchReport {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.jsonl");
    let text: Vec<_> = (0..rows).map(|id| format!("{{\"id\":{id}}}\n")).collect();
    std::fs::write(&input, text.concat()).unwrap();
    let (table, sink) = (Table::open(input).unwrap(), Sink::create(folder.path().join("out.jsonl")).unwrap());
    batch.run(table, sink).await.unwrap()
}
