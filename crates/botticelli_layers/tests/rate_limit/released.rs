//! The places of dropped calls among all machines.

use crate::redis_server::RedisServer;
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::mock::MockDriver;
use botticelli_layers::rate_limit::RateLimit;
use futures::FutureExt;
use std::sync::Arc;
use std::time::Duration;

/// The next call ends the calls that were dropped. It may be dropped too, before it has ended them all.
#[tokio::test]
async fn the_places_of_dropped_calls_survive_a_call_that_gives_up() {
    let Some(server) = RedisServer::start() else { return };
    let limit = RateLimit::requests_per_minute(100).with_max_in_flight(3).with_max_wait(Duration::ZERO);
    let limit = limit.with_redis(&server.address(), "test").unwrap();
    let driver = MockDriver::answering(["Hi"]).repeating().with_rate_limit(limit);
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(driver.generate_stream("Hi".into()).await.unwrap());
    }
    drop(streams);
    assert!(driver.generate("Hi".into()).now_or_never().is_none());
    let mut again = Vec::new();
    for _ in 0..3 {
        again.push(driver.generate_stream("Hi".into()).await.unwrap());
    }
}

/// A program may keep a call without polling it.
#[tokio::test]
async fn a_paused_call_does_not_stop_the_others() {
    let Some(server) = RedisServer::start() else { return };
    let clock = Arc::new(ManualClock::default());
    let limit = RateLimit::requests_per_minute(100).with_clock(clock.clone());
    let limit = limit.with_redis(&server.address(), "test").unwrap();
    let driver = MockDriver::answering(["Hi"]).repeating().with_rate_limit(limit);
    let mut kept = driver.generate("Hi".into());
    assert!((&mut kept).now_or_never().is_none());
    let mut other = tokio::spawn({
        let driver = driver.clone();
        async move { driver.generate("Hi".into()).await.map(drop) }
    });
    let mut passed = Duration::ZERO;
    while tokio::time::timeout(Duration::from_millis(20), &mut other).await.is_err() {
        clock.advance(Duration::from_secs(1));
        passed += Duration::from_secs(1);
        assert!(passed < Duration::from_secs(60), "the call waits for one that is not polled");
    }
    assert!(passed >= Duration::from_secs(5), "the paused call has lost its turn after {passed:?}");
    kept.await.unwrap();
}
