//! Ledgers on a Redis server.

use crate::common::{Attempt, Service, noon, whole};
use crate::interleaving::{ESTIMATE, holds};
use crate::redis_server::RedisServer;
use botticelli_core::{CostEstimate, GenerateRequest, Usd};
use botticelli_error::{BotticelliErrorKind, ErrorCategory, StoreErrorKind};
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Budgeted, Ledger};
use futures::FutureExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn driver(ledger: Ledger, script: impl IntoIterator<Item = Attempt>) -> Budgeted<Service> {
    let budget = Budget::per_month(Usd::from_nano_dollars(250)).with_tokens_per_day(200).with_clock(noon(0));
    Service::new(CostEstimate::at_most(100).with_tokens(Some(50)), script)
        .with_budget(budget.with_ledger(ledger))
}

#[tokio::test]
async fn a_ledger_on_redis_keeps_the_same_books_as_one_in_memory() {
    let Some(server) = RedisServer::start() else { return };
    let script =
        || [Attempt::Cut(7), Attempt::Answer(60), Attempt::Refuse, Attempt::Silent(30), Attempt::Answer(1)];
    let ledgers = [Ledger::memory(), Ledger::open(&server.address()).unwrap()];
    let mut reports = Vec::new();
    for ledger in ledgers {
        let driver = driver(ledger.clone(), script());
        let mut outcomes = Vec::new();
        for _ in 0..4 {
            outcomes.push(driver.generate("Hi".into()).await.map(drop).map_err(|error| error.to_string()));
        }
        reports.push((outcomes, ledger.report().await.unwrap()));
    }
    assert_eq!(reports[0], reports[1]);
    // 60 are settled, 100 are kept for the cut attempt, and the rest is too small.
    assert_eq!(reports[1].1.total().spent, Usd::from_nano_dollars(60));
    assert!(reports[1].0[3].as_ref().unwrap_err().contains("$0.00000009 is left"), "{:?}", reports[1].0);
}

