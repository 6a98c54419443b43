//! Several processes share a ledger, and are killed at any instant.

use crate::common::{Attempt, Service, noon};
use botticelli_core::{CostEstimate, Usd};
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Ledger};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const COST: u64 = 70;
const ESTIMATE: u64 = 100;

/// Variable with the folder of a child process.
const FOLDER: &str = "BOTTICELLI_TEST_LEDGER";
/// Variable with the place of its ledger. Default: a file in the folder.
const PLACE: &str = "BOTTICELLI_TEST_PLACE";
/// Variable with its limit in nano-dollars.
const LIMIT: &str = "BOTTICELLI_TEST_LIMIT";

fn ledger(folder: &Path) -> PathBuf {
    folder.join("ledger.sqlite")
}

/// The child: calls until the budget refuses. Notes each call in a file before it is sent and after it is settled.
#[tokio::test]
#[ignore = "runs as a child of the tests below"]
async fn child() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let limit = std::env::var(LIMIT).unwrap().parse().unwrap();
    let mut notes = std::fs::OpenOptions::new().append(true).create(true).open(folder.join("notes")).unwrap();
    let budget = Budget::per_month(Usd::from_nano_dollars(limit)).with_clock(noon(0)).with_ledger(
        match std::env::var(PLACE) {
            Ok(place) => Ledger::open(&place).unwrap(),
            Err(_) => Ledger::file(ledger(&folder)).unwrap(),
        },
    );
    let estimate = CostEstimate::at_most(ESTIMATE);
    let driver = Service::new(estimate, vec![Attempt::Answer(COST); 100_000]).with_budget(budget);
    loop {
        notes.write_all(b"s").unwrap();
        match driver.generate("Hi".into()).await {
            Ok(_) => notes.write_all(b"d").unwrap(),
            Err(error) => {
                assert!(error.to_string().contains("is left of the"), "{error}");
                notes.write_all(b"r").unwrap();
                return;
            }
        }
    }
}

fn start(folder: &Path, limit: u64) -> Child {
    command(folder, limit).spawn().unwrap()
}

fn command(folder: &Path, limit: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "processes::child", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(LIMIT, limit.to_string())
        .stdout(Stdio::null());
    command
}

/// Counts the notes of a kind.
fn count(folder: &Path, note: u8) -> u64 {
    let notes = std::fs::read(folder.join("notes")).unwrap_or_default();
    notes.iter().map(|found| u64::from(*found == note)).sum()
}

#[tokio::test]
async fn a_killed_process_loses_nothing_and_counts_nothing_twice() {
    const KILLS: u64 = 200;
    let folder = tempfile::tempdir().unwrap();
    let limit = 1_000_000_000;
    let mut delay = 0x2545_F491_u64;
    for kill in 1..=KILLS {
        let mut child = start(folder.path(), limit);
        // The child works already: the instant falls into a call.
        let (before, since) = (count(folder.path(), b's'), Instant::now());
        while count(folder.path(), b's') == before && since.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_micros(200));
        }
        delay = delay.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::thread::sleep(Duration::from_micros((delay >> 33) % 8_000));
        child.kill().unwrap();
        child.wait().unwrap();

        let total = Ledger::file(ledger(folder.path())).unwrap().report().await.unwrap().total();
        let (started, done) = (count(folder.path(), b's'), count(folder.path(), b'd'));
        let settled = total.spent.nano_dollars() / COST;
        assert_eq!(total.spent.nano_dollars() % COST, 0);
        // A call that its caller saw is settled. A settled call was killed before it noted the end at most once per kill.
        assert!((done..=done + kill).contains(&settled), "{done} done, {settled} settled, kill {kill}");
        assert!(total.calls <= started, "{started} started, {} in the ledger", total.calls);
        // Whatever is not settled stays reserved: at most one call per kill.
        let held = total.held.nano_dollars();
        assert_eq!(held, (total.calls - settled) * ESTIMATE);
        assert!(held <= kill * ESTIMATE);
    }
    println!("{KILLS} kills, {} calls done", count(folder.path(), b'd'));
    // The sums of the periods are still those of the calls: exactly as many calls fit as are left.
    let total = Ledger::file(ledger(folder.path())).unwrap().report().await.unwrap().total();
    let used = total.spent.nano_dollars() + total.held.nano_dollars();
    let before = count(folder.path(), b'd');
    // The last call needs its whole estimate.
    let mut child = start(folder.path(), used + ESTIMATE + 4 * COST);
    assert!(child.wait().unwrap().success());
    assert_eq!(count(folder.path(), b'd') - before, 5);
}

#[tokio::test]
async fn eight_processes_share_one_limit() {
    let folder = tempfile::tempdir().unwrap();
    let limit = 400 * COST + (ESTIMATE - COST);
    let children: Vec<_> = (0..8).map(|_| start(folder.path(), limit)).collect();
    shared(folder.path(), limit, children, &Ledger::file(ledger(folder.path())).unwrap()).await;
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn eight_processes_share_one_limit_on_redis() {
    let Some(server) = crate::redis_server::RedisServer::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let limit = 400 * COST + (ESTIMATE - COST);
    let start = || command(folder.path(), limit).env(PLACE, server.address()).spawn().unwrap();
    let children: Vec<_> = (0..8).map(|_| start()).collect();
    shared(folder.path(), limit, children, &Ledger::open(&server.address()).unwrap()).await;
}

/// Waits for the children, whose calls must fit into the limit.
async fn shared(folder: &Path, limit: u64, children: Vec<Child>, ledger: &Ledger) {
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let total = ledger.report().await.unwrap().total();
    assert_eq!((count(folder, b'r'), total.held), (8, Usd::ZERO));
    assert_eq!(total.spent.nano_dollars(), count(folder, b'd') * COST);
    assert!(total.spent.nano_dollars() <= limit);
    // No call was refused that would have fitted once the others were settled.
    let error = limit - total.spent.nano_dollars();
    assert!(error < ESTIMATE + 7 * ESTIMATE, "{error} is left");
}
