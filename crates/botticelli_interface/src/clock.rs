//! Injected time.

use futures::future::BoxFuture;
use std::fmt::Debug;
use std::time::{Duration, Instant, SystemTime};

/// The time source of a driver.
///
/// The real clock belongs to the transport; tests use a [`ManualClock`](crate::ManualClock).
pub trait Clock: Debug + Send + Sync {
    /// Returns a monotonic time, to measure with.
    fn now(&self) -> Instant;

    /// Returns the time of day, to compare with dates of a server.
    fn wall_time(&self) -> SystemTime;

    /// Resolves after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}
