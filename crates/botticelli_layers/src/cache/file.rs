//! Caches in SQLite files.

use super::entry::{CACHE, Entry};
use super::key::Key;
use super::record::{self, checksum_of, millis_of, time_of};
use crate::store::sqlite::{self, Schema};
use botticelli_error::{BotticelliError, BotticelliErrorKind, StoreError, StoreErrorKind};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Times are milliseconds since 1970. The triggers keep the sum of the sizes, so that no call has to add them up.
const SCHEMA: Schema = Schema {
    store: CACHE,
    // "BotC"
    application_id: 0x426f_7443,
    version: 1,
    tables: "
        CREATE TABLE entries (
            key BLOB PRIMARY KEY NOT NULL,
            response TEXT NOT NULL,
            checksum BLOB NOT NULL,
            stored_at INTEGER NOT NULL,
            used_at INTEGER NOT NULL,
            size INTEGER NOT NULL
        );
        CREATE INDEX entries_used_at ON entries (used_at);
        CREATE TABLE total (size INTEGER NOT NULL);
        INSERT INTO total VALUES (0);
        CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN UPDATE total SET size = size + NEW.size; END;
        CREATE TRIGGER entry_removed AFTER DELETE ON entries BEGIN UPDATE total SET size = size - OLD.size; END;
    ",
};

/// The kinds of the requests, for lists. Files of older versions have no such table, and these versions ignore it.
const KINDS: &str = "
    CREATE TABLE IF NOT EXISTS kinds (key BLOB PRIMARY KEY NOT NULL, kind TEXT NOT NULL);
    CREATE TRIGGER IF NOT EXISTS kind_removed AFTER DELETE ON entries BEGIN DELETE FROM kinds WHERE key = OLD.key; END;
";

/// Bytes that an entry takes in addition to its response.
const OVERHEAD: usize = 256;

/// Longest wait for a lock that another process holds. A call does not wait longer for its cache.
const BUSY_TIMEOUT: Duration = Duration::from_millis(250);

/// Time after which a use of an entry is recorded again. A record is a write.
const USE_PERIOD: i64 = 60_000;

/// A cache in a SQLite file.
pub(super) struct FileStore {
    path: PathBuf,
    state: Mutex<State>,
}

enum State {
    Open(Connection),
    /// The file failed. The next call opens it again.
    Closed,
    /// A newer version of this library wrote the file, which stays as it is.
    Unusable(BotticelliError),
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.path, f)
    }
}

