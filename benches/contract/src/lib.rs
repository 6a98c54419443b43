//! Command line and output of every contender, so that they differ only in the client.
//!
//! `CONTENDER BASE_URL plain|stream REQUESTS AT_ONCE` makes `REQUESTS` requests, `AT_ONCE` of them concurrently, and prints one
//! line of JSON: the checksum of the text, the number of pieces, the number of failed calls, and the latencies of the first pieces.

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use std::fmt::Display;
use std::future::Future;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Model of every request.
pub const MODEL: &str = "openai/gpt-oss-20b";
/// Prompt of every request.
pub const PROMPT: &str = "Tell me of the birth of Venus.";
/// Token of every request.
pub const TOKEN: &str = "hf_bench";

/// Work of a contender.
#[derive(Clone, Debug)]
pub struct Task {
    /// Base URL of the server.
    pub base_url: String,
    /// True for streamed responses.
    pub streamed: bool,
    requests: usize,
    at_once: usize,
}

/// Text received in one response.
#[derive(Debug)]
pub struct Received {
    sent: Instant,
    first: Option<Duration>,
    sum: crc32fast::Hasher,
    pieces: usize,
}

impl Received {
    /// Starts the measurement of a request.
    pub fn begin() -> Self {
        Self { sent: Instant::now(), first: None, sum: crc32fast::Hasher::new(), pieces: 0 }
    }

    /// Records a piece of the response.
    pub fn piece(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.first.is_none() {
            self.first = Some(self.sent.elapsed());
        }
        self.sum.update(text.as_bytes());
        self.pieces += 1;
    }
}

impl Task {
    /// Reads the task from the command line.
    ///
    /// # Panics
    ///
    /// If the command line is invalid.
    pub fn from_arguments() -> Self {
        let arguments: Vec<_> = std::env::args().skip(1).collect();
        let [base_url, mode, requests, at_once] = arguments.as_slice() else {
            panic!("usage: BASE_URL plain|stream REQUESTS AT_ONCE");
        };
        let number = |text: &str| text.parse().expect("a number");
        Self {
            base_url: base_url.clone(),
            streamed: mode == "stream",
            requests: number(requests),
            at_once: number(at_once),
        }
    }

    /// Makes the requests and prints the result.
    ///
    /// # Panics
    ///
    /// If the tokio runtime cannot be created.
    pub fn run<C: 'static, F, E>(&self, client: C, ask: impl Fn(Rc<C>, bool) -> F)
    where
        F: Future<Output = Result<Received, E>>,
        E: Display,
    {
        let started = Instant::now();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let client = Rc::new(client);
        let mut report = Report::default();
        runtime.block_on(async {
            let ask = |_: usize| ask(client.clone(), self.streamed);
            if self.at_once == 1 {
                for turn in 0..self.requests {
                    report.add(ask(turn).await);
                }
            } else {
                let mut open: FuturesUnordered<_> = (0..self.at_once.min(self.requests)).map(ask).collect();
                let mut sent = open.len();
                while let Some(received) = open.next().await {
                    report.add(received);
                    if sent < self.requests {
                        open.push(ask(sent));
                        sent += 1;
                    }
                }
            }
        });
        report.print(started);
    }
}

#[derive(Default)]
struct Report {
    sum: u32,
    pieces: usize,
    failed: usize,
    first: Vec<Duration>,
    /// First error.
    error: Option<String>,
}

impl Report {
    fn add<E: Display>(&mut self, received: Result<Received, E>) {
        match received {
            Ok(received) => {
                self.sum = self.sum.wrapping_add(received.sum.finalize());
                self.pieces += received.pieces;
                self.first.extend(received.first);
            }
            Err(error) => {
                self.failed += 1;
                self.error.get_or_insert_with(|| error.to_string());
            }
        }
    }

    fn print(mut self, started: Instant) {
        self.first.sort_unstable();
        let at = |percent: usize| {
            let place = self.first.len().saturating_sub(1) * percent / 100;
            self.first.get(place).map_or(0.0, Duration::as_secs_f64)
        };
        let line = serde_json::json!({
            "checksum": self.sum,
            "pieces": self.pieces,
            "failed": self.failed,
            "error": self.error,
            "first_p50_ms": at(50) * 1e3,
            "first_p99_ms": at(99) * 1e3,
            "wall_ms": started.elapsed().as_secs_f64() * 1e3,
        });
        println!("{line}");
    }
}
