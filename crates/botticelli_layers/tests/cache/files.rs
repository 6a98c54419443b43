//! Caches in files: damage, other processes, and other versions.

use crate::common::{Service, answer, ask};
use botticelli_error::{BotticelliError, BotticelliErrorKind, StoreErrorKind};
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::cache::Cache;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

fn kind(error: &BotticelliError) -> &StoreErrorKind {
    match error.kind() {
        BotticelliErrorKind::Store(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

/// Returns a file with one entry, and its folder.
async fn filled() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let driver = Service::counting().with_cache(Cache::file(&path).unwrap());
    driver.generate(ask("Hi")).await.unwrap();
    (folder, path)
}

/// Checks that a file answers, at worst by sending the request, and keeps the next response.
async fn works(path: &Path) -> usize {
    let service = Service::counting();
    let driver = service.clone().with_cache(Cache::file(path).unwrap());
    let first = driver.generate(ask("Hi")).await.unwrap();
    assert_eq!(first.text(), "answer 0");
    let calls = service.calls();
    assert!(driver.generate(ask("Hi")).await.unwrap().is_cached());
    calls
}

#[tokio::test]
async fn a_file_outlives_its_process() {
    let (_folder, path) = filled().await;
    assert_eq!(works(&path).await, 0);
}

#[tokio::test]
async fn the_file_has_neither_the_request_nor_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let driver = Service::counting().with_cache(Cache::file(&path).unwrap());
    driver.generate(ask("a secret question")).await.unwrap();
    drop(driver);
    let bytes = fs::read(&path).unwrap();
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("answer 0"));
    assert!(!has("secret question"));
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_private_and_a_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/cache");
    let driver = Service::counting().with_cache(Cache::file(&path).unwrap());
    driver.generate(ask("Hi")).await.unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("new"), mode("new/folder")), (0o700, 0o700));
    for name in ["new/folder/cache", "new/folder/cache-wal", "new/folder/cache-shm"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    for wrong in [0o640, 0o604, 0o644, 0o602] {
        fs::set_permissions(&path, fs::Permissions::from_mode(wrong)).unwrap();
        let error = Cache::file(&path).unwrap_err();
        assert_eq!(kind(&error), &StoreErrorKind::NotPrivate { mode: wrong });
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}

#[test]
fn impossible_paths_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = Cache::file(folder.path()).unwrap_err();
    assert_eq!(kind(&error), &StoreErrorKind::IsDirectory);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.join("below"), PathBuf::new(), folder.path().join("a\0b")] {
        let error = Cache::file(&path).unwrap_err();
        let is_typed = matches!(kind(&error), StoreErrorKind::Address { .. } | StoreErrorKind::Failed { .. });
        assert!(is_typed, "{path:?}: {error}");
    }
}

#[test]
fn a_name_of_sqlite_is_a_file_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:x?mode=memory", "with 'quotes' and %20"] {
        Cache::file(folder.path().join(name)).unwrap();
        assert!(folder.path().join(name).is_file(), "{name}");
    }
}

#[tokio::test]
async fn truncated_files_change_nothing() {
    let (folder, path) = filled().await;
    let whole = fs::read(&path).unwrap();
    for length in [0, 1, 15, 16, 50, 99, 100, 500, 1023, 1024, 4095, 4096, 4097, 8192, whole.len() - 1] {
        let cut = folder.path().join(format!("cut {length}"));
        write_private(&cut, &whole[..length.min(whole.len())]);
        works(&cut).await;
    }
}

