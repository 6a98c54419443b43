//! A driver with fallbacks.

use super::attempts::Attempts;
use super::opening;
use super::plan::Plan;
use super::route::FallbackRoute;
use crate::forward::forward;
use crate::verb::{Request, TextRequest, TextVerb};
use botticelli_core::{CostEstimate, GenerateResponse};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::{BotticelliDriver, ChunkStream, Clock};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// A driver that tries other routes after a failure. The [module](super) has the rules.
///
/// All routes have the same type of driver: one driver with several models, or `Arc<dyn BotticelliDriver>` for any drivers. Clones share
/// the cool-downs. The fallback completes text if the drivers do, which an `Arc<dyn BotticelliDriver>` does not.
///
/// ```
/// use botticelli_error::ErrorCategory;
/// use botticelli_interface::BotticelliDriver;
/// use botticelli_layers::fallback::FallbackDriver;
/// use std::sync::Arc;
///
/// fn careful(remote: Arc<dyn BotticelliDriver>, local: Arc<dyn BotticelliDriver>) -> impl BotticelliDriver {
///     FallbackDriver::new(remote)
///         .or_model("openai/gpt-oss-20b:cheapest")
///         .or("local", local)
///         .on([ErrorCategory::CreditsExhausted, ErrorCategory::Server, ErrorCategory::Connection])
/// }
/// ```
#[derive(Debug)]
pub struct FallbackDriver<D = Arc<dyn BotticelliDriver>> {
    plan: Plan<D>,
}

impl<D> FallbackDriver<D> {
    /// Returns a driver whose calls go to `primary` first.
    pub fn new(primary: D) -> Self {
        Self { plan: Plan::new(primary) }
    }

    /// Appends another driver, which uses its own model. Responses and errors contain the name.
    pub fn or(self, name: impl Into<String>, driver: D) -> Self {
        self.or_route(FallbackRoute::new(name, driver))
    }

    /// Appends another model, or another provider of a model, of the driver before it: `org/model:provider`.
    pub fn or_model(self, model: impl Into<String>) -> Self {
        let model = model.into();
        let driver = self.plan.others.last().map_or(&self.plan.primary, |route| &route.driver).clone();
        self.or_route(FallbackRoute::shared(&model, driver).with_model(&model))
    }

    /// Appends a route.
    pub fn or_route(mut self, route: FallbackRoute<D>) -> Self {
        self.plan.others.push(route);
        self
    }

    /// Sets the categories of errors that lead to another route. Default: [`DEFAULT_CATEGORIES`](super::DEFAULT_CATEGORIES).
    pub fn on(mut self, categories: impl IntoIterator<Item = ErrorCategory>) -> Self {
        self.plan.on = categories.into_iter().collect();
        self
    }

    /// Sets the time for which a failed route is skipped, unless the service requests another time. Zero skips none. Default: 60
    /// s.
    pub fn with_cool_down(mut self, cool_down: Duration) -> Self {
        self.plan.cool_down = cool_down;
        self
    }

    /// Sets the clock of the cool-downs. Default: the system's.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.plan.clock = clock;
        self
    }

    /// Checks that the routes can be used. A call checks this too.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) for an empty list of categories, and for a route without a name.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        self.plan.validate()
    }

    /// Returns the name of each route after the first.
    pub fn route_names(&self) -> impl Iterator<Item = &str> {
        self.plan.others.iter().map(FallbackRoute::name)
    }
}

impl FallbackDriver<Arc<dyn BotticelliDriver>> {
    /// Appends a driver of any type. The model is the name of the route.
    pub fn with_fallback(self, driver: impl BotticelliDriver + 'static) -> Self {
        let driver: Arc<dyn BotticelliDriver> = Arc::new(driver);
        self.or(driver.model_name().to_owned(), driver)
    }
}

impl<D> Clone for FallbackDriver<D> {
    fn clone(&self) -> Self {
        Self { plan: self.plan.clone() }
    }
}

