//! A route of a fallback.

use super::config::FallbackConfig;
use crate::verb::TextRequest;
use botticelli_error::ErrorCategory;
use std::sync::Arc;
use std::time::Duration;

/// A route that a [`FallbackDriver`](super::FallbackDriver) may use: another driver, or another model of the first driver.
#[derive(Debug)]
pub struct FallbackRoute<D> {
    pub(super) name: String,
    pub(super) driver: Arc<D>,
    pub(super) model: Option<String>,
    pub(super) on: Option<Vec<ErrorCategory>>,
    pub(super) cool_down: Option<Duration>,
}

impl<D> FallbackRoute<D> {
    /// Returns the route to `driver`. Responses and errors contain the name of the route.
    pub fn new(name: impl Into<String>, driver: D) -> Self {
        Self::shared(name, Arc::new(driver))
    }

    pub(super) fn shared(name: impl Into<String>, driver: Arc<D>) -> Self {
        Self { name: name.into(), driver, model: None, on: None, cool_down: None }
    }

    /// Sets the model that the route requests, in place of the driver's.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Sets the categories of errors that lead to this route. Default: the categories of the
    /// [`FallbackDriver`](super::FallbackDriver::on).
    pub fn with_on(mut self, categories: impl IntoIterator<Item = ErrorCategory>) -> Self {
        self.on = Some(categories.into_iter().collect());
        self
    }

    /// Sets the time for which a failed route is skipped in favour of this one. Default: the cool-down
    /// of the [`FallbackDriver`](super::FallbackDriver::with_cool_down).
    pub fn with_cool_down(mut self, cool_down: Duration) -> Self {
        self.cool_down = Some(cool_down);
        self
    }

    /// Sets the categories and the cool-down that the configuration has. The others stay as they are.
    pub fn with_config(mut self, config: &FallbackConfig) -> Self {
        self.on = config.on().map(<[_]>::to_vec).or(self.on);
        self.cool_down = config.cool_down().or(self.cool_down);
        self
    }

    /// Returns the name of the route.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the request for this route as a fallback. Another driver does not know the model of the request.
    pub(super) fn request<R: TextRequest>(&self, request: R) -> R {
        match &self.model {
            Some(model) => request.with_model(model),
            None => request.without_model(),
        }
    }
}

impl<D> Clone for FallbackRoute<D> {
    fn clone(&self) -> Self {
        let Self { name, driver, model, on, cool_down } = self;
        Self {
            name: name.clone(),
            driver: driver.clone(),
            model: model.clone(),
            on: on.clone(),
            cool_down: *cool_down,
        }
    }
}
