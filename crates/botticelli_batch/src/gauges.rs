//! The queue of a server.

use async_trait::async_trait;
use botticelli_error::BotticelliError;
use std::fmt::Debug;

/// A source of a server's queue, such as its address `/metrics`.
///
/// With the feature `metrics`, `MetricsGauge` reads it over HTTP. For other sources, [`QueueState::parse`] reads the text.
#[async_trait]
pub trait QueueGauge: Debug + Send + Sync {
    /// Returns the present state of the queue.
    ///
    /// # Errors
    ///
    /// Any failure. The run then continues without the gauge until the next reading, which follows later after each failure.
    async fn read(&self) -> Result<QueueState, BotticelliError>;
}

/// The state of a server's queue. `None` means that the server does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct QueueState {
    /// Requests that the server processes.
    pub running: Option<f64>,
    /// Requests that wait in the server.
    pub waiting: Option<f64>,
    /// Part of the memory for contexts that is in use, from 0 to 1.
    pub memory: Option<f64>,
}

/// Names of gauges: vLLM, SGLang, llama.cpp, text-generation-inference, text-embeddings-inference.
const RUNNING: [&str; 4] = [
    "vllm:num_requests_running",
    "sglang:num_running_reqs",
    "llamacpp:requests_processing",
    "tgi_batch_current_size",
];
const WAITING: [&str; 5] = [
    "vllm:num_requests_waiting",
    "sglang:num_queue_reqs",
    "llamacpp:requests_deferred",
    "tgi_queue_size",
    "te_queue_size",
];
const MEMORY: [&str; 4] = [
    "vllm:kv_cache_usage_perc",
    "vllm:gpu_cache_usage_perc",
    "sglang:token_usage",
    "llamacpp:kv_cache_usage_ratio",
];

impl QueueState {
    /// Returns a state with these numbers of requests.
    pub fn new(running: impl Into<Option<f64>>, waiting: impl Into<Option<f64>>) -> Self {
        Self { running: running.into(), waiting: waiting.into(), memory: None }
    }

    /// Reads the text format of Prometheus. Requests of several models or ranks add up. Lines of other gauges are skipped.
    ///
    /// ```
    /// use botticelli_batch::QueueState;
    ///
    /// let text = "# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting{model_name=\"m\"} 3.0\n";
    /// assert_eq!(QueueState::parse(text), QueueState::new(None, 3.0));
    /// ```
    pub fn parse(text: &str) -> Self {
        let mut state = Self::default();
        for (name, value) in text.lines().filter_map(gauge) {
            if RUNNING.contains(&name) {
                state.running = Some(state.running.unwrap_or(0.0) + value);
            } else if WAITING.contains(&name) {
                state.waiting = Some(state.waiting.unwrap_or(0.0) + value);
            } else if MEMORY.contains(&name) {
                state.memory = Some(state.memory.unwrap_or(0.0).max(value));
            }
        }
        state
    }
}

/// Returns the name and the value of a line: `name{label="text"} value time`.
fn gauge(line: &str) -> Option<(&str, f64)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let (name, rest) = match line.split_once('{') {
        // A label may have a brace and spaces in its text.
        Some((name, labels)) => (name, labels.rsplit_once('}')?.1),
        None => line.split_once(char::is_whitespace)?,
    };
    let value = rest.split_whitespace().next()?.parse::<f64>().ok()?;
    (value.is_finite() && value >= 0.0).then_some((name.trim(), value))
}
