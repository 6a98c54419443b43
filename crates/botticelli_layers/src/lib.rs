//! Wrappers around any driver: budgets, caches, rate limits, fallbacks, recordings, traces, and a mock for tests.
//!
//! A layer is a driver around another driver. It implements [`BotticelliDriver`](botticelli_interface::BotticelliDriver) and
//! [`CompletionDriver`](botticelli_interface::CompletionDriver), each if the inner driver does. Layers compose in any order. With the
//! feature `tasks`, budgets, caches, rate limits and cassettes also implement the traits of other tasks.
//!
//! Each layer has a feature, and a driver without layers costs nothing.

#[cfg(feature = "budget")]
pub mod budget;
#[cfg(feature = "cache")]
pub mod cache;
#[cfg(feature = "cassette")]
pub mod cassette;
mod clock;
#[cfg(any(feature = "budget", feature = "cache", feature = "fallback", feature = "rate-limit"))]
mod duration;
mod ext;
#[cfg(feature = "fallback")]
pub mod fallback;
#[cfg(any(
    feature = "budget",
    feature = "cache",
    feature = "rate-limit",
    feature = "cassette",
    feature = "fallback",
    feature = "trace"
))]
mod forward;
#[cfg(feature = "mock")]
pub mod mock;
#[cfg(feature = "rate-limit")]
pub mod rate_limit;
#[cfg(any(feature = "budget", feature = "cache", feature = "rate-limit"))]
mod store;
#[cfg(all(
    feature = "tasks",
    any(feature = "budget", feature = "cache", feature = "cassette", feature = "rate-limit")
))]
mod tasks;
#[cfg(any(feature = "budget", feature = "cassette", feature = "rate-limit"))]
mod tokens;
#[cfg(any(feature = "budget", feature = "cache", feature = "rate-limit"))]
mod total_limit;
#[cfg(feature = "trace")]
pub mod trace;
#[cfg(any(
    feature = "budget",
    feature = "cache",
    feature = "rate-limit",
    feature = "cassette",
    feature = "fallback",
    feature = "trace"
))]
mod verb;

pub use clock::SystemClock;
pub use ext::LayerExt;
