//! A limited driver that records when it received which call.

use botticelli_core::{CostEstimate, GenerateRequest, GenerateResponse};
use botticelli_error::BotticelliError;
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::mock::{MockDriver, MockReply};
use botticelli_layers::rate_limit::{RateLimit, RateLimited};
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// A limited driver on a manual clock. Each request is a number, and each reply repeats it.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub(crate) clock: ManualClock,
    pub(crate) mock: MockDriver,
    pub(crate) driver: Arc<RateLimited<MockDriver>>,
    sent: Arc<Mutex<Vec<(Duration, u64)>>>,
}

pub(crate) fn numbered(number: u64) -> GenerateRequest {
    GenerateRequest::from("Hi").with_user(number.to_string())
}

impl Watched {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self::replying(limit, CostEstimate::unknown(), |number| MockReply::text(number.to_string()))
    }

    pub(crate) fn replying(
        limit: RateLimit,
        estimate: CostEstimate,
        reply: impl Fn(u64) -> MockReply + Send + Sync + 'static,
    ) -> Self {
        let clock = ManualClock::default();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let (time, record) = (clock.clone(), sent.clone());
        let mock = MockDriver::replying(move |call| {
            let number = call.chat().and_then(GenerateRequest::user).unwrap().parse().unwrap();
            record.lock().unwrap().push((time.passed(), number));
            reply(number)
        });
        let mock = mock.with_clock(Arc::new(clock.clone())).with_estimate(estimate);
        let driver = mock.clone().with_rate_limit(limit.with_clock(Arc::new(clock.clone())));
        Self { clock, mock, driver: Arc::new(driver), sent }
    }

    /// Returns the numbers of the calls that the driver received, with the time of each.
    pub(crate) fn sent(&self) -> Vec<(Duration, u64)> {
        self.sent.lock().unwrap().clone()
    }

    /// Returns the seconds at which the driver received calls.
    pub(crate) fn times(&self) -> Vec<u64> {
        self.sent().iter().map(|(time, _)| time.as_secs()).collect()
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.sent().iter().map(|(_, number)| *number).collect()
    }

    pub(crate) fn call(&self, number: u64) -> BoxFuture<'_, Result<GenerateResponse, BotticelliError>> {
        self.driver.generate(numbered(number))
    }

    /// Starts a call in a task.
    pub(crate) fn spawn(&self, number: u64) -> JoinHandle<Result<GenerateResponse, BotticelliError>> {
        let driver = self.driver.clone();
        tokio::spawn(async move { driver.generate(numbered(number)).await })
    }

    /// Advances the clock, and lets all tasks run until each of them waits.
    pub(crate) async fn advance(&self, time: Duration) {
        settle().await;
        self.clock.advance(time);
        settle().await;
    }
}

/// Lets all tasks run until each of them waits.
pub(crate) async fn settle() {
    for _ in 0..30 {
        tokio::task::yield_now().await;
    }
}
