//! The driver under test.

use crate::BotticelliDriver;
use futures::future::BoxFuture;
use std::fmt;
use std::sync::Arc;

/// The driver under test, with optional means to make it fail.
#[derive(Clone)]
pub struct Subject {
    pub(super) driver: Arc<dyn BotticelliDriver>,
    pub(super) unknown_model: Option<String>,
    pub(super) wrong_key: Option<Arc<dyn BotticelliDriver>>,
    pub(super) broken_stream: Option<Arc<dyn BotticelliDriver>>,
    pub(super) is_idle: Option<IdleCheck>,
}

/// A check that resolves to `true` if the service has no open call.
type IdleCheck = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

impl Subject {
    /// Returns a subject with the driver alone.
    pub fn new(driver: Arc<dyn BotticelliDriver>) -> Self {
        Self { driver, unknown_model: None, wrong_key: None, broken_stream: None, is_idle: None }
    }

    /// Returns the subject with a model that the service does not have. Without it, the case is skipped.
    pub fn with_unknown_model(mut self, model: impl Into<String>) -> Self {
        self.unknown_model = Some(model.into());
        self
    }

    /// Returns the subject with the same driver and a key that the service rejects. Without it, the case is skipped.
    pub fn with_wrong_key(mut self, driver: Arc<dyn BotticelliDriver>) -> Self {
        self.wrong_key = Some(driver);
        self
    }

    /// Returns the subject with the same driver and a service that interrupts every response after some text.
    ///
    /// Without it, the cases of broken streams do not run.
    pub fn with_broken_stream(mut self, driver: Arc<dyn BotticelliDriver>) -> Self {
        self.broken_stream = Some(driver);
        self
    }

    /// Returns the subject with a check that resolves to `true` if the service has no open call.
    ///
    /// The check may wait for a reasonable time. Without it, a dropped call that continues at the service goes unnoticed.
    pub fn with_idle_check<F>(mut self, is_idle: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, bool> + Send + Sync + 'static,
    {
        self.is_idle = Some(Arc::new(is_idle));
        self
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("driver", &self.driver)
            .field("unknown_model", &self.unknown_model)
            .field("wrong_key", &self.wrong_key)
            .field("broken_stream", &self.broken_stream)
            .field("is_idle", &self.is_idle.as_ref().map(|_| "…"))
            .finish()
    }
}
