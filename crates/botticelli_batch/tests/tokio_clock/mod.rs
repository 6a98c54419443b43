//! Virtual time.

use botticelli_interface::Clock;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::time::{Duration, Instant, SystemTime};

/// The time of tokio, which tests stop: it advances only if every task waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokioClock;

impl Clock for TokioClock {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn wall_time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}
