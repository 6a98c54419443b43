//! Layers as methods of every driver.

#[cfg(feature = "budget")]
use crate::budget::{Budget, Budgeted};
#[cfg(feature = "cache")]
use crate::cache::{Cache, Cached};
#[cfg(feature = "cassette")]
use crate::cassette::Recorded;
#[cfg(feature = "fallback")]
use crate::fallback::FallbackDriver;
#[cfg(feature = "rate-limit")]
use crate::rate_limit::{RateLimit, RateLimited};
#[cfg(feature = "trace")]
use crate::trace::{Trace, Traced};
#[cfg(feature = "fallback")]
use botticelli_interface::BotticelliDriver;
use std::fmt::Debug;
#[cfg(feature = "fallback")]
use std::sync::Arc;

/// Layers as methods of every driver. The last layer is the outermost.
///
/// ```
/// use botticelli_core::Usd;
/// use botticelli_interface::BotticelliDriver;
/// use botticelli_layers::LayerExt;
/// use botticelli_layers::budget::Budget;
///
/// fn limited<D: BotticelliDriver>(driver: D) -> Result<impl BotticelliDriver, botticelli_error::BotticelliError> {
///     Ok(driver.with_budget(Budget::per_month(Usd::parse("0.10")?)))
/// }
/// ```
pub trait LayerExt: Debug + Send + Sync + Sized {
    /// Keeps the calls of the driver within a budget.
    #[cfg(feature = "budget")]
    fn with_budget(self, budget: Budget) -> Budgeted<Self> {
        Budgeted::new(self, budget)
    }

    /// Answers equal requests from a cache.
    #[cfg(feature = "cache")]
    fn with_cache(self, cache: Cache) -> Cached<Self> {
        Cached::new(self, cache)
    }

    /// Records calls in a cassette, a text file that a [`Player`](crate::cassette::Player) replays in tests.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`](botticelli_error::ConfigError) if the file cannot be written, or is not a cassette.
    #[cfg(feature = "cassette")]
    #[track_caller]
    fn with_recording(
        self,
        path: impl AsRef<std::path::Path>,
    ) -> Result<Recorded<Self>, botticelli_error::BotticelliError> {
        Recorded::new(self, path)
    }

    /// Sends calls to another driver if this one fails: without credits, over its limits, or not available.
    #[cfg(feature = "fallback")]
    fn with_fallback(self, other: impl BotticelliDriver + 'static) -> FallbackDriver
    where
        Self: BotticelliDriver + 'static,
    {
        let primary: Arc<dyn BotticelliDriver> = Arc::new(self);
        FallbackDriver::new(primary).with_fallback(other)
    }

    /// Keeps the calls of the driver within a rate limit. Calls wait for their turn, in order.
    #[cfg(feature = "rate-limit")]
    fn with_rate_limit(self, limit: RateLimit) -> RateLimited<Self> {
        RateLimited::new(self, limit)
    }

    /// Gives each call a span and a record.
    #[cfg(feature = "trace")]
    fn with_trace(self, trace: Trace) -> Traced<Self> {
        Traced::new(self, trace)
    }
}

impl<D: Debug + Send + Sync + Sized> LayerExt for D {}