#[tokio::test]
async fn damaged_bytes_change_nothing() {
    let (folder, path) = filled().await;
    let whole = fs::read(&path).unwrap();
    for start in (0..whole.len()).step_by(whole.len() / 60) {
        let mut bytes = whole.clone();
        for byte in bytes.iter_mut().skip(start).take(24) {
            *byte ^= 0x5a;
        }
        let damaged = folder.path().join(format!("damaged {start}"));
        write_private(&damaged, &bytes);
        // A damaged header may make it a database of another kind, which is refused rather than replaced.
        match Cache::file(&damaged) {
            Ok(_) => drop(works(&damaged).await),
            Err(error) => assert!(matches!(kind(&error), StoreErrorKind::Address { .. }), "{start}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_file_that_is_damaged_while_it_is_open_is_replaced() {
    let (_folder, path) = filled().await;
    let service = Service::counting();
    let driver = service.clone().with_cache(Cache::file(&path).unwrap());
    assert!(driver.generate(ask("Hi")).await.unwrap().is_cached());
    let length = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    fs::write(&path, vec![0x5a; length]).unwrap();
    for prompt in ["Hi", "a", "b", "Hi"] {
        let response = driver.generate(ask(prompt)).await.unwrap();
        assert!(response.text().starts_with("answer "), "{response:?}");
    }
    assert!(driver.generate(ask("b")).await.unwrap().is_cached());
}

#[tokio::test]
async fn a_text_file_is_moved_aside_and_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes");
    let text = "notes ".repeat(100);
    write_private(&path, text.as_bytes());
    assert_eq!(works(&path).await, 1);
    assert_eq!(fs::read_to_string(folder.path().join("notes.damaged")).unwrap(), text);
    write_private(&path, text.as_bytes());
    works(&path).await;
    assert!(folder.path().join("notes.damaged-1").exists());
}

#[tokio::test]
async fn another_database_is_refused_and_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE spent (x)").unwrap();
    set_private(&path);
    let before = fs::read(&path).unwrap();
    let error = Cache::file(&path).unwrap_err();
    assert!(matches!(kind(&error), StoreErrorKind::Address { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_poisoned_entry_is_deleted() {
    let changes = [
        "UPDATE entries SET response = replace(response, 'answer', 'poison')",
        "UPDATE entries SET response = '{}'",
        "UPDATE entries SET response = x'ff00'",
        "UPDATE entries SET response = CAST(x'ff00' AS TEXT)",
        "UPDATE entries SET checksum = x'00'",
        "UPDATE entries SET checksum = 'text'",
        "UPDATE entries SET stored_at = stored_at + 1",
        "UPDATE entries SET key = x'00'",
        "DROP TABLE entries",
    ];
    for change in changes {
        let (_folder, path) = filled().await;
        rusqlite::Connection::open(&path).unwrap().execute_batch(change).unwrap();
        assert_eq!(works(&path).await, 1, "{change}");
    }
}

#[tokio::test]
async fn a_newer_file_is_left_as_it_is() {
    let (_folder, path) = filled().await;
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 9").unwrap();
    let service = Service::counting();
    let driver = service.clone().with_cache(Cache::file(&path).unwrap());
    for number in 0..2 {
        let response = driver.generate(ask("Hi")).await.unwrap();
        assert_eq!(response.text(), format!("answer {number}"));
        assert!(response.warnings()[0].contains("newer version"), "{:?}", response.warnings());
    }
    let version = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    assert_eq!(version.unwrap(), 9);
}

#[tokio::test]
async fn entries_in_a_file_expire_and_make_room() {
    let clock = ManualClock::default();
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::file(folder.path().join("cache"))
        .unwrap()
        .with_clock(Arc::new(clock.clone()))
        .with_time_to_live(Duration::from_secs(3600))
        .with_max_bytes(35_000);
    let service = Service::new(|_| Ok(answer(&"x".repeat(10_000))));
    let driver = service.with_cache(cache);
    for prompt in ["a", "b", "c"] {
        driver.generate(ask(prompt)).await.unwrap();
        clock.advance(Duration::from_secs(120));
    }
    assert!(driver.generate(ask("a")).await.unwrap().is_cached());
    driver.generate(ask("d")).await.unwrap();
    assert!(driver.generate(ask("a")).await.unwrap().is_cached(), "it was used last");
    assert!(!driver.generate(ask("b")).await.unwrap().is_cached(), "it was not used for the longest time");
    clock.advance(Duration::from_secs(3600));
    assert!(!driver.generate(ask("a")).await.unwrap().is_cached(), "it is expired");
}

#[tokio::test]
async fn the_size_of_a_file_stays_within_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let cache = Cache::file(&path).unwrap().with_max_bytes(100_000);
    let driver = Service::new(|_| Ok(answer(&"x".repeat(5_000)))).with_cache(cache);
    for number in 0..200 {
        driver.generate(ask(&number.to_string())).await.unwrap();
    }
    let connection = rusqlite::Connection::open(&path).unwrap();
    let sum = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
    let total = sum("SELECT size FROM total");
    assert_eq!(total, sum("SELECT sum(size) FROM entries"));
    assert!((1..=100_000).contains(&total), "{total}");
    drop(driver);
    assert!(fs::metadata(&path).unwrap().len() < 400_000);
}

#[tokio::test]
async fn a_locked_file_costs_the_entry_and_not_the_call() {
    let (_folder, path) = filled().await;
    let driver = Service::counting().with_cache(Cache::file(&path).unwrap());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Readers do not wait for a writer.
    assert!(driver.generate(ask("Hi")).await.unwrap().is_cached());
    let response = driver.generate(ask("other")).await.unwrap();
    assert!(response.warnings()[0].contains("another process locks it"), "{:?}", response.warnings());
    other.execute_batch("ROLLBACK").unwrap();
    driver.generate(ask("other")).await.unwrap();
    assert!(driver.generate(ask("other")).await.unwrap().is_cached());
}

#[test]
fn two_processes_share_a_file() {
    // Two connections of one process behave as those of two: SQLite locks the file, not the process.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let driver = Service::counting().with_cache(Cache::file(path).unwrap());
                for number in 0..50 {
                    let prompt = (worker * 1000 + number).to_string();
                    let response = runtime.block_on(driver.generate(ask(&prompt))).unwrap();
                    assert!(response.warnings().is_empty(), "{:?}", response.warnings());
                }
            });
        }
    });
    let count =
        rusqlite::Connection::open(&path)
            .unwrap()
            .query_row("SELECT count(*) FROM entries", [], |row| row.get::<_, i64>(0));
    assert_eq!(count.unwrap(), 200);
}

fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    set_private(path);
}

fn set_private(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let _ = path;
}

/// The entries may be most of a gigabyte.
#[tokio::test]
async fn removed_entries_leave_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::file(folder.path().join("cache")).unwrap();
    let service = Service::new(|number| Ok(answer(&format!("{number} {}", "long ".repeat(10_000)))));
    let driver = service.clone().with_cache(cache.clone());
    let fill = async || {
        for number in 0..20 {
            driver.generate(ask(&format!("{number}"))).await.unwrap();
        }
    };
    let size = || -> u64 {
        let files = fs::read_dir(folder.path()).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
    };
    fill().await;
    assert!(size() > 1_000_000, "{}", size());
    cache.clear().await.unwrap();
    assert!(size() < 200_000, "{}", size());
    fill().await;
    assert_eq!(service.calls(), 40);
    let removed = cache.retain(|entry| entry.response().text().starts_with("25 ")).await.unwrap();
    assert_eq!(removed, 19);
    assert!(size() < 300_000, "{}", size());
    driver.generate(ask("5")).await.unwrap();
    assert_eq!(service.calls(), 40);
}

/// An entry that was stored while the clock was decades ahead would otherwise never expire.
#[tokio::test]
async fn an_entry_from_the_far_future_expires_and_one_from_the_near_future_does_not() {
    let (now, hour) = (Duration::from_secs(1_795_867_200), Duration::from_secs(3_600));
    for (ahead, is_found) in [(Duration::from_secs(2_000_000_000), false), (hour, false), (hour / 2, true)] {
        let folder = tempfile::tempdir().unwrap();
        let service = Service::counting();
        let driver_at = |time| {
            let clock = ManualClock::default();
            clock.advance(time);
            let cache = Cache::file(folder.path().join("cache")).unwrap();
            service.clone().with_cache(cache.with_time_to_live(hour).with_clock(Arc::new(clock)))
        };
        driver_at(now + ahead).generate(ask("Hi")).await.unwrap();
        let response = driver_at(now).generate(ask("Hi")).await.unwrap();
        assert_eq!(response.is_cached(), is_found, "{ahead:?}");
    }
}
