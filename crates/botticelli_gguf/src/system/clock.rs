//! The system clock.

use botticelli_interface::Clock;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::time::{Duration, Instant, SystemTime};

/// The system time, with tokio's timer for sleeps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

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
