//! The real time.

use botticelli_interface::Clock;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::time::{Duration, Instant, SystemTime};

/// The real time, slept through on tokio's timer.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add to it")]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall_time(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}
