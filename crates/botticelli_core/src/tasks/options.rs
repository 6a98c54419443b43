//! Settings that the requests of all tasks have.

use crate::{RetryGate, SentFlag, Timeouts};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The settings that the requests of all tasks have: the model, the timeouts, fields without a setting, and what layers attach.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip)]
    timeouts: Option<Timeouts>,
    #[serde(skip)]
    retry_gate: Option<RetryGate>,
    #[serde(skip)]
    sent_flag: Option<SentFlag>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    extra: Map<String, Value>,
}

impl TaskOptions {
    /// Returns the model name. `None` is the driver's model.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Sets the model, in place of the driver's.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Returns the timeouts. `None` is the driver's. Neither sent nor stored.
    pub const fn timeouts(&self) -> Option<Timeouts> {
        self.timeouts
    }

    /// Sets the timeouts. `None` is the driver's.
    pub fn with_timeouts(mut self, timeouts: impl Into<Option<Timeouts>>) -> Self {
        self.timeouts = timeouts.into();
        self
    }

    /// Returns the permission for retries after attempts that may be billed. `None` permits all. Neither sent nor stored.
    pub const fn retry_gate(&self) -> Option<&RetryGate> {
        self.retry_gate.as_ref()
    }

    /// Sets the permission for retries after attempts that may be billed.
    pub fn with_retry_gate(mut self, gate: RetryGate) -> Self {
        self.retry_gate = Some(gate);
        self
    }

    /// Returns the record of whether the call was sent. Neither sent nor stored.
    pub const fn sent_flag(&self) -> Option<&SentFlag> {
        self.sent_flag.as_ref()
    }

    /// Sets the record of whether the call was sent.
    pub fn with_sent_flag(mut self, flag: SentFlag) -> Self {
        self.sent_flag = Some(flag);
        self
    }

    /// Returns the fields of the service that have no setting.
    pub const fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }

    /// Replaces the fields of the service that have no setting.
    pub fn with_extra(mut self, extra: Map<String, Value>) -> Self {
        self.extra = extra;
        self
    }
}