impl FileStore {
    #[track_caller]
    pub(super) fn open(path: &Path) -> Result<Self, BotticelliError> {
        let state = match open(path) {
            Ok(connection) => State::Open(connection),
            Err(error) => match kind(&error) {
                Some(StoreErrorKind::NewerVersion { .. }) => {
                    tracing::warn!(%error, "the cache is not used");
                    State::Unusable(error)
                }
                _ => return Err(error),
            },
        };
        Ok(Self { path: path.to_owned(), state: Mutex::new(state) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn get(&self, key: &Key, now: SystemTime) -> Result<Option<Entry>, BotticelliError> {
        let now = millis_of(now);
        let found = self.run(|connection| {
            let Some(row) = select(connection, key)? else { return Ok(None) };
            let is_sound = row.checksum == checksum_of(key, row.stored_at, &row.json);
            let response = is_sound.then(|| serde_json::from_str(&row.json));
            let Some(Ok(response)) = response else {
                remove(connection, key)?;
                return Ok(None);
            };
            if row.used_at < now.saturating_sub(USE_PERIOD) {
                let update = "UPDATE entries SET used_at = ?2 WHERE key = ?1";
                connection.prepare_cached(update)?.execute(params![key.as_bytes(), now])?;
            }
            Ok(Some((response, row.stored_at)))
        })?;
        Ok(found.map(|(response, stored_at)| Entry { response, stored_at: time_of(stored_at), kind: None }))
    }

    pub(super) fn put(&self, key: &Key, entry: &Entry, max_bytes: u64) -> Result<(), BotticelliError> {
        let Some(json) = record::encode(&entry.response) else { return Ok(()) };
        let size = json.len().saturating_add(OVERHEAD);
        if u64::try_from(size).is_ok_and(|size| size > max_bytes) {
            return Ok(());
        }
        let stored_at = millis_of(entry.stored_at);
        let checksum = checksum_of(key, stored_at, &json);
        let max_bytes = i64::try_from(max_bytes).unwrap_or(i64::MAX);
        self.run(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            remove(&transaction, key)?;
            transaction.prepare_cached("INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?4, ?5)")?.execute(
                params![key.as_bytes(), json, checksum, stored_at, i64::try_from(size).unwrap_or(i64::MAX)],
            )?;
            if let Some(kind) = entry.kind.as_deref() {
                let insert = "INSERT OR REPLACE INTO kinds VALUES (?1, ?2)";
                transaction.prepare_cached(insert)?.execute(params![key.as_bytes(), kind])?;
            }
            let evict = "DELETE FROM entries WHERE rowid IN
                (SELECT rowid FROM entries WHERE key <> ?1 ORDER BY used_at LIMIT 1)";
            while transaction.query_row("SELECT size > ?1 FROM total", [max_bytes], |row| row.get(0))? {
                if transaction.execute(evict, [key.as_bytes()])? == 0 {
                    break;
                }
            }
            transaction.commit()
        })
    }

    /// Returns the sound entries with their sizes.
    pub(super) fn list(&self) -> Result<Vec<(Key, Entry, u64)>, BotticelliError> {
        let rows = self.run(|connection| {
            let mut select = connection.prepare(
                "SELECT entries.key, response, checksum, stored_at, size, kind
                FROM entries LEFT JOIN kinds ON kinds.key = entries.key",
            )?;
            let rows = select.query_map([], |row| {
                let stored = (row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?, row.get::<_, i64>(3)?);
                let (size, kind) = (row.get::<_, i64>(4)?, row.get::<_, Option<String>>(5)?);
                Ok((Key::from_bytes(row.get(0)?), stored, size, kind))
            })?;
            // A damaged row is deleted when it is looked up.
            Ok(rows.filter_map(Result::ok).collect::<Vec<_>>())
        })?;
        let read = |(key, (json, checksum, stored_at), size, kind): Listed| {
            let is_sound = checksum == checksum_of(&key, stored_at, &json);
            let response = is_sound.then(|| serde_json::from_str(&json).ok())??;
            let kind = kind.map(Into::into);
            let entry = Entry { response, stored_at: time_of(stored_at), kind };
            Some((key, entry, u64::try_from(size).unwrap_or_default()))
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    pub(super) fn remove(&self, key: &Key) -> Result<(), BotticelliError> {
        self.run(|connection| remove(connection, key))
    }

    #[track_caller]
    pub(super) fn clear(&self) -> Result<(), BotticelliError> {
        self.run(|connection| connection.execute("DELETE FROM entries", []).map(drop))?;
        self.shrink()
    }

    /// Gives the space of removed entries back to the disk, if that is at least half of the file. The rest is copied.
    #[track_caller]
    pub(super) fn shrink(&self) -> Result<(), BotticelliError> {
        self.run(|connection| {
            let pages = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            if pages("freelist_count")? < pages("page_count")? / 2 {
                return Ok(());
            }
            // The entries are removed already. If another process uses the file now, new entries reuse the space.
            if let Err(error) = connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)") {
                tracing::debug!(%error, "the file of the cache is not smaller yet");
            }
            Ok(())
        })
    }

    /// Runs an operation on the open file. A file that fails is opened again, and a damaged one is replaced.
    fn run<T>(
        &self,
        operation: impl Fn(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, BotticelliError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Unusable(error) = &*state {
            return Err(error.clone());
        }
        let error = match &mut *state {
            State::Open(connection) => match operation(connection) {
                Ok(value) => return Ok(value),
                Err(error) => Some(sqlite::store_error(CACHE, &self.path, error)),
            },
            _ => None,
        };
        if let Some(error) = error {
            // These two concern one operation, not the file.
            if matches!(kind(&error), Some(StoreErrorKind::Locked | StoreErrorKind::Full)) {
                return Err(error);
            }
            *state = State::Closed;
            if kind(&error) == Some(&StoreErrorKind::Damaged) {
                move_aside(&self.path)?;
            }
        }
        let mut connection = open(&self.path)?;
        let value =
            operation(&mut connection).map_err(|error| sqlite::store_error(CACHE, &self.path, error))?;
        *state = State::Open(connection);
        Ok(value)
    }
}

/// An entry of a list: its key, its JSON with checksum and time, its size and its kind.
type Listed = (Key, (String, Vec<u8>, i64), i64, Option<String>);

/// An entry as it is in the file.
struct Row {
    json: String,
    checksum: Vec<u8>,
    stored_at: i64,
    used_at: i64,
}

fn select(connection: &Connection, key: &Key) -> rusqlite::Result<Option<Row>> {
    let mut select = connection
        .prepare_cached("SELECT response, checksum, stored_at, used_at FROM entries WHERE key = ?1")?;
    let row = select.query_row([key.as_bytes()], |row| {
        Ok(Row { json: row.get(0)?, checksum: row.get(1)?, stored_at: row.get(2)?, used_at: row.get(3)? })
    });
    match row.optional() {
        // A value of another type is as wrong as one with another checksum. So is text that is not UTF-8.
        Err(rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..)) => {
            remove(connection, key).map(|()| None)
        }
        row => row,
    }
}

fn remove(connection: &Connection, key: &Key) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM entries WHERE key = ?1")?.execute([key.as_bytes()]).map(drop)
}

/// Opens a cache. A damaged file is moved aside first.
#[track_caller]
fn open(path: &Path) -> Result<Connection, BotticelliError> {
    let opened = || {
        let connection = sqlite::open(path, &SCHEMA)?;
        // With the longer timeout of the opening: the first open of an older file writes.
        let set = connection.execute_batch(KINDS).and_then(|()| connection.busy_timeout(BUSY_TIMEOUT));
        set.map(|()| connection).map_err(|error| sqlite::store_error(CACHE, path, error))
    };
    match opened() {
        Err(error) if kind(&error) == Some(&StoreErrorKind::Damaged) => {
            move_aside(path)?;
            opened()
        }
        other => other,
    }
}

fn kind(error: &BotticelliError) -> Option<&StoreErrorKind> {
    match error.kind() {
        BotticelliErrorKind::Store(error) => Some(error.kind()),
        _ => None,
    }
}

/// Renames a damaged file, so that nothing is lost if it is not a cache.
fn move_aside(path: &Path) -> Result<(), BotticelliError> {
    let with_end = |end: &str| {
        let mut name = OsString::from(path);
        name.push(end);
        PathBuf::from(name)
    };
    let names = (0..100).map(|number| match number {
        0 => with_end(".damaged"),
        number => with_end(&format!(".damaged-{number}")),
    });
    let aside = names.into_iter().find(|name| !name.exists()).unwrap_or_else(|| with_end(".damaged"));
    tracing::warn!(path = %path.display(), aside = %aside.display(), "the cache is damaged, and is replaced");
    // The logs belong to the damaged file. They must not be applied to the new one.
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(with_end(end));
    }
    match std::fs::rename(path, aside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let reason = format!("the damaged file cannot be moved aside ({error})");
            Err(StoreError::new(CACHE, path.display().to_string(), StoreErrorKind::Failed { reason }).into())
        }
        _ => Ok(()),
    }
}
