//! Calls that their program keeps without polling them.

use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::mock::MockDriver;
use botticelli_layers::rate_limit::RateLimit;
use futures::FutureExt;
use std::sync::Arc;
use std::time::Duration;

/// Returns a driver with one call in flight, and its clock.
fn one_at_a_time(per_minute: u64) -> (Arc<ManualClock>, impl BotticelliDriver) {
    let clock = Arc::new(ManualClock::default());
    let limit = RateLimit::requests_per_minute(per_minute).with_max_in_flight(1).with_clock(clock.clone());
    (clock, MockDriver::answering(["Hi"]).repeating().with_rate_limit(limit))
}

#[tokio::test]
async fn a_paused_call_gives_up_its_place_in_flight() {
    let (clock, driver) = one_at_a_time(100);
    let in_flight = driver.generate_stream("Hi".into()).await.unwrap();
    let (mut first, mut second) = (driver.generate("Hi".into()), driver.generate("Hi".into()));
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    // The first call may go now, and does not know it.
    drop(in_flight);
    assert!((&mut second).now_or_never().is_none());
    clock.advance(Duration::from_millis(4_999));
    assert!((&mut second).now_or_never().is_none());
    clock.advance(Duration::from_millis(1));
    assert!((&mut second).now_or_never().is_some_and(|answer| answer.is_ok()));
    // It still gets its turn, before later calls.
    let occupied = driver.generate_stream("Hi".into()).await.unwrap();
    let mut later = driver.generate("Hi".into());
    assert!((&mut later).now_or_never().is_none());
    assert!((&mut first).now_or_never().is_none());
    drop(occupied);
    assert!((&mut later).now_or_never().is_none());
    assert!((&mut first).now_or_never().is_some_and(|answer| answer.is_ok()));
    later.await.unwrap();
}

/// A call that is dropped after it lost its place leaves nothing behind.
#[tokio::test]
async fn a_paused_call_that_is_dropped_takes_no_place() {
    let (clock, driver) = one_at_a_time(3);
    let in_flight = driver.generate_stream("Hi".into()).await.unwrap();
    let (mut first, mut second) = (driver.generate("Hi".into()), driver.generate("Hi".into()));
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    drop(in_flight);
    clock.advance(Duration::from_secs(5));
    second.await.unwrap();
    drop(first);
    // Two of three requests were sent.
    assert!(driver.generate("Hi".into()).now_or_never().is_some_and(|answer| answer.is_ok()));
    assert!(driver.generate("Hi".into()).now_or_never().is_none());
}
