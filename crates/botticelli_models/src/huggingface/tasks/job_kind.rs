//! The jobs of each provider: their states and addresses.

use reqwest::{Method, Url};
use serde_json::Value;
use std::time::Duration;

/// The jobs of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobKind {
    FalQueue,
    Replicate,
    WaveSpeed,
    TogetherVideo,
    Novita,
    Zai,
}

/// The state of a job.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum JobState {
    /// With the provider's word for the state.
    Running(String),
    /// With the JSON of the result.
    Done(Value),
    /// With the provider's reason.
    Failed(String),
}

impl JobKind {
    /// Returns the name of the provider.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FalQueue => "fal-ai",
            Self::Replicate => "replicate",
            Self::WaveSpeed => "wavespeed",
            Self::TogetherVideo => "together",
            Self::Novita => "novita",
            Self::Zai => "zai-org",
        }
    }

    /// Returns the time between polls, as in the official clients.
    pub(super) fn interval(self) -> Duration {
        match self {
            Self::FalQueue | Self::WaveSpeed | Self::Novita => Duration::from_millis(500),
            Self::Replicate => Duration::from_secs(1),
            Self::TogetherVideo => Duration::from_secs(2),
            Self::Zai => Duration::from_secs(5),
        }
    }

    /// Returns the state in the answer to the start.
    pub(super) fn start_state(self, value: &Value) -> JobState {
        match self {
            Self::Novita => JobState::Running("TASK_STATUS_QUEUED".to_owned()),
            _ => self.state(value),
        }
    }

    /// Returns the state in the answer to a poll. An unknown word counts as running.
    pub(super) fn state(self, value: &Value) -> JobState {
        let place = match self {
            Self::WaveSpeed => "/data/status",
            Self::Novita => "/task/status",
            Self::Zai => "/task_status",
            Self::FalQueue | Self::Replicate | Self::TogetherVideo => "/status",
        };
        let word = value.pointer(place).and_then(Value::as_str).unwrap_or("queued");
        // replicate may write `processing` although the output is there.
        let has_output =
            self == Self::Replicate && value.get("output").is_some_and(|output| !output.is_null());
        match word {
            _ if has_output => JobState::Done(value.clone()),
            "COMPLETED" | "completed" | "succeeded" | "TASK_STATUS_SUCCEED" | "SUCCESS" => {
                JobState::Done(value.clone())
            }
            "failed" | "canceled" | "cancelled" | "TASK_STATUS_FAILED" | "FAIL" | "FAILED" | "ERROR" => {
                JobState::Failed(self.reason(value))
            }
            word => JobState::Running(word.to_owned()),
        }
    }

    fn reason(self, value: &Value) -> String {
        let places: &[&str] = match self {
            Self::WaveSpeed => &["/data/error", "/message"],
            Self::Novita => &["/task/reason", "/message"],
            Self::FalQueue | Self::Replicate | Self::TogetherVideo | Self::Zai => {
                &["/error/message", "/error", "/detail"]
            }
        };
        let reason = places.iter().find_map(|place| value.pointer(place)?.as_str());
        reason.filter(|reason| !reason.is_empty()).unwrap_or("no reason").to_owned()
    }

    /// Returns the address of polls, if the answer to the start names the job.
    pub(super) fn poll_address(self, start: &Url, value: &Value) -> Option<String> {
        let text = |place: &str| value.pointer(place).and_then(Value::as_str);
        match self {
            Self::FalQueue => {
                Some(with_query(&format!("{}/status", without_query(text("/response_url")?)), start))
            }
            Self::Replicate => text("/urls/get").map(str::to_owned),
            Self::WaveSpeed => text("/data/urls/get").map(str::to_owned),
            Self::TogetherVideo => Some(format!("{}/{}", start.path(), identifier(text("/id")?)?)),
            Self::Novita => Some(format!("/v3/async/task-result?task_id={}", identifier(text("/task_id")?)?)),
            Self::Zai => Some(format!("/api/paas/v4/async-result/{}", identifier(text("/id")?)?)),
        }
    }

    /// Returns the address of the result, if it is not part of the last poll. fal's query must be kept.
    pub(super) fn result_address(self, value: &Value) -> Option<String> {
        match self {
            Self::FalQueue => {
                let address = value.pointer("/response_url").and_then(Value::as_str)?;
                Some(format!("{}?{FAL_QUEUE}", without_query(address)))
            }
            _ => None,
        }
    }

    /// Returns the method and the address that cancel the job, if the provider can do that.
    pub(super) fn cancel_address(self, value: &Value) -> Option<(Method, String)> {
        let text = |place: &str| value.pointer(place).and_then(Value::as_str);
        match self {
            Self::FalQueue => {
                let address = without_query(text("/response_url")?);
                Some((Method::PUT, format!("{address}/cancel?{FAL_QUEUE}")))
            }
            Self::Replicate => Some((Method::POST, text("/urls/cancel")?.to_owned())),
            Self::WaveSpeed | Self::TogetherVideo | Self::Novita | Self::Zai => None,
        }
    }
}

/// The query that selects fal's queue.
pub(super) const FAL_QUEUE: &str = "_subdomain=queue";

fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

fn with_query(address: &str, start: &Url) -> String {
    match start.query() {
        Some(query) => format!("{address}?{query}"),
        None => address.to_owned(),
    }
}

/// Returns the id of a job, if it cannot change the path of an address.
fn identifier(id: &str) -> Option<&str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    (!id.is_empty() && id.chars().all(is_plain) && !id.contains("..")).then_some(id)
}
