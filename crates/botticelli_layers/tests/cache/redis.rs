//! Caches on a Redis server.

use crate::common::{Service, ask};
use crate::redis_server::RedisServer;
use botticelli_error::{BotticelliErrorKind, StoreErrorKind};
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::cache::Cache;
use redis::Commands;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn machines_share_a_server() {
    let Some(server) = RedisServer::start() else { return };
    let service = Service::counting();
    let machine = || service.clone().with_cache(Cache::redis(&server.address()).unwrap());
    machine().generate(ask("Hi")).await.unwrap();
    let hit = machine().generate(ask("Hi")).await.unwrap();
    assert!(hit.is_cached() && hit.warnings().is_empty());
    assert_eq!((hit.text().as_ref(), service.calls()), ("answer 0", 1));
    machine().cache().clear().await.unwrap();
    assert!(!machine().generate(ask("Hi")).await.unwrap().is_cached());
}

#[tokio::test]
async fn entries_expire_at_the_server_and_by_the_clock() {
    let Some(server) = RedisServer::start() else { return };
    let clock = ManualClock::default();
    let cache = Cache::redis(&server.address())
        .unwrap()
        .with_time_to_live(Duration::from_secs(60))
        .with_clock(Arc::new(clock.clone()));
    let driver = Service::counting().with_cache(cache);
    driver.generate(ask("Hi")).await.unwrap();
    let mut connection = redis::Client::open(server.address()).unwrap().get_connection().unwrap();
    let keys: Vec<String> = connection.keys("botticelli:cache:1:*").unwrap();
    let left: i64 = connection.pttl(&keys[0]).unwrap();
    assert!((1..=60_000).contains(&left), "{left}");
    clock.advance(Duration::from_secs(59));
    assert!(driver.generate(ask("Hi")).await.unwrap().is_cached());
    clock.advance(Duration::from_secs(1));
    assert!(!driver.generate(ask("Hi")).await.unwrap().is_cached());
}

#[tokio::test]
async fn a_poisoned_value_is_deleted() {
    let Some(server) = RedisServer::start() else { return };
    let mut connection = redis::Client::open(server.address()).unwrap().get_connection().unwrap();
    let service = Service::counting();
    let driver = service.clone().with_cache(Cache::redis(&server.address()).unwrap());
    driver.generate(ask("Hi")).await.unwrap();
    let keys: Vec<String> = connection.keys("botticelli:cache:1:*").unwrap();
    let value: Vec<u8> = connection.get(&keys[0]).unwrap();
    let text = String::from_utf8(value.clone()).unwrap();
    let poisoned = [
        text.replace("answer", "poison").into_bytes(),
        text.replacen('1', "2", 1).into_bytes(),
        value[..value.len() / 2].to_vec(),
        vec![0xff; 40],
        Vec::new(),
    ];
    for (number, bytes) in poisoned.into_iter().enumerate() {
        let _: () = connection.set(&keys[0], bytes).unwrap();
        let response = driver.generate(ask("Hi")).await.unwrap();
        assert_eq!(response.text(), format!("answer {}", number + 1));
        assert!(driver.generate(ask("Hi")).await.unwrap().is_cached());
    }
    // A value of another type cannot be read, and the call is sent.
    let _: () = connection.del(&keys[0]).unwrap();
    let _: () = connection.lpush(&keys[0], "x").unwrap();
    assert!(!driver.generate(ask("Hi")).await.unwrap().is_cached());
}

