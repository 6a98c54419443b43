//! Time, injected.

use futures::future::BoxFuture;
use std::fmt::Debug;
use std::time::{Duration, Instant, SystemTime};

/// Where a driver takes its time from.
///
/// The real one is the transport's; tests use a [`ManualClock`](crate::ManualClock).
pub trait Clock: Debug + Send + Sync {
    /// The time to measure with: it never goes back.
    fn now(&self) -> Instant;

    /// The time of day, for dates that a server names.
    fn wall_time(&self) -> SystemTime;

    /// Resolves when `duration` has passed.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}