impl<D: Debug + Send + Sync + 'static> FallbackDriver<D> {
    /// Returns the driver of the first route.
    fn inner(&self) -> &D {
        &self.plan.primary
    }

    fn attempts<'a, V: TextVerb<D>>(
        &'a self,
        request: &'a V::Request,
        within: Option<Duration>,
    ) -> Attempts<'a, D> {
        Attempts::new(&self.plan, request.model(), V::model_name(&self.plan.primary), within)
    }

    /// Returns the request as the route gets it.
    fn request<R: TextRequest>(&self, position: usize, request: &R) -> R {
        match self.plan.other(position) {
            Some(route) => route.request(request.clone()),
            None => request.clone(),
        }
    }

    async fn call<V: TextVerb<D>>(&self, request: V::Request) -> Result<GenerateResponse, BotticelliError> {
        self.plan.validate()?;
        let within = request.timeouts().and_then(|timeouts| timeouts.total());
        let mut attempts = self.attempts::<V>(&request, within);
        let mut position = attempts.next().unwrap_or_default();
        loop {
            match V::send(self.plan.driver(position), self.request(position, &request)).await {
                Ok(response) => {
                    attempts.succeed(position);
                    return Ok(match attempts.label(position) {
                        Some(label) => label.put_on(response),
                        None => response,
                    });
                }
                Err(error) => position = attempts.fail(position, error, &request).await?,
            }
        }
    }

    async fn call_stream<V: TextVerb<D>>(&self, request: V::Request) -> Result<ChunkStream, BotticelliError> {
        self.plan.validate()?;
        let within = request.timeouts().and_then(|timeouts| timeouts.stream_total());
        let mut attempts = self.attempts::<V>(&request, within);
        let mut position = attempts.next().unwrap_or_default();
        loop {
            let sent = V::send_stream(self.plan.driver(position), self.request(position, &request));
            let opened = match sent.await {
                Ok(chunks) => opening::opened(chunks, "the route").await,
                Err(error) => Err(error),
            };
            match opened {
                Ok((first, rest)) => {
                    attempts.succeed(position);
                    let (key, label) = (attempts.key(position), attempts.label(position));
                    return Ok(opening::continued(first, rest, &self.plan, key, label, attempts.within));
                }
                Err(error) => position = attempts.fail(position, error, &request).await?,
            }
        }
    }

    /// Returns the largest estimate of all routes. Its cost or its tokens are unknown if they are unknown for one of the routes.
    ///
    /// Fails only if all estimates do.
    async fn estimated<V: TextVerb<D>>(&self, request: &V::Request) -> Result<CostEstimate, BotticelliError> {
        let mut largest: Option<CostEstimate> = None;
        let mut failure = None;
        for position in 0..=self.plan.others.len() {
            let routed = self.request(position, request);
            match V::estimate(self.plan.driver(position), &routed).await {
                Ok(estimate) => {
                    largest = Some(largest.map_or(estimate, |largest| larger(largest, estimate)));
                }
                Err(error) => {
                    tracing::debug!(%error, position, "a route has no estimate");
                    failure.get_or_insert(error);
                }
            }
        }
        match (largest, failure) {
            (Some(largest), None) => Ok(largest),
            (Some(largest), Some(_)) => Ok(larger(largest, CostEstimate::unknown())),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(CostEstimate::unknown()),
        }
    }

    fn all_report_sends<V: TextVerb<D>>(&self) -> bool {
        (0..=self.plan.others.len()).all(|position| V::reports_sends(self.plan.driver(position)))
    }
}

/// Returns an upper bound for two routes, if either may answer.
fn larger(ours: CostEstimate, theirs: CostEstimate) -> CostEstimate {
    let larger = |ours: Option<u64>, theirs: Option<u64>| Some(ours?.max(theirs?));
    larger(ours.nano_dollars(), theirs.nano_dollars())
        .map_or(CostEstimate::unknown(), CostEstimate::at_most)
        .with_tokens(larger(ours.tokens(), theirs.tokens()))
        .with_free_route(ours.has_free_route() || theirs.has_free_route())
}

forward!(FallbackDriver: 'static, estimated, all_report_sends);
