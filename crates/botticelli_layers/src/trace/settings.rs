//! The settings of a traced driver.

use super::config::TraceConfig;
use super::record::CallRecord;
use crate::SystemClock;
use botticelli_interface::Clock;
use std::fmt;
use std::sync::Arc;

type Observer = Arc<dyn Fn(&CallRecord) + Send + Sync>;

/// Settings for the spans and the records of calls.
#[derive(Clone)]
pub struct Trace {
    pub(super) has_content: bool,
    pub(super) observer: Option<Observer>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Default for Trace {
    fn default() -> Self {
        Self { has_content: false, observer: None, clock: Arc::new(SystemClock::new()) }
    }
}

impl Trace {
    /// Returns the settings of a configuration.
    pub fn from_config(config: &TraceConfig) -> Self {
        Self::default().with_content(config.content)
    }

    /// Returns whether spans have the texts of requests, responses and errors. Default: `false`.
    pub fn has_content(&self) -> bool {
        self.has_content
    }

    /// Sets whether spans have the texts of requests, responses and errors.
    pub fn with_content(mut self, has_content: bool) -> Self {
        self.has_content = has_content;
        self
    }

    /// Sets the function that receives a record at the end of each call. It must return quickly.
    pub fn with_observer(mut self, observer: impl Fn(&CallRecord) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Sets the clock of the durations.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("has_content", &self.has_content)
            .field("has_observer", &self.observer.is_some())
            .field("clock", &self.clock)
            .finish()
    }
}
