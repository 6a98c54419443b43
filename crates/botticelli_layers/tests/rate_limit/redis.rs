//! Limits that machines share through a Redis server. Two limits with the same name stand for two machines.

use crate::redis_server::RedisServer;
use botticelli_core::{CostEstimate, GenerateRequest, Timeouts, Usage};
use botticelli_error::{BotticelliErrorKind, ErrorCategory, LimitErrorKind};
use botticelli_interface::{BotticelliDriver, ChunkStream, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::mock::{MockDriver, MockReply};
use botticelli_layers::rate_limit::{RateLimit, RateLimitConfig, RateLimited};
use futures::future::join_all;
use futures::{FutureExt, StreamExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn machine(server: &RedisServer, limit: RateLimit) -> RateLimited<MockDriver> {
    MockDriver::answering(["Hi"])
        .repeating()
        .with_rate_limit(limit.with_redis(&server.address(), "test").unwrap())
}

/// A request that waits for at most this time.
fn within(milliseconds: u64) -> GenerateRequest {
    let limit = Duration::from_millis(milliseconds);
    GenerateRequest::from("Hi").with_timeouts(Timeouts::default().with_total(limit).with_stream_total(limit))
}

async fn whole(mut stream: ChunkStream) {
    while let Some(chunk) = stream.next().await {
        chunk.unwrap();
    }
}

#[tokio::test]
async fn two_machines_share_the_requests_of_a_minute() {
    let Some(server) = RedisServer::start() else { return };
    let limit = || RateLimit::requests_per_minute(5).with_max_wait(Duration::ZERO);
    let machines = [machine(&server, limit()), machine(&server, limit())];
    let mut sent = 0;
    for call in 0..8 {
        let outcome = machines.get(call % 2).unwrap().generate("Hi".into()).await;
        if outcome.is_ok() {
            sent += 1;
            continue;
        }
        let error = outcome.unwrap_err();
        let BotticelliErrorKind::Limit(limit) = error.kind() else { panic!("{error}") };
        let LimitErrorKind::Rate { unit, limit, wait } = limit.kind() else { panic!("{error}") };
        assert_eq!((unit, limit), ("requests per minute", 5));
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_secs(62), "{wait:?}");
        assert_eq!((error.category(), error.may_be_billed()), (ErrorCategory::RateLimited, false));
    }
    assert_eq!(sent, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_in_flight_on_many_machines_never_exceed_the_limit() {
    let Some(server) = RedisServer::start() else { return };
    let (running, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let machines: Vec<_> = (0..4)
        .map(|_| {
            let mock = MockDriver::answering([MockReply::text("Hi").with_delay(Duration::from_millis(10))])
                .repeating();
            let limit = RateLimit::max_in_flight(3).with_redis(&server.address(), "test").unwrap();
            Arc::new(
                Counted { inner: mock, running: running.clone(), most: most.clone() }.with_rate_limit(limit),
            )
        })
        .collect();
    let calls = (0..48).map(|number| {
        let machine = machines.get(number % 4).unwrap().clone();
        tokio::spawn(async move {
            if number % 3 == 0 {
                whole(machine.generate_stream("Hi".into()).await.unwrap()).await;
            } else {
                machine.generate("Hi".into()).await.unwrap();
            }
        })
    });
    for call in join_all(calls).await {
        call.unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

/// A driver that counts its calls in flight.
#[derive(Debug)]
struct Counted {
    inner: MockDriver,
    running: Arc<AtomicU64>,
    most: Arc<AtomicU64>,
}

#[async_trait::async_trait]
impl BotticelliDriver for Counted {
    async fn generate(
        &self,
        request: GenerateRequest,
    ) -> Result<botticelli_core::GenerateResponse, botticelli_error::BotticelliError> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        let response = self.inner.generate(request).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        response
    }

    async fn generate_stream(
        &self,
        request: GenerateRequest,
    ) -> Result<ChunkStream, botticelli_error::BotticelliError> {
        let response = self.generate(request).await?;
        Ok(botticelli_interface::response_stream(response))
    }

    fn provider_name(&self) -> &'static str {
        "mock"
    }

    fn model_name(&self) -> &'static str {
        "mock"
    }
}

#[tokio::test]
async fn two_machines_share_the_tokens_that_calls_used() {
    let Some(server) = RedisServer::start() else { return };
    let machine = || {
        let mock = MockDriver::answering([MockReply::text("Hi").with_usage(Usage::new(
            Some(40),
            Some(0),
            Some(40),
        ))])
        .repeating();
        let limit = RateLimit::tokens_per_minute(100).with_max_wait(Duration::ZERO);
        mock.with_estimate(CostEstimate::unknown().with_tokens(Some(50)))
            .with_rate_limit(limit.with_redis(&server.address(), "test").unwrap())
    };
    let machines = [machine(), machine()];
    // 40 and 40 are used, so that 50 more do not fit.
    for (machine, is_sent) in machines.iter().chain(&machines).zip([true, true, false, false]) {
        assert_eq!(machine.generate("Hi".into()).await.is_ok(), is_sent);
    }
}

#[tokio::test]
async fn a_deadline_wins_over_the_queue_of_all_machines() {
    let Some(server) = RedisServer::start() else { return };
    let limit = || RateLimit::max_in_flight(1);
    let hanging = MockDriver::answering([MockReply::text("Hi").with_delay(Duration::from_secs(60))]);
    let first = hanging.with_rate_limit(limit().with_redis(&server.address(), "test").unwrap());
    let second = machine(&server, limit());
    let mut call = Box::pin(first.generate("Hi".into()));
    let _ = tokio::time::timeout(Duration::from_millis(200), &mut call).await;
    let started = Instant::now();
    // The second waits in the queue of its own process.
    let (one, other) = tokio::join!(second.generate(within(300)), second.generate(within(200)));
    for error in [one.unwrap_err(), other.unwrap_err()] {
        assert_eq!(error.category(), ErrorCategory::RateLimited);
    }
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(second.inner().calls().is_empty());

    // A call that is dropped is in flight until the next call of its process.
    drop(call);
    let _ = first.generate(within(300)).await;
    second.generate(within(2_000)).await.unwrap();
}

#[tokio::test]
async fn calls_of_a_process_that_crashed_expire() {
    let Some(server) = RedisServer::start() else { return };
    // The call of a process that crashed a moment ago.
    let client = redis::Client::open(server.address()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let over = u64::try_from(now.as_millis()).unwrap() + 2_000;
    let key = "botticelli:rate:1:test:in_flight";
    let _: i64 =
        redis::cmd("ZADD").arg(key).arg(over).arg("crashed").query_async(&mut connection).await.unwrap();
    let machine = machine(&server, RateLimit::max_in_flight(1));
    assert!(machine.generate(within(500)).await.is_err());
    machine.generate(within(20_000)).await.unwrap();
}

/// `max_wait` limits the wait, and says nothing about the time of the call.
#[tokio::test]
async fn a_short_wait_does_not_end_a_long_call_early() {
    let Some(server) = RedisServer::start() else { return };
    let hanging = MockDriver::answering([MockReply::text("Hi").with_delay(Duration::from_secs(60))]);
    let limit = RateLimit::max_in_flight(1).with_max_wait(Duration::from_secs(5));
    let first = hanging.with_rate_limit(limit.with_redis(&server.address(), "test").unwrap());
    let mut call = Box::pin(first.generate("Hi".into()));
    let _ = tokio::time::timeout(Duration::from_millis(200), &mut call).await;
    let left = lease(&server).await;
    assert!(left > Duration::from_secs(500), "the call may take 10 minutes, and its lease ends in {left:?}");

    drop(call);
    let limit = RateLimit::max_in_flight(1).with_max_wait(Duration::from_millis(1));
    let hanging = MockDriver::answering([MockReply::text("Hi").with_delay(Duration::from_secs(60))]);
    let second = hanging.with_rate_limit(limit.with_redis(&server.address(), "other").unwrap());
    let mut call = Box::pin(second.generate(within(60_000)));
    let _ = tokio::time::timeout(Duration::from_millis(200), &mut call).await;
    let left = ends_of_leases(&server, "other").await;
    assert!(left > Duration::from_secs(50) && left <= Duration::from_secs(60), "{left:?}");
}

/// Returns the time until the lease of the only call in flight ends.
async fn lease(server: &RedisServer) -> Duration {
    ends_of_leases(server, "test").await
}

async fn ends_of_leases(server: &RedisServer, name: &str) -> Duration {
    let client = redis::Client::open(server.address()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let key = format!("botticelli:rate:1:{name}:in_flight");
    let found: Vec<(String, f64)> = redis::cmd("ZRANGE")
        .arg(key)
        .arg(0)
        .arg(-1)
        .arg("WITHSCORES")
        .query_async(&mut connection)
        .await
        .unwrap();
    let [(_, until)] = found.as_slice() else { panic!("{found:?}") };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Duration::from_secs_f64((until / 1_000.0 - now.as_secs_f64()).max(0.0))
}

#[tokio::test]
async fn a_call_counts_once_after_its_lease_is_over() {
    let Some(server) = RedisServer::start() else { return };
    let limit = || RateLimit::tokens_per_minute(100).with_max_wait(Duration::ZERO);
    let used = |tokens| Usage::new(Some(tokens), Some(0), Some(tokens));
    let reply = MockReply::text("Hi").with_usage(used(90)).with_delay(Duration::from_millis(400));
    let estimate = CostEstimate::unknown().with_tokens(Some(20));
    let machine = |mock: MockDriver, limit: RateLimit| {
        mock.with_estimate(estimate).with_rate_limit(limit.with_redis(&server.address(), "test").unwrap())
    };
    let slow = machine(MockDriver::answering([reply]), limit());
    let quick = || {
        let mock = MockDriver::answering([MockReply::text("Hi").with_usage(used(0))]).repeating();
        machine(mock, limit())
    };
    let mut call = Box::pin(slow.generate("Hi".into()));
    let _ = tokio::time::timeout(Duration::from_millis(100), &mut call).await;
    // The lease ends, and another call notices it.
    let client = redis::Client::open(server.address()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let key = "botticelli:rate:1:test:in_flight";
    let ids: Vec<String> =
        redis::cmd("ZRANGE").arg(key).arg(0).arg(-1).query_async(&mut connection).await.unwrap();
    let _: i64 = redis::cmd("ZADD")
        .arg(key)
        .arg(1)
        .arg(ids.first().unwrap())
        .query_async(&mut connection)
        .await
        .unwrap();
    quick().generate("Hi".into()).await.unwrap();
    call.await.unwrap();
    // 90 of 100 tokens are used, so that 20 more do not fit.
    assert_eq!(quick().generate("Hi".into()).await.unwrap_err().category(), ErrorCategory::RateLimited);
    let parts: Vec<(String, u64)> = redis::cmd("HGETALL")
        .arg("botticelli:rate:1:test:t:60000")
        .query_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(parts.iter().map(|(_, tokens)| tokens).sum::<u64>(), 90);
}

/// A call that the server refuses is not sent, and uses nothing of the limit of its own process.
#[tokio::test]
async fn a_call_that_the_server_refuses_does_not_count_in_its_process() {
    let Some(mut server) = RedisServer::start() else { return };
    let limit =
        || RateLimit::requests_per_minute(3).with_tokens_per_minute(100).with_max_wait(Duration::ZERO);
    let machine = || {
        let mock =
            MockDriver::answering([MockReply::text("Hi").with_usage(Usage::new(Some(1), Some(0), Some(1)))]);
        let estimate = CostEstimate::unknown().with_tokens(Some(40));
        let limit = limit().with_redis(&server.address(), "test").unwrap();
        mock.repeating().with_estimate(estimate).with_rate_limit(limit)
    };
    let machines = [machine(), machine()];
    for _ in 0..3 {
        machines[0].generate("Hi".into()).await.unwrap();
    }
    for _ in 0..5 {
        assert_eq!(
            machines[1].generate("Hi".into()).await.unwrap_err().category(),
            ErrorCategory::RateLimited
        );
    }
    // Nor does one that its caller drops while it waits for the server.
    let patient = {
        let limit = RateLimit::requests_per_minute(3).with_redis(&server.address(), "test").unwrap();
        MockDriver::answering(["Hi"]).repeating().with_rate_limit(limit)
    };
    for _ in 0..5 {
        let call = tokio::time::timeout(Duration::from_millis(50), patient.generate("Hi".into()));
        assert!(call.await.is_err());
    }
    // Without the server, the limit of the process holds alone, and nothing of it is used.
    server.stop();
    for _ in 0..3 {
        machines[1].generate("Hi".into()).await.unwrap();
        tokio::time::timeout(Duration::from_secs(10), patient.generate("Hi".into())).await.unwrap().unwrap();
    }
    assert!(machines[1].generate("Hi".into()).await.is_err());
}

#[tokio::test]
async fn a_pause_that_the_service_asks_for_holds_for_all_machines() {
    let Some(server) = RedisServer::start() else { return };
    let limit = || RateLimit::requests_per_minute(100).with_redis(&server.address(), "test").unwrap();
    let busy = MockReply::rate_limited(Duration::from_secs(40));
    let first = MockDriver::answering([busy]).with_rate_limit(limit());
    assert!(first.generate("Hi".into()).await.is_err());
    let second = machine(&server, RateLimit::requests_per_minute(100).with_max_wait(Duration::ZERO));
    let error = second.generate("Hi".into()).await.unwrap_err();
    assert!(error.retry_after() > Some(Duration::from_secs(30)), "{error}");
}

/// A rate limit does not protect money: without its server, the limit of the process holds.
#[tokio::test]
async fn without_the_server_the_limit_of_the_process_holds() {
    let Some(mut server) = RedisServer::start() else { return };
    let limit = || RateLimit::requests_per_minute(2).with_max_wait(Duration::ZERO);
    let machines = [machine(&server, limit()), machine(&server, limit())];
    machines.first().unwrap().generate("Hi".into()).await.unwrap();
    server.stop();
    for (machine, expected) in machines.iter().zip([[true, false, false], [true, true, false]]) {
        for is_sent in expected {
            assert_eq!(machine.generate("Hi".into()).await.is_ok(), is_sent);
        }
    }
}

/// The time of a call includes the time of the server.
#[tokio::test]
async fn a_server_that_hangs_leaves_time_for_the_call() {
    let Some(server) = RedisServer::start() else { return };
    let clock = ManualClock::default();
    let limit = RateLimit::requests_per_minute(9).with_clock(Arc::new(clock.clone()));
    let mock = MockDriver::answering([MockReply::text("Hi").with_delay(Duration::from_millis(1))])
        .repeating()
        .with_clock(Arc::new(clock.clone()));
    let driver = mock.with_rate_limit(limit.with_redis(&server.address(), "test").unwrap());
    let mut call = driver.generate(within(1_000));
    while driver.inner().calls().is_empty() {
        assert!((&mut call).now_or_never().is_none());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.pause();
    clock.advance(Duration::from_millis(1));
    assert!((&mut call).now_or_never().is_none(), "the end of the call is not written");
    clock.advance(Duration::from_millis(999));
    call.now_or_never().expect("its time is over").unwrap();

    let mut call = driver.generate(within(1_000));
    assert!((&mut call).now_or_never().is_none());
    clock.advance(Duration::from_millis(500));
    assert!((&mut call).now_or_never().is_none());
    assert_eq!(driver.inner().calls().len(), 2, "half of the time is over");
    let rest = driver.inner().requests().last().unwrap().timeouts().unwrap().total();
    assert_eq!(rest, Some(Duration::from_millis(500)));
    clock.advance(Duration::from_millis(1));
    call.now_or_never().expect("the server is not asked again").unwrap();
}

#[test]
fn the_password_of_a_server_is_hidden() {
    let table = serde_json::json!({ "store": "redis://user:secret@host" });
    let config: RateLimitConfig = serde_json::from_value(table).unwrap();
    let shown = format!("{config:?} {config:#?}");
    assert!(shown.contains("redis://host") && !shown.contains("secret"), "{shown}");
}

#[test]
fn the_store_of_a_table_is_checked() {
    let config = |json: serde_json::Value| {
        let config: RateLimitConfig = serde_json::from_value(json).unwrap();
        RateLimit::from_config(&config).map_err(|error| error.to_string())
    };
    let table = |store: &str| serde_json::json!({ "requests_per_minute": 1, "store": store });
    assert!(config(table("memory")).is_ok() && config(table("redis://user:secret@127.0.0.1:1")).is_ok());
    for (store, words) in [
        ("user", "Write `memory`, or an address such as `redis://127.0.0.1:6379`."),
        ("file.sqlite", "is in \"memory\" or at redis://"),
        ("http://host", "is in \"memory\" or at redis://"),
        ("redis://user:secret@", "not an address"),
    ] {
        let error = config(table(store)).unwrap_err();
        assert!(error.contains(words) && !error.contains("secret"), "{store}: {error}");
        assert!(!error.contains("`user`"), "{error}");
    }
    let error = config(serde_json::json!({ "requests_per_minute": 1, "name": "a" })).unwrap_err();
    assert!(error.contains("Add `store`"), "{error}");
}
