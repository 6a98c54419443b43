//! Limits for requests and tokens per minute and per day, and for calls in flight.
//!
//! ```
//! use botticelli_interface::BotticelliDriver;
//! use botticelli_layers::LayerExt;
//! use botticelli_layers::rate_limit::RateLimit;
//! use std::time::Duration;
//!
//! fn limited(driver: impl BotticelliDriver) -> impl BotticelliDriver {
//!     let limit = RateLimit::requests_per_minute(60).with_max_in_flight(8).with_max_wait(Duration::from_secs(30));
//!     driver.with_rate_limit(limit)
//! }
//! ```
//!
//! Rules:
//!
//! - In any 60 seconds, at most the limit per minute is used, and in any 24 hours at most the limit per day. A day's quota is spread:
//!   at most an eighth of it is used in any hour. Calls count when they are sent. A service counts them when they arrive, so a limit
//!   a little below its own avoids the last rejections.
//! - Calls wait in order. A waiting call that is dropped gives up its place, and so does one that is not polled for five seconds after its
//!   turn has come.
//! - A call with a deadline fails at once if its wait would be longer: `total` or `stream_total` of the timeouts of the request,
//!   and [`max_wait`](RateLimit::with_max_wait), whichever is shorter. Without either, a call waits for as long as it takes. The
//!   timeouts of the driver (`[llm.timeout]`) do not bound the queue, because they begin when the driver gets the call. Set
//!   `max_wait` if a call must not wait for hours.
//! - The lookup of an estimate counts as a wait. It is given up after `max_wait`, but not before a second is over, and the estimate is
//!   then unknown.
//! - A call reserves the tokens of its estimate until it ends. A lower `max_tokens` reserves less, and the call waits less.
//! - At its end, the tokens that the response reports count for a minute or a day. Without a report, the estimate counts. After an error
//!   that is not billed, nothing counts.
//! - A call whose estimate is unknown, or larger than the limit, reserves as much as earlier calls used, or a tenth of the limit. If
//!   it uses more than the limit, the next calls wait for as many minutes or days. Without an estimate and a report, it counts as much as
//!   earlier calls used, which is nothing if no call reports.
//! - Retries of the driver count when the call ends, and so do the further requests of a task with a long list of inputs.
//! - A call is in flight until its response is complete, or until it is dropped.
//! - If the service reports that its limit is reached, all calls wait for as long as it asks, at most a day.
//!
//! Clones of a [`RateLimit`] share their state, so one limit can serve several drivers. The state ends with the process.
//!
//! With the feature `redis`, `RateLimit::with_redis` shares a limit among machines. A call then waits for its turn in its process,
//! and after that on the server:
//!
//! - The server's own time counts, in 64 parts of each minute, hour and day. No span of time has more than the limit.
//! - The calls of a process ask the server in order, at least once a second, and at random times. The order among machines is not fixed.
//!   A call that is not polled loses its turn after five seconds.
//! - A call that did not end, because its process crashed, is in flight for at most ten minutes. One that was dropped is in flight until
//!   the next call of its process.
//! - If the server cannot be reached, the limit of each process holds alone, with a warning in the log. A rate limit does not protect
//!   money, so its loss stops no call. The server is asked again after 5 seconds. A server that hangs takes at most half of the `total`
//!   timeout of a request.

mod acquire;
mod config;
mod limited;
mod limiter;
mod limits;
mod permit;
mod place;
#[cfg(feature = "redis")]
mod shared;
#[cfg(feature = "redis")]
mod shared_scripts;
mod state;
mod stream;
#[cfg(not(feature = "redis"))]
mod unshared;
mod window;

#[cfg(not(feature = "redis"))]
use unshared as shared;

pub use config::RateLimitConfig;
pub use limited::RateLimited;
pub use limits::RateLimit;
