//! Processes that share a table, a budget and a Redis server.

use crate::child::input;
use crate::redis_server::RedisServer;
use botticelli::{
    Batch, BotticelliDriver, Budget, ErrorCategory, GenerateRequest, HuggingFaceDriver, LayerExt, Ledger,
    RateLimit, Shard, Sink, StopReason, Table, Usd,
};
use botticelli_sandbox::{Capacity, Sandbox};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SHARDS: u64 = 4;
/// Variable with the base URL of the sandbox.
const BASE_URL: &str = "BOTTICELLI_TEST_SHARD_BASE_URL";
/// Variable with the folder of the tables.
const FOLDER: &str = "BOTTICELLI_TEST_SHARD_FOLDER";
/// Variable with the address of the Redis server.
const REDIS: &str = "BOTTICELLI_TEST_SHARD_REDIS";
/// Variable with the monthly limit in dollars.
const LIMIT: &str = "BOTTICELLI_TEST_SHARD_LIMIT";

fn output(folder: &Path) -> PathBuf {
    folder.join("answers.jsonl")
}

fn plain_driver(base_url: &str) -> HuggingFaceDriver {
    HuggingFaceDriver::builder("openai/gpt-oss-20b:fireworks-ai")
        .base_url(base_url)
        .token(Sandbox::TOKEN)
        .catalog_prices(true)
        .build()
        .unwrap()
}

fn batch(driver: impl BotticelliDriver + 'static) -> Batch {
    Batch::new(driver)
        .with_prompt("Repeat: {{ text }}")
        .unwrap()
        .with_request(GenerateRequest::default().with_max_tokens(50))
        .with_concurrency(4)
}

/// The child: runs the shard of its environment. Exits successfully if the run is complete or the budget stopped it.
#[tokio::test]
#[ignore = "runs as a child of the other tests"]
async fn child() {
    let Ok(base_url) = std::env::var(BASE_URL) else { return };
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let limit = Usd::parse(&std::env::var(LIMIT).unwrap()).unwrap();
    let ledger = Ledger::open(&std::env::var(REDIS).unwrap()).unwrap();
    let driver = plain_driver(&base_url)
        .with_budget(Budget::per_month(limit).with_ledger(ledger))
        .with_rate_limit(RateLimit::requests_per_minute(1_000_000));
    let report = batch(driver)
        .with_shard(Shard::from_env().unwrap().unwrap())
        .run(Table::open(input(&folder)).unwrap(), Sink::create(output(&folder)).unwrap())
        .await
        .unwrap();
    match &report.stop {
        None => {}
        Some(StopReason::Failed(error)) => assert_eq!(error.category(), ErrorCategory::BudgetExceeded),
        Some(other) => panic!("{other:?}"),
    }
}

struct Cluster {
    sandbox: Sandbox,
    redis: RedisServer,
    folder: tempfile::TempDir,
    limit: &'static str,
}

impl Cluster {
    /// Starts a sandbox and a Redis server, and writes a table. `None` without `redis-server`.
    async fn start(rows: u64, limit: &'static str) -> Option<Self> {
        let redis = RedisServer::start()?;
        let capacity = Capacity::new(16, Duration::from_millis(5));
        let sandbox = Sandbox::builder().with_capacity(capacity).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut text = String::new();
        for row in 0..rows {
            writeln!(text, "{{\"id\": {row}, \"text\": \"number {row}\"}}").unwrap();
        }
        std::fs::write(input(folder.path()), text).unwrap();
        Some(Self { sandbox, redis, folder, limit })
    }

    /// Starts a shard, as Kubernetes does.
    fn shard(&self, index: u64) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "shards::child", "--ignored", "--nocapture"])
            .env(BASE_URL, self.sandbox.base_url())
            .env(FOLDER, self.folder.path())
            .env(REDIS, self.redis.address())
            .env(LIMIT, self.limit)
            .env("JOB_COMPLETION_INDEX", index.to_string())
            .env("JOB_COMPLETIONS", SHARDS.to_string())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    async fn ledger_total(&self) -> (u64, u64) {
        let total = Ledger::open(&self.redis.address()).unwrap().report().await.unwrap().total();
        (total.spent.nano_dollars(), total.held.nano_dollars())
    }

    async fn merge(&self) -> botticelli::Result<botticelli::batch::MergeReport> {
        let table = Table::open(input(self.folder.path()))?;
        batch(plain_driver(self.sandbox.base_url()))
            .merge(table, Sink::create(output(self.folder.path()))?, SHARDS)
            .await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shards_answer_every_row_once_although_they_are_killed() {
    const ROWS: u64 = 400;
    let Some(cluster) = Cluster::start(ROWS, "1").await else { return };
    let mut children: Vec<_> = (0..SHARDS).map(|index| cluster.shard(index)).collect();
    // Kills two shards in the middle, and starts them again.
    cluster.sandbox.wait_for_requests(60).await;
    for index in [1, 3] {
        let child = children.get_mut(index).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        *child = cluster.shard(u64::try_from(index).unwrap());
    }
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let report = cluster.merge().await.unwrap();
    assert_eq!((report.rows, report.answered, report.failed), (ROWS, ROWS, 0));
    // The killed shards lost at most their calls in flight.
    let billed = u64::try_from(cluster.sandbox.bill().responses()).unwrap();
    assert!((ROWS..=ROWS + 2 * 4).contains(&billed), "{billed} answers billed");
    let (spent, held) = cluster.ledger_total().await;
    let bill = cluster.sandbox.bill().nano_dollars();
    assert!(spent <= bill && bill <= spent + held, "{spent} spent and {held} held for a bill of {bill}");

    // The same as one run over the whole table.
    let whole = tempfile::tempdir().unwrap();
    let whole = whole.path().join("answers.jsonl");
    let table = Table::open(input(cluster.folder.path())).unwrap();
    let driver = plain_driver(cluster.sandbox.base_url());
    let report = batch(driver).run(table, Sink::create(&whole).unwrap()).await.unwrap();
    assert!(report.is_complete());
    let merged = std::fs::read(output(cluster.folder.path())).unwrap();
    assert!(std::fs::read(&whole).unwrap() == merged);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shards_share_a_budget_and_stop_at_its_limit() {
    // A call costs about a thousandth of a cent, so that the limit is reached in the middle.
    let Some(cluster) = Cluster::start(400, "0.0005").await else { return };
    let children: Vec<_> = (0..SHARDS).map(|index| cluster.shard(index)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let bill = cluster.sandbox.bill().nano_dollars();
    let (spent, held) = cluster.ledger_total().await;
    assert_eq!((spent, held), (bill, 0));
    assert!(bill <= 500_000, "{bill} nano-dollars");
    assert!(bill >= 400_000, "{bill} nano-dollars: the budget stopped the shards too early");
    // A row is missing, so that no output appears.
    let error = cluster.merge().await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Data);
    assert!(!output(cluster.folder.path()).exists());
}
