//! A ledger in a `SQLite` file.

use super::amount::Amount;
use super::deferred::Deferred;
use super::report::{LedgerLine, LedgerReport};
use super::store::{Decision, LEDGER, LedgerStore, Refusal, ReservationRequest, Settlement};
use crate::store::sqlite::{self, Schema, store_error};
use async_trait::async_trait;
use botticelli_core::Usd;
use botticelli_error::BotticelliError;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The kind and the format of the file. The id is the text `bLdg`.
const SCHEMA: Schema = Schema { store: LEDGER, application_id: 0x624C_6467, version: 1, tables: TABLES };

/// Time for which a transaction waits for other processes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Wait between two tries. A transaction takes less than a tenth of it.
const PAUSE: Duration = Duration::from_millis(1);

/// `used` has the spent, held and reserved amounts of each period, and `spent` the closed calls.
const TABLES: &str = "
    CREATE TABLE used (
        scope TEXT PRIMARY KEY, nano_dollars INTEGER NOT NULL, tokens INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE reservations (
        id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, day TEXT NOT NULL, model TEXT NOT NULL,
        scopes TEXT NOT NULL, nano_dollars INTEGER NOT NULL, tokens INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE spent (
        account TEXT NOT NULL, day TEXT NOT NULL, model TEXT NOT NULL, provider TEXT NOT NULL,
        calls INTEGER NOT NULL, nano_dollars INTEGER NOT NULL, tokens INTEGER NOT NULL,
        held_nano_dollars INTEGER NOT NULL, held_tokens INTEGER NOT NULL,
        PRIMARY KEY (account, day, model, provider)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE exhausted (account TEXT PRIMARY KEY, until TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

/// The numbers of calls with an unknown cost. Files of older versions have no such table, and these versions ignore it.
const UNPRICED: &str = "
    CREATE TABLE IF NOT EXISTS unpriced (
        account TEXT NOT NULL, day TEXT NOT NULL, model TEXT NOT NULL, provider TEXT NOT NULL, calls INTEGER NOT NULL,
        PRIMARY KEY (account, day, model, provider)
    ) STRICT, WITHOUT ROWID;
";

/// A ledger that processes share through a file.
///
/// Each operation is one transaction of the write-ahead log, so a killed process leaves all of it or nothing. A call that must wait
/// for another process sleeps, and does not block its thread.
pub(super) struct SqliteLedger {
    connection: Mutex<Connection>,
    path: PathBuf,
    deferred: Deferred,
}

impl fmt::Debug for SqliteLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteLedger").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteLedger {
    #[track_caller]
    pub(super) fn open(path: &Path) -> Result<Self, BotticelliError> {
        let connection = sqlite::open(path, &SCHEMA)?;
        // A call waits without blocking its thread instead. The first open of an older file writes, and may wait.
        let set = connection.execute_batch(UNPRICED).and_then(|()| connection.busy_timeout(Duration::ZERO));
        set.map_err(|error| store_error(LEDGER, path, error))?;
        Ok(Self { connection: Mutex::new(connection), path: path.to_owned(), deferred: Deferred::default() })
    }

    /// Runs `work` as one transaction, and waits for other processes.
    async fn transact<T>(
        &self,
        work: impl Fn(&Transaction<'_>) -> rusqlite::Result<T> + Send + Sync,
    ) -> Result<T, BotticelliError> {
        let started = Instant::now();
        loop {
            let error = match self.try_deferred().and_then(|()| self.try_transact(&work)) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let is_busy = error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
            if !is_busy || started.elapsed() > PATIENCE {
                return Err(store_error(LEDGER, &self.path, error));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Writes the ends of dropped calls.
    fn try_deferred(&self) -> rusqlite::Result<()> {
        let mut deferred = self.deferred.take();
        while let Some((id, settlement)) = deferred.ends.last() {
            self.try_transact(|books| close(books, *id, settlement))?;
            deferred.ends.pop();
        }
        Ok(())
    }

    fn try_transact<T>(&self, work: impl Fn(&Transaction<'_>) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

#[async_trait]
impl LedgerStore for SqliteLedger {
    async fn reserve(&self, request: &ReservationRequest) -> Result<Decision, BotticelliError> {
        self.transact(|books| {
            if let Some(refusal) = refusal(books, request)? {
                return Ok(Decision::Refused(refusal));
            }
            let scopes: Vec<&str> = request.terms.periods.scopes().map(|(_, scope)| scope).collect();
            for scope in &scopes {
                add(books, scope, request.amount)?;
            }
            let amount = request.amount;
            books
                .prepare_cached(
                    "INSERT INTO reservations (account, day, model, scopes, nano_dollars, tokens) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    &*request.terms.account,
                    request.terms.periods.day_name,
                    &*request.model,
                    scopes.join("\n"),
                    signed(amount.nano_dollars),
                    signed(amount.tokens)
                ])?;
            Ok(Decision::Reserved(books.last_insert_rowid()))
        })
        .await
    }

    async fn extend(
        &self,
        id: i64,
        _: u64,
        request: &ReservationRequest,
    ) -> Result<Decision, BotticelliError> {
        self.transact(|books| {
            if let Some(refusal) = refusal(books, request)? {
                return Ok(Decision::Refused(refusal));
            }
            for (_, scope) in request.terms.periods.scopes() {
                add(books, scope, request.amount)?;
            }
            books
                .prepare_cached(
                    "UPDATE reservations SET
                        nano_dollars = nano_dollars + min(?2, 9223372036854775807 - nano_dollars),
                        tokens = tokens + min(?3, 9223372036854775807 - tokens)
                    WHERE id = ?1",
                )?
                .execute(params![id, signed(request.amount.nano_dollars), signed(request.amount.tokens)])?;
            Ok(Decision::Reserved(id))
        })
        .await
    }

    async fn close(&self, id: i64, settlement: &Settlement) -> Result<(), BotticelliError> {
        self.transact(|books| close(books, id, settlement)).await
    }

    fn close_later(&self, id: i64, settlement: Settlement) {
        self.deferred.push(id, settlement);
        // Another process may be writing, or the disk may be full. The next operation tries again.
        if let Err(error) = self.try_deferred() {
            tracing::debug!(%error, "the end of a dropped call is not written yet");
        }
    }

    async fn rest(&self, request: &ReservationRequest) -> Result<Amount, BotticelliError> {
        self.transact(|books| request.rest(|scope| used(books, scope))).await
    }

    async fn set_exhausted(&self, account: &str, until: &str) -> Result<(), BotticelliError> {
        self.transact(|books| {
            books
                .prepare_cached("INSERT OR REPLACE INTO exhausted VALUES (?1, ?2)")?
                .execute([account, until])
                .map(drop)
        })
        .await
    }

    async fn clear_exhausted(&self, account: &str) -> Result<(), BotticelliError> {
        self.transact(|books| {
            books.prepare_cached("DELETE FROM exhausted WHERE account = ?1")?.execute([account]).map(drop)
        })
        .await
    }

    async fn report(&self) -> Result<LedgerReport, BotticelliError> {
        let lines = self.transact(|books| {
            let mut closed = books.prepare_cached("SELECT * FROM spent")?;
            let closed = closed.query_map([], spent_line)?.collect::<rusqlite::Result<Vec<_>>>()?;
            let mut open = books.prepare_cached(
                "SELECT account, day, model, scopes, nano_dollars, tokens FROM reservations",
            )?;
            let open = open.query_map([], Reserved::read)?.map(|read| read.map(Reserved::line));
            let open = open.collect::<rusqlite::Result<Vec<_>>>()?;
            let mut unpriced = books.prepare_cached("SELECT * FROM unpriced")?;
            let unpriced = unpriced.query_map([], unpriced_line)?.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(closed.into_iter().chain(open).chain(unpriced).collect::<Vec<_>>())
        });
        lines.await.map(LedgerReport::new)
    }
}

/// Replaces a reservation by what is spent and what is held. Does nothing if it is closed already.
fn close(books: &Transaction<'_>, id: i64, settlement: &Settlement) -> rusqlite::Result<()> {
    let reserved = books
        .prepare_cached(
            "DELETE FROM reservations WHERE id = ?1 RETURNING account, day, model, scopes, nano_dollars, tokens",
        )?
        .query_row([id], Reserved::read)
        .optional()?;
    let Some(reserved) = reserved else { return Ok(()) };
    let counted = settlement.spent.plus(settlement.held);
    for scope in reserved.scopes.split('\n') {
        let used = used(books, scope)?.minus(reserved.amount).plus(counted);
        books
            .prepare_cached("UPDATE used SET nano_dollars = ?2, tokens = ?3 WHERE scope = ?1")?
            .execute(params![scope, signed(used.nano_dollars), signed(used.tokens)])?;
    }
    if !settlement.is_recorded() {
        return Ok(());
    }
    let provider = settlement.provider.as_deref().unwrap_or_default();
    if settlement.is_unpriced {
        books
            .prepare_cached(
                "INSERT INTO unpriced VALUES (?1, ?2, ?3, ?4, 1) ON CONFLICT DO UPDATE SET calls = calls + 1",
            )?
            .execute([&*reserved.account, &*reserved.day, &*reserved.model, provider])?;
    }
    books
        .prepare_cached(
            // A sum beyond the largest integer would become a float, which the table refuses.
            "INSERT INTO spent VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET
                calls = calls + 1,
                nano_dollars = nano_dollars + min(excluded.nano_dollars, 9223372036854775807 - nano_dollars),
                tokens = tokens + min(excluded.tokens, 9223372036854775807 - tokens),
                held_nano_dollars =
                    held_nano_dollars + min(excluded.held_nano_dollars, 9223372036854775807 - held_nano_dollars),
                held_tokens = held_tokens + min(excluded.held_tokens, 9223372036854775807 - held_tokens)",
        )?
        .execute(params![
            reserved.account,
            reserved.day,
            reserved.model,
            provider,
            signed(settlement.spent.nano_dollars),
            signed(settlement.spent.tokens),
            signed(settlement.held.nano_dollars),
            signed(settlement.held.tokens)
        ])?;
    Ok(())
}

/// Decides about a request without making it.
fn refusal(books: &Transaction<'_>, request: &ReservationRequest) -> rusqlite::Result<Option<Refusal>> {
    if request.needs_credits {
        let until: Option<String> = books
            .prepare_cached("SELECT until FROM exhausted WHERE account = ?1")?
            .query_row([&*request.terms.credit_account], |row| row.get(0))
            .optional()?;
        if let Some(until) = until.filter(|until| request.terms.periods.is_before(until)) {
            return Ok(Some(Refusal::Exhausted { until }));
        }
    }
    request.exceeded(|_, scope| used(books, scope), |_, scope| reserved(books, scope))
}

/// Returns the sum of the open reservations of a period.
fn reserved(books: &Transaction<'_>, scope: &str) -> rusqlite::Result<Amount> {
    let mut open = books.prepare_cached("SELECT scopes, nano_dollars, tokens FROM reservations")?;
    let mut rows = open.query([])?;
    let mut sum = Amount::ZERO;
    while let Some(row) = rows.next()? {
        if row.get_ref(0)?.as_str()?.split('\n').any(|known| known == scope) {
            sum = sum.plus(amount(row, 1)?);
        }
    }
    Ok(sum)
}

fn used(books: &Transaction<'_>, scope: &str) -> rusqlite::Result<Amount> {
    let used = books
        .prepare_cached("SELECT nano_dollars, tokens FROM used WHERE scope = ?1")?
        .query_row([scope], |row| amount(row, 0))
        .optional()?;
    Ok(used.unwrap_or_default())
}

fn add(books: &Transaction<'_>, scope: &str, amount: Amount) -> rusqlite::Result<()> {
    let sum = used(books, scope)?.plus(amount);
    books
        .prepare_cached("INSERT OR REPLACE INTO used VALUES (?1, ?2, ?3)")?
        .execute(params![scope, signed(sum.nano_dollars), signed(sum.tokens)])
        .map(drop)
}

/// A reservation that was not closed.
struct Reserved {
    account: String,
    day: String,
    model: String,
    /// Names of its periods, one on each line.
    scopes: String,
    amount: Amount,
}

impl Reserved {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            account: row.get(0)?,
            day: row.get(1)?,
            model: row.get(2)?,
            scopes: row.get(3)?,
            amount: amount(row, 4)?,
        })
    }

    fn line(self) -> LedgerLine {
        LedgerLine {
            account: self.account,
            day: self.day,
            model: self.model,
            calls: 1,
            held: Usd::from_nano_dollars(self.amount.nano_dollars),
            held_tokens: self.amount.tokens,
            ..LedgerLine::default()
        }
    }
}

fn spent_line(row: &Row<'_>) -> rusqlite::Result<LedgerLine> {
    let (spent, held) = (amount(row, 5)?, amount(row, 7)?);
    Ok(LedgerLine {
        account: row.get(0)?,
        day: row.get(1)?,
        model: row.get(2)?,
        provider: row.get(3)?,
        calls: unsigned(row.get(4)?),
        spent: Usd::from_nano_dollars(spent.nano_dollars),
        tokens: spent.tokens,
        held: Usd::from_nano_dollars(held.nano_dollars),
        held_tokens: held.tokens,
        ..LedgerLine::default()
    })
}

fn unpriced_line(row: &Row<'_>) -> rusqlite::Result<LedgerLine> {
    Ok(LedgerLine {
        account: row.get(0)?,
        day: row.get(1)?,
        model: row.get(2)?,
        provider: row.get(3)?,
        unpriced: unsigned(row.get(4)?),
        ..LedgerLine::default()
    })
}

/// Reads an amount from two columns.
fn amount(row: &Row<'_>, first: usize) -> rusqlite::Result<Amount> {
    Ok(Amount {
        nano_dollars: unsigned(row.get(first)?),
        tokens: unsigned(row.get(first.saturating_add(1))?),
    })
}

/// `SQLite`'s integers are signed. Amounts above 9 billion dollars count as that.
fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

fn unsigned(amount: i64) -> u64 {
    u64::try_from(amount).unwrap_or_default()
}
