//! The places of dropped calls among all machines.

use crate::redis_server::RedisServer;
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::mock::MockDriver;
use botticelli_layers::rate_limit::RateLimit;
use futures::FutureExt;
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
