//! Servers with a limited capacity.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::script::Script;

/// Path of the gauges.
pub(crate) const METRICS: &str = "/metrics";

/// The capacity of a server: the calls that it processes at the same time, and the calls that may wait.
///
/// Without a queue, a call beyond the capacity gets a 429 at once. With a queue, the latency grows with
/// the number of waiting calls. `GET /metrics` returns the running and the waiting calls as the gauges of
/// vLLM.
///
/// ```
/// use std::time::Duration;
///
/// use botticelli_sandbox::{Capacity, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// // 8 calls at a time, each of which takes 50 ms. 16 more may wait.
/// let capacity = Capacity::new(8, Duration::from_millis(50)).with_queue(16);
/// let sandbox = Sandbox::builder().with_capacity(capacity).start().await?;
/// # drop(sandbox);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    slots: usize,
    queue: usize,
    latency: Duration,
    retry_after: Option<Duration>,
}

impl Capacity {
    /// Returns the capacity of a server that processes up to `slots` calls at the same time, each for
    /// `latency`, and rejects all others. Zero slots mean one.
    pub fn new(slots: usize, latency: Duration) -> Self {
        Self { slots: slots.clamp(1, Semaphore::MAX_PERMITS), queue: 0, latency, retry_after: None }
    }

    /// Sets the number of calls that wait for a slot (default: 0).
    pub fn with_queue(mut self, queue: usize) -> Self {
        self.queue = queue;
        self
    }

    /// Sets the `Retry-After` header of rejections (default: none). It has whole milliseconds.
    pub fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = Some(retry_after);
        self
    }
}

/// The slots of a running server.
#[derive(Debug)]
pub(crate) struct Slots {
    capacity: Capacity,
    free: Semaphore,
    /// Calls that wait or run.
    present: AtomicUsize,
}

/// A call that the server has accepted. Dropping it ends the call.
struct Present<'a>(&'a AtomicUsize);

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Slots {
    pub(crate) fn new(capacity: Capacity) -> Self {
        Self { capacity, free: Semaphore::new(capacity.slots), present: AtomicUsize::new(0) }
    }

    /// Processes a call: waits for a slot, and then for the latency. Returns the rejection if all slots and
    /// the queue are full.
    pub(crate) async fn process(&self) -> Result<(), Script> {
        let before = self.present.fetch_add(1, Ordering::Relaxed);
        let _present = Present(&self.present);
        if before >= self.capacity.slots.saturating_add(self.capacity.queue) {
            return Err(self.rejection());
        }
        // The semaphore is never closed.
        let _slot = self.free.acquire().await;
        tokio::time::sleep(self.capacity.latency).await;
        Ok(())
    }

    /// Returns the gauges in the text format of Prometheus.
    pub(crate) fn metrics(&self) -> Script {
        let present = self.present.load(Ordering::Relaxed);
        let running = present.min(self.capacity.slots);
        let waiting = present - running;
        let text = format!(
            "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running {running}.0\n\
             # TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting {waiting}.0\n"
        );
        Script::text(200, "text/plain; version=0.0.4", text)
    }

    fn rejection(&self) -> Script {
        let script = Script::json(429, r#"{"error":"Model is overloaded","error_type":"overloaded"}"#);
        match self.capacity.retry_after {
            Some(wait) => script.header("retry-after", format!("{:.3}", wait.as_secs_f64())),
            None => script,
        }
    }
}
