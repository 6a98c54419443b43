//! A driver with its own time and chance, and a record of its waits.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::settings;
use botticelli_core::{GenerateResponse, RetryConfig, StreamChunk, Timeouts};
use botticelli_error::BotticelliError;
use botticelli_interface::{BotticelliDriver, FixedRandom, ManualClock};
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_models::transport::Wait;
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A driver with its own time and chance, and a record of its waits.
pub(crate) struct Subject {
    pub(crate) sandbox: Sandbox,
    pub(crate) driver: HuggingFaceDriver,
    pub(crate) clock: ManualClock,
    pub(crate) waits: Arc<Mutex<Vec<Wait>>>,
}

impl Subject {
    /// Starts a sandbox that responds with `scripts`, one after the other. The last script repeats.
    pub(crate) async fn before(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::set_up(scripts, RetryConfig::default(), Timeouts::default()).await
    }

    pub(crate) async fn set_up(
        scripts: impl IntoIterator<Item = Script>,
        retry: RetryConfig,
        timeouts: Timeouts,
    ) -> Self {
        let builder = scripts.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn);
        let sandbox = builder.start().await.unwrap();
        let clock = ManualClock::default();
        let waits = Arc::new(Mutex::new(Vec::new()));
        let observed = waits.clone();
        let driver = settings(&sandbox)
            .retry(retry)
            .timeouts(timeouts)
            .clock(Arc::new(clock.clone()))
            .random_source(Arc::new(FixedRandom(0.5)))
            .observer(move |wait: &Wait| observed.lock().unwrap().push(wait.clone()))
            .build()
            .unwrap();
        Self { sandbox, driver, clock, waits }
    }

    /// Returns the result of `call`, while the clock advances in small steps.
    pub(crate) async fn run<T: Send + 'static>(&self, call: impl Future<Output = T> + Send + 'static) -> T {
        let task = tokio::spawn(call);
        while !task.is_finished() {
            tokio::task::yield_now().await;
            self.clock.advance(Duration::from_millis(10));
        }
        task.await.unwrap()
    }

    pub(crate) async fn generate(&self) -> Result<GenerateResponse, BotticelliError> {
        let driver = self.driver.clone();
        self.run(async move { driver.generate("Hi".into()).await }).await
    }

    /// All that a stream gives: its chunks, and the error that ends it.
    pub(crate) async fn stream(&self) -> (Vec<StreamChunk>, Option<BotticelliError>) {
        let driver = self.driver.clone();
        self.run(async move { super::collect(&driver, "Hi".into()).await }).await
    }

    /// The error of a plain call, or of a stream.
    pub(crate) async fn error(&self, streamed: bool) -> BotticelliError {
        if streamed { self.stream().await.1.unwrap() } else { self.generate().await.unwrap_err() }
    }

    /// Returns the waits before each retry, in milliseconds.
    pub(crate) fn waits(&self) -> Vec<u128> {
        let waits = self.waits.lock().unwrap();
        waits.iter().map(|wait| wait.wait.unwrap_or_default().as_millis()).collect()
    }

    pub(crate) fn calls(&self) -> usize {
        self.sandbox.requests().len()
    }
}
