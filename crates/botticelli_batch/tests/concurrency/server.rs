//! A simulated server in virtual time.

use async_trait::async_trait;
use botticelli_core::{GenerateRequest, GenerateResponse, Output};
use botticelli_error::{BotticelliError, ErrorCategory, ErrorDetails, ModelsError, ModelsErrorKind};
use botticelli_interface::{BotticelliDriver, ChunkStream, response_stream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// A server that rejects calls above a limit, and that becomes slower with its load.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// Calls in flight above which it answers with 429.
    pub(crate) capacity: usize,
    /// Calls in flight at which its latency doubles.
    pub(crate) knee: f64,
    /// Part of the latency that varies from row to row.
    pub(crate) spread: f64,
    /// Number of calls after which the capacity is another one.
    shrink: (usize, usize),
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    in_flight: AtomicUsize,
    peak: AtomicUsize,
    calls: AtomicUsize,
    rejected: AtomicUsize,
    late: AtomicUsize,
    is_down: AtomicBool,
}

impl Server {
    pub(crate) fn new(capacity: usize, knee: f64) -> Self {
        Self { capacity, knee, spread: 0.5, shrink: (usize::MAX, 0), state: Arc::default() }
    }

    pub(crate) fn shrink_after(&mut self, calls: usize, capacity: usize) {
        self.shrink = (calls, capacity);
    }

    pub(crate) fn peak(&self) -> usize {
        self.state.peak.load(Ordering::Relaxed)
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.state.in_flight.load(Ordering::Relaxed)
    }

    /// Returns the number of calls in flight at call 7000.
    pub(crate) fn in_flight_late(&self) -> usize {
        self.state.late.load(Ordering::Relaxed)
    }

    pub(crate) fn calls(&self) -> usize {
        self.state.calls.load(Ordering::Relaxed)
    }

    pub(crate) fn rejected(&self) -> usize {
        self.state.rejected.load(Ordering::Relaxed)
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        self.state.is_down.store(is_down, Ordering::Relaxed);
    }

    fn reject(&self, category: ErrorCategory) -> BotticelliError {
        self.state.rejected.fetch_add(1, Ordering::Relaxed);
        let kind = ModelsErrorKind::Rejected { category, what: "rejected".into(), remedy: "Wait".into() };
        ModelsError::new(kind, ErrorDetails::new("simulated")).into()
    }
}

struct InFlight(Arc<State>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl BotticelliDriver for Server {
    async fn generate(&self, _: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        let number = self.state.calls.fetch_add(1, Ordering::Relaxed);
        let load = self.state.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        if number == 7000 {
            self.state.late.store(load, Ordering::Relaxed);
        }
        let _guard = InFlight(self.state.clone());
        if self.state.is_down.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(5)).await;
            return Err(self.reject(ErrorCategory::Server));
        }
        let (calls, shrunken) = self.shrink;
        if load > if number > calls { shrunken } else { self.capacity } {
            return Err(self.reject(ErrorCategory::RateLimited));
        }
        self.state.peak.fetch_max(load, Ordering::Relaxed);
        // A fixed sequence of numbers from 0 to 1, so that every run is the same.
        let random = f64::from(u32::try_from(number.wrapping_mul(2_654_435_761) % 1000).unwrap()) / 1000.0;
        let load = f64::from(u32::try_from(load).unwrap());
        let seconds = 0.4 * (1.0 + load / self.knee) * (1.0 + self.spread * (2.0 * random - 1.0));
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        Ok(GenerateResponse::builder().outputs(vec![Output::Text("x".into())]).build()?)
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        Ok(response_stream(self.generate(request).await?))
    }

    fn provider_name(&self) -> &'static str {
        "simulated"
    }

    fn model_name(&self) -> &'static str {
        "model"
    }
}
