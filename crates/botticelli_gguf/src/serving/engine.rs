//! The handle of the worker.

use super::event::Item;
use super::job::Job;
use super::shared::{Shared, failure, rejected};
use super::slots::Slots;
use super::worker::Worker;
use crate::config::CacheType;
use crate::model::Transformer;
use crate::parallel;
use crate::tokenizer::Tokenizer;
use botticelli_error::{BotticelliError, ConfigError, ErrorCategory};
use botticelli_interface::Clock;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Events of a response that may wait for the caller.
const UNREAD_EVENTS: usize = 16;

/// The limits of a worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EngineLimits {
    pub(crate) max_concurrent: usize,
    pub(crate) queue_length: usize,
    pub(crate) context: usize,
    pub(crate) cache_type: CacheType,
    pub(crate) threads: usize,
}

/// The handle of the thread that decodes. Dropping it lets the thread finish its jobs and end.
#[derive(Debug)]
pub(crate) struct Engine {
    shared: Arc<Shared>,
    max_concurrent: usize,
    queue_length: usize,
    provider: &'static str,
}

impl Engine {
    pub(crate) fn start(
        model: Arc<Transformer>,
        tokenizer: Arc<Tokenizer>,
        clock: Arc<dyn Clock>,
        limits: EngineLimits,
        provider: &'static str,
        name: String,
    ) -> Result<Self, BotticelliError> {
        let EngineLimits { max_concurrent, queue_length, context, cache_type, threads } = limits;
        let shared = Arc::new(Shared::default());
        let mut worker = Worker {
            model,
            tokenizer,
            shared: Arc::clone(&shared),
            clock,
            slots: Slots::new(max_concurrent, context, cache_type),
            sequences: Vec::new(),
            context,
            max_concurrent,
            provider,
            name,
        };
        let run = move || {
            let shared = Arc::clone(&worker.shared);
            if catch_unwind(AssertUnwindSafe(|| worker.run())).is_err() {
                let mut state = shared.state();
                state.has_failed = true;
                state.active = 0;
                state.waiting.clear();
            }
        };
        let pool = parallel::pool(threads).map_err(|error| {
            ConfigError::new("no thread can be started", "raise the limit of threads").with_source(error)
        })?;
        // The threads end after the worker, which is one of them.
        pool.spawn(run);
        Ok(Self { shared, max_concurrent, queue_length, provider })
    }

    /// Adds the choices of a request to the queue.
    pub(super) fn submit(&self, jobs: Vec<Job>) -> Result<mpsc::Receiver<Item>, BotticelliError> {
        let (sender, receiver) = mpsc::channel(UNREAD_EVENTS + jobs.len());
        let mut state = self.shared.state();
        if state.has_failed {
            return Err(failure(self.provider));
        }
        let free = self.max_concurrent.saturating_sub(state.active);
        let waiting = state.waiting.len();
        if waiting + jobs.len() > self.queue_length + free {
            let what = format!("{waiting} responses wait, and the queue has {} places", self.queue_length);
            let remedy = "send it later, or raise the length of the queue";
            return Err(rejected(self.provider, ErrorCategory::RateLimited, what, remedy));
        }
        state.waiting.extend(jobs.into_iter().map(|job| (job, sender.clone())));
        drop(state);
        self.shared.wake();
        Ok(receiver)
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    pub(super) const fn provider(&self) -> &'static str {
        self.provider
    }

    /// Returns the number of choices that are generated or wait.
    pub(crate) fn load(&self) -> usize {
        let state = self.shared.state();
        state.active + state.waiting.len()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.state().is_closed = true;
        self.shared.wake();
    }
}
