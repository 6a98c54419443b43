//! Other routes after a failure: other models, other providers, other drivers.
//!
//! ```
//! use botticelli_interface::BotticelliDriver;
//! use botticelli_layers::LayerExt;
//! use std::time::Duration;
//!
//! // When the credits are used up, the local server answers.
//! fn with_local(remote: impl BotticelliDriver + 'static, local: impl BotticelliDriver + 'static) -> impl BotticelliDriver {
//!     remote.with_fallback(local).with_cool_down(Duration::from_secs(300))
//! }
//! ```
//!
//! Rules:
//!
//! - A call goes to the first route that is not cooling down. If the route fails with a category that the next route accepts (see
//!   [`FallbackRoute::with_on`]), the call moves on. The default is [`DEFAULT_CATEGORIES`].
//! - A stream moves on only before its first content. The call waits for that content, and an error after it is passed on. An
//!   interrupted response is never requested from another route. Its error has the part that arrived.
//! - A failed route cools down: other calls skip it for the time that the service requests, at most a day, by default for 60 s. If all
//!   routes cool down, the route whose cool-down ends first is tried.
//! - A route that exceeds the `total` or `stream_total` of the request itself cools down only for requests with no more time.
//! - The first route receives the request unchanged. A fallback receives its own model. Without one, it uses the model of its
//!   driver.
//! - Timeouts apply to each route.
//! - The response lists the routes that failed, with the reasons
//!   ([`skipped_routes`](botticelli_core::GenerateResponse::skipped_routes)). If all routes fail, the call returns the error of
//!   the first route. Its message ends with the messages of the other routes.
//! - If the failed attempt may be billed, the [retry gate](botticelli_core::RetryGate) of the request decides about the next route.

mod attempts;
mod categories;
mod config;
mod cool_downs;
mod driver;
mod opening;
mod plan;
mod route;

pub use categories::DEFAULT_CATEGORIES;
pub use config::FallbackConfig;
pub use driver::FallbackDriver;
pub use route::FallbackRoute;