#[tokio::test]
async fn a_lost_server_fails_no_call_and_is_asked_again_later() {
    let Some(mut server) = RedisServer::start() else { return };
    let clock = ManualClock::default();
    let cache = Cache::redis(&server.address()).unwrap().with_clock(Arc::new(clock.clone()));
    let service = Service::counting();
    let driver = service.clone().with_cache(cache);
    driver.generate(ask("Hi")).await.unwrap();
    assert!(driver.generate(ask("Hi")).await.unwrap().is_cached());
    server.stop();
    for _ in 0..3 {
        let response = driver.generate(ask("Hi")).await.unwrap();
        assert!(!response.is_cached());
        assert!(response.warnings()[0].contains("cannot be reached"), "{:?}", response.warnings());
    }
    assert_eq!(service.calls(), 4);

    // Within the pause, nothing is sent to the server, so that this one is not noticed.
    let listener = std::net::TcpListener::bind(server.address().trim_start_matches("redis://")).unwrap();
    listener.set_nonblocking(true).unwrap();
    driver.generate(ask("Hi")).await.unwrap();
    assert!(listener.accept().is_err(), "the server was asked within the pause");
    clock.advance(Duration::from_secs(6));
    driver.generate(ask("Hi")).await.unwrap();
    assert!(listener.accept().is_ok(), "the server was not asked after the pause");
}

/// A server that accepts connections and never answers takes at most half of the time of a call.
#[cfg(feature = "mock")]
#[tokio::test]
async fn a_server_that_hangs_leaves_time_for_the_call() {
    use botticelli_core::Timeouts;
    use botticelli_layers::mock::MockDriver;
    use futures::{FutureExt, StreamExt};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("redis://{}", listener.local_addr().unwrap());
    let clock = ManualClock::default();
    let second = Duration::from_secs(1);
    let timeouts = Timeouts::default().with_total(second).with_stream_total(second);
    let request = || ask("Hi").with_timeouts(timeouts);
    for is_stream in [false, true] {
        let cache = Cache::redis(&address).unwrap().with_clock(Arc::new(clock.clone()));
        let driver = MockDriver::answering(["Hi"]).repeating().with_cache(cache);
        let call = || {
            let driver = &driver;
            async move {
                if is_stream {
                    let items: Vec<_> = driver.generate_stream(request()).await?.collect().await;
                    items.into_iter().next_back().unwrap().map(|last| last.into_response().unwrap())
                } else {
                    driver.generate(request()).await
                }
            }
            .boxed()
        };
        let mut first = call();
        assert!((&mut first).now_or_never().is_none());
        clock.advance(second / 2);
        let response = first.now_or_never().expect("half of the time is over").unwrap();
        assert!(response.warnings()[0].contains("cannot be reached"), "{:?}", response.warnings());
        // The server is not asked again, so that later calls have all of their time.
        call().now_or_never().expect("the server is not asked").unwrap();
        let rest = |total: Option<Timeouts>| {
            total.and_then(|total| if is_stream { total.stream_total() } else { total.total() })
        };
        let rests: Vec<_> =
            driver.inner().requests().iter().map(|request| rest(request.timeouts())).collect();
        assert_eq!(rests, [Some(second / 2), Some(second)]);
    }
}

/// A server that hangs when a response is stored does not hold the response back.
#[tokio::test]
async fn a_response_does_not_wait_for_the_cache_beyond_its_time() {
    use botticelli_core::Timeouts;
    use futures::FutureExt;

    let Some(server) = RedisServer::start() else { return };
    let clock = ManualClock::default();
    let cache = Cache::redis(&server.address()).unwrap().with_clock(Arc::new(clock.clone()));
    let service = Service::counting().gated();
    let driver = service.clone().with_cache(cache);
    let second = Duration::from_secs(1);
    let mut call = driver.generate(ask("Hi").with_timeouts(Timeouts::default().with_total(second)));
    while service.calls() == 0 {
        assert!((&mut call).now_or_never().is_none());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.pause();
    service.allow(1);
    assert!((&mut call).now_or_never().is_none());
    clock.advance(second);
    let response = call.now_or_never().expect("the time is over").unwrap();
    assert!(response.warnings()[0].contains("was not cached"), "{:?}", response.warnings());
}

#[test]
fn wrong_addresses_are_refused_without_their_password() {
    for address in ["redis://user:secret@", "redis://user:secret@host:port", "rediss://user:secret@host"] {
        let error = Cache::open(address).unwrap_err();
        let BotticelliErrorKind::Store(store) = error.kind() else { panic!("{error}") };
        assert!(matches!(store.kind(), StoreErrorKind::Address { .. }), "{error}");
        assert!(!format!("{error} {error:?} {error:#?}").contains("secret"), "{error:?}");
    }
}
