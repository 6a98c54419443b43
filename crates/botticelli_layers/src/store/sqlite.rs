//! `SQLite` files for ledgers and caches.
//!
//! A file belongs to one kind of store, which its `application_id` names, and has a format, which its `user_version` numbers.

use super::private;
use botticelli_error::{BotticelliError, StoreError, StoreErrorKind};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Longest wait for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The kind and the format of a store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema {
    /// The name of the store in errors, such as `cache`.
    pub(crate) store: &'static str,
    /// The kind of the store. The value is not 0, because 0 marks a file without a kind.
    pub(crate) application_id: i32,
    /// The newest format that this version reads, from 1.
    pub(crate) version: u32,
    /// The statements that create the tables.
    pub(crate) tables: &'static str,
}

/// Opens or creates a private `SQLite` file in WAL mode, which several processes can share.
///
/// The durability is `synchronous=NORMAL`: a killed process loses no committed transaction, but a power failure may undo the last
/// ones.
///
/// # Errors
///
/// A [`StoreError`] that says why the file cannot be used. A file that others can read is refused.
#[track_caller]
pub(crate) fn open(path: &Path, schema: &Schema) -> Result<Connection, BotticelliError> {
    let refused = |kind| StoreError::new(schema.store, path.display().to_string(), kind);
    if path.as_os_str().is_empty() {
        return Err(refused(StoreErrorKind::Address { reason: "its path is empty".to_owned() }).into());
    }
    let path = absolute(path);
    private::prepare(&path).map_err(refused)?;
    match connect(&path, schema) {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(kind)) => Err(refused(kind).into()),
        Err(error) => Err(store_error(schema.store, &path, error)),
    }
}

/// Returns an absolute path, which `SQLite` cannot mistake for a special name such as `:memory:`.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn connect(path: &Path, schema: &Schema) -> rusqlite::Result<Result<Connection, StoreErrorKind>> {
    // Without `SQLITE_OPEN_CREATE`, SQLite never creates a file with the wrong mode. Without `SQLITE_OPEN_URI`, a path is a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // The timeout comes first, because the change to WAL mode needs a lock.
    connection.busy_timeout(BUSY_TIMEOUT)?;
    if connection.is_readonly("main")? {
        return Ok(Err(StoreErrorKind::ReadOnly));
    }
    // The kind is checked before anything is written, so that a file of another program stays unchanged. A transaction, because
    // another process may create the tables between two statements.
    if let Some(kind) = check(&*connection.transaction()?, schema)? {
        return Ok(Err(kind));
    }
    set_wal(&connection)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // The transaction takes the lock at its beginning. A transaction that reads first and writes later can fail if another
    // process writes in between.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(kind) = check(&transaction, schema)? {
        return Ok(Err(kind));
    }
    if pragma(&transaction, "user_version")? == 0 {
        create_tables(&transaction, schema)?;
    }
    transaction.commit()?;
    Ok(Ok(connection))
}

/// Changes to WAL mode. `SQLite` does not wait for a lock here if two processes create the file at the same time.
fn set_wal(connection: &Connection) -> rusqlite::Result<()> {
    let begin = Instant::now();
    loop {
        match connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get::<_, String>(0)) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && begin.elapsed() < BUSY_TIMEOUT =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            // A file system without shared memory uses another mode, which is slower but equally safe.
            other => return other.map(drop),
        }
    }
}

/// Returns the reason why the file is not a store of this kind and format.
fn check(connection: &Connection, schema: &Schema) -> rusqlite::Result<Option<StoreErrorKind>> {
    let application_id = pragma(connection, "application_id")?;
    let version = pragma(connection, "user_version")?;
    if application_id == 0 && version == 0 {
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        return Ok((tables > 0).then(other_database));
    }
    if application_id != i64::from(schema.application_id) || version <= 0 {
        return Ok(Some(other_database()));
    }
    if version > i64::from(schema.version) {
        let found = u32::try_from(version).unwrap_or(u32::MAX);
        return Ok(Some(StoreErrorKind::NewerVersion { found, supported: schema.version }));
    }
    Ok(None)
}

/// Returns the reason for a database that is sound, but another store or of another program. The file must not be replaced.
fn other_database() -> StoreErrorKind {
    StoreErrorKind::Address { reason: "it is a database of another kind".to_owned() }
}

fn create_tables(transaction: &Transaction<'_>, schema: &Schema) -> rusqlite::Result<()> {
    transaction.execute_batch(schema.tables)?;
    transaction.pragma_update(None, "application_id", schema.application_id)?;
    transaction.pragma_update(None, "user_version", schema.version)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// Returns the meaning of an error of `SQLite`.
#[track_caller]
pub(crate) fn store_error(store: &'static str, path: &Path, error: rusqlite::Error) -> BotticelliError {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreErrorKind::Locked,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreErrorKind::ReadOnly,
        Some(ErrorCode::DiskFull) => StoreErrorKind::Full,
        // If the error has no code, or the code of an invalid statement, the file has other tables or types than a store of this
        // kind.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) | None => {
            StoreErrorKind::Damaged
        }
        Some(_) => StoreErrorKind::Failed { reason: format!("SQLite cannot use it ({error})") },
    };
    StoreError::new(store, path.display().to_string(), kind).with_source(error).into()
}