#[tokio::test]
async fn an_account_without_credits_is_remembered_on_redis() {
    let Some(server) = RedisServer::start() else { return };
    let ledger = Ledger::open(&server.address()).unwrap();
    let driver = driver(ledger.clone(), [Attempt::NoCredits, Attempt::Answer(1)]);
    for _ in 0..2 {
        let error = driver.generate("Hi".into()).await.unwrap_err();
        assert_eq!((error.category(), driver.inner().sent()), (ErrorCategory::CreditsExhausted, 1));
    }
    ledger.clear_exhausted("default").await.unwrap();
    driver.generate("Hi".into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_at_once_stay_within_the_limit_of_redis() {
    let Some(server) = RedisServer::start() else { return };
    holds(Ledger::open(&server.address()).unwrap(), 0xABCD_1234, 100 * ESTIMATE).await;
}

/// Redis may evict a key, or lose it in a crash. What is spent later still counts.
#[tokio::test]
async fn a_period_that_the_server_lost_is_never_negative() {
    let Some(server) = RedisServer::start() else { return };
    let ledger = Ledger::open(&server.address()).unwrap();
    let driver = driver(ledger, [Attempt::Answer(60), Attempt::Answer(70), Attempt::Answer(1)]);
    driver.generate("Hi".into()).await.unwrap();
    let stream = driver.generate_stream("Hi".into()).await.unwrap();
    let client = redis::Client::open(server.address()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> =
        redis::cmd("KEYS").arg("botticelli:ledger:used:*").query_async(&mut connection).await.unwrap();
    assert_eq!(keys.len(), 2);
    let _: i64 = redis::cmd("DEL").arg(&keys).query_async(&mut connection).await.unwrap();
    whole(stream).await.unwrap();
    for key in &keys {
        let used: (i64, i64) =
            redis::cmd("HMGET").arg(key).arg("n").arg("t").query_async(&mut connection).await.unwrap();
        assert_eq!(used, (70, 10), "{key}");
    }
}

/// The names of models and providers come from servers.
#[tokio::test]
async fn a_report_with_any_name_can_be_read() {
    let Some(server) = RedisServer::start() else { return };
    let ledgers = [Ledger::memory(), Ledger::open(&server.address()).unwrap()];
    let mut reports = Vec::new();
    for ledger in ledgers {
        let driver = driver(ledger.clone(), [Attempt::Answer(60)]);
        let request = GenerateRequest::from("Hi").with_model("a\u{1f}b/\u{7f}c");
        driver.generate(request).await.unwrap();
        reports.push(ledger.report().await.unwrap());
    }
    assert_eq!(reports[0], reports[1]);
    assert_eq!(reports[1].lines()[0].model, "a\u{fffd}b/\u{fffd}c");
}

/// A budget fails closed: without its ledger, nothing is sent.
#[tokio::test]
async fn a_server_that_is_gone_sends_nothing() {
    let Some(mut server) = RedisServer::start() else { return };
    let ledger = Ledger::open(&server.address().replace("redis://", "redis://user:secret@")).unwrap();
    let error = driver(ledger, [Attempt::Answer(1)]).generate("Hi".into()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");

    let driver = driver(Ledger::open(&server.address()).unwrap(), [Attempt::Answer(1), Attempt::Answer(1)]);
    driver.generate("Hi".into()).await.unwrap();
    server.stop();
    let error = driver.generate("Hi".into()).await.unwrap_err();
    let BotticelliErrorKind::Store(store) = error.kind() else { panic!("{error}") };
    assert_eq!(store.kind(), &StoreErrorKind::Unreachable);
    assert_eq!(driver.inner().sent(), 1);
    let ending = "it cannot be reached. Start the server, or check its address.";
    assert!(error.to_string().ends_with(ending), "{error}");
}

/// The advice is about a server, not about a file.
#[tokio::test]
async fn a_server_that_is_full_or_read_only_is_explained() {
    let Some(server) = RedisServer::start() else { return };
    let driver = driver(Ledger::open(&server.address()).unwrap(), [Attempt::Answer(1)]);
    let client = redis::Client::open(server.address()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let set = |command: &str, key: &str, value: &str| {
        let mut command = redis::cmd(command);
        command.arg(key).arg(value);
        command
    };
    let _: String =
        redis::cmd("CONFIG").arg(&["SET", "maxmemory", "1"]).query_async(&mut connection).await.unwrap();
    let error = driver.generate("Hi".into()).await.unwrap_err().to_string();
    assert!(error.ends_with("it is full. Raise `maxmemory` of the server, or remove other keys."), "{error}");
    let _: String =
        redis::cmd("CONFIG").arg(&["SET", "maxmemory", "0"]).query_async(&mut connection).await.unwrap();

    let _: String = set("REPLICAOF", "127.0.0.1", "1").query_async(&mut connection).await.unwrap();
    let error = driver.generate("Hi".into()).await.unwrap_err().to_string();
    assert!(
        error
            .ends_with("it is read-only. Give the address of the primary server, or make this one writable."),
        "{error}"
    );
    let _: String = set("REPLICAOF", "NO", "ONE").query_async(&mut connection).await.unwrap();

    let _: i64 =
        set("SADD", "botticelli:ledger:reservations", "x").query_async(&mut connection).await.unwrap();
    let error = driver.generate("Hi".into()).await.unwrap_err().to_string();
    assert!(!error.contains("file") && !error.contains("path"), "{error}");
}

/// A retry needs the reservation of its call.
#[tokio::test]
async fn a_retry_after_the_server_lost_the_ledger_is_refused_with_the_reason() {
    let Some(server) = RedisServer::start() else { return };
    let driver = driver(Ledger::open(&server.address()).unwrap(), [Attempt::Lookup]);
    let gate = Arc::new(std::sync::Mutex::new(None));
    let spy = Spy(driver.inner().clone(), gate.clone());
    let budget = driver.budget().clone();
    let driver = spy.with_budget(budget);
    let _ = tokio::time::timeout(std::time::Duration::from_millis(300), driver.generate("Hi".into())).await;
    let gate: botticelli_core::RetryGate = gate.lock().unwrap().take().unwrap();
    let client = redis::Client::open(server.address()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let _: String = redis::cmd("FLUSHALL").query_async(&mut connection).await.unwrap();
    let error = gate.admit(&crate::common::interrupted()).await.unwrap_err().to_string();
    assert!(
        error.contains("the reservation of this call is gone") && error.contains("noeviction`"),
        "{error}"
    );
}

/// A driver that shows the gate of its request.
#[derive(Clone, Debug)]
struct Spy(Service, Arc<std::sync::Mutex<Option<botticelli_core::RetryGate>>>);

#[async_trait::async_trait]
impl BotticelliDriver for Spy {
    async fn generate(
        &self,
        request: GenerateRequest,
    ) -> Result<botticelli_core::GenerateResponse, botticelli_error::BotticelliError> {
        *self.1.lock().unwrap() = request.retry_gate().cloned();
        self.0.generate(request).await
    }

    async fn generate_stream(
        &self,
        request: GenerateRequest,
    ) -> Result<botticelli_interface::ChunkStream, botticelli_error::BotticelliError> {
        self.0.generate_stream(request).await
    }

    fn provider_name(&self) -> &'static str {
        "spy"
    }

    fn model_name(&self) -> &'static str {
        "spy"
    }

    async fn estimate(&self, _: &GenerateRequest) -> Result<CostEstimate, botticelli_error::BotticelliError> {
        Ok(CostEstimate::at_most(100).with_tokens(Some(50)))
    }
}

/// A connection belongs to the runtime that made it. Another runtime gets one of its own.
#[test]
fn a_ledger_works_on_a_second_runtime() {
    let Some(server) = RedisServer::start() else { return };
    let driver = driver(Ledger::open(&server.address()).unwrap(), [Attempt::Answer(1), Attempt::Answer(1)]);
    for _ in 0..2 {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(driver.generate("Hi".into())).unwrap();
    }
}

#[test]
fn addresses_that_cannot_be_used_are_refused() {
    for (address, reason) in [
        ("redis://user:secret@", "not an address of Redis"),
        ("rediss://user:secret@host", "TLS to Redis is not supported"),
        ("redis+unknown://user:secret@host", "not an address of Redis"),
    ] {
        let error = Ledger::open(address).unwrap_err();
        assert!(error.to_string().contains(reason), "{address}: {error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}

/// A connection to a server that loses the replies to the next scripts, after they have run.
struct Lossy {
    address: String,
    lost: Arc<AtomicUsize>,
}

impl Lossy {
    async fn before(server: &RedisServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("redis://{}", listener.local_addr().unwrap());
        let lost = Arc::new(AtomicUsize::new(0));
        let (target, left) = (server.address().replace("redis://", ""), lost.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Self::relay(client, target.clone(), left.clone()));
            }
        });
        Self { address, lost }
    }

    async fn relay(client: TcpStream, target: String, left: Arc<AtomicUsize>) {
        let server = TcpStream::connect(target).await.unwrap();
        let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
            (client.into_split(), server.into_split());
        let mut buffers = (vec![0; 65_536], vec![0; 65_536]);
        let mut is_script = false;
        loop {
            tokio::select! {
                count = from_client.read(&mut buffers.0) => {
                    let Ok(count @ 1..) = count else { return };
                    let sent = &buffers.0[..count];
                    is_script = sent.windows(7).any(|word| word.eq_ignore_ascii_case(b"evalsha"));
                    to_server.write_all(sent).await.unwrap();
                }
                count = from_server.read(&mut buffers.1) => {
                    let Ok(count @ 1..) = count else { return };
                    let reply = &buffers.1[..count];
                    let is_kept = !is_script || reply.starts_with(b"-NOSCRIPT");
                    if !is_kept
                        && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
                    {
                        return;
                    }
                    if to_client.write_all(reply).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    fn lose(&self, replies: usize) {
        self.lost.store(replies, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_script_whose_reply_is_lost_counts_once() {
    let Some(server) = RedisServer::start() else { return };
    let lossy = Lossy::before(&server).await;
    let ledger = Ledger::open(&lossy.address).unwrap();
    let driver = driver(ledger.clone(), [Attempt::Answer(60), Attempt::Cut(1), Attempt::Answer(2)]);
    lossy.lose(1);
    driver.generate("Hi".into()).await.unwrap();
    let total = ledger.report().await.unwrap().total();
    assert_eq!((total.spent.nano_dollars(), total.held.nano_dollars(), total.calls), (60, 0, 1));
    assert_eq!(lossy.lost.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_reservation_of_unknown_outcome_is_released() {
    let Some(server) = RedisServer::start() else { return };
    let lossy = Lossy::before(&server).await;
    let ledger = Ledger::open(&lossy.address).unwrap();
    let driver = driver(ledger.clone(), [Attempt::Answer(60), Attempt::Answer(50)]);
    // Both replies are lost, so that nothing is sent.
    lossy.lose(2);
    assert_eq!(driver.generate("Hi".into()).await.unwrap_err().category(), ErrorCategory::Store);
    assert_eq!(driver.inner().sent(), 0);
    let direct = Ledger::open(&server.address()).unwrap();
    assert_eq!(direct.report().await.unwrap().total().held.nano_dollars(), 100);
    driver.generate("Hi".into()).await.unwrap();
    let total = direct.report().await.unwrap().total();
    assert_eq!((total.spent.nano_dollars(), total.held.nano_dollars()), (60, 0));
}

#[tokio::test]
async fn a_dropped_call_that_was_not_sent_is_released_on_redis() {
    let Some(server) = RedisServer::start() else { return };
    let ledger = Ledger::open(&server.address()).unwrap();
    let budget = Budget::per_month(Usd::from_nano_dollars(250)).with_clock(noon(0));
    let service = Service::new(CostEstimate::at_most(100), [Attempt::Lookup, Attempt::Answer(3)]).reporting();
    let driver = service.with_budget(budget.with_ledger(ledger.clone()));
    let call = tokio::time::timeout(std::time::Duration::from_millis(200), driver.generate("Hi".into()));
    assert!(call.await.is_err());
    driver.generate("Hi".into()).await.unwrap();
    let direct = Ledger::open(&server.address()).unwrap().report().await.unwrap().total();
    assert_eq!((direct.spent.nano_dollars(), direct.held.nano_dollars()), (3, 0));
}

/// A lost key must not leave a reservation behind, for which calls would wait.
#[tokio::test]
async fn what_is_reserved_ends_with_its_calls() {
    let Some(server) = RedisServer::start() else { return };
    let ledger = Ledger::open(&server.address()).unwrap();
    let script = [Attempt::Cut(7), Attempt::Answer(60)];
    let driver = driver(ledger.clone(), script);
    let client = redis::Client::open(server.address()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let key = "botticelli:ledger:used:default/month/2026-11";
    let mut reserved = async || -> (i64, i64, i64) {
        redis::cmd("HMGET").arg(key).arg("n").arg("rn").arg("rt").query_async(&mut connection).await.unwrap()
    };
    // A retry, too.
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(reserved().await, (160, 0, 0));
    drop(driver);
    let driver = self::driver(ledger.clone(), [Attempt::Answer(70)]);
    let budget = Budget::per_month(Usd::from_nano_dollars(1_000)).with_clock(noon(0)).with_ledger(ledger);
    let driver = driver.inner().clone().with_budget(budget);
    let stream = driver.generate_stream("Hi".into()).await.unwrap();
    assert_eq!(reserved().await, (260, 100, 50));
    let _: i64 = {
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd("DEL").arg(key).query_async(&mut connection).await.unwrap()
    };
    whole(stream).await.unwrap();
    assert_eq!(reserved().await, (70, 0, 0));
}

/// An operation that has begun to write the ends of dropped calls may be paused.
#[tokio::test]
async fn dropped_calls_are_released_while_another_operation_writes_them() {
    let Some(server) = RedisServer::start() else { return };
    let ledger = Ledger::open(&server.address()).unwrap();
    let budget =
        Budget::per_month(Usd::from_nano_dollars(300)).with_clock(noon(0)).with_ledger(ledger.clone());
    let service = Service::new(CostEstimate::at_most(100), [Attempt::Lookup; 3]).reporting();
    let driver = service.with_budget(budget.clone());
    let calls = (0..3).map(|_| driver.generate("Hi".into()));
    let calls = tokio::time::timeout(std::time::Duration::from_millis(200), futures::future::join_all(calls));
    assert!(calls.await.is_err());
    let mut report = Box::pin(ledger.report());
    assert!((&mut report).now_or_never().is_none());
    let large = Service::new(CostEstimate::at_most(200), [Attempt::Answer(60)]).with_budget(budget);
    large.generate("Hi".into()).await.unwrap();
    let total = report.await.unwrap().total();
    assert_eq!((total.spent.nano_dollars(), total.held.nano_dollars()), (60, 0));
}
