//! A ledger in memory.

use super::amount::Amount;
use super::report::{LedgerLine, LedgerReport};
use super::store::{Decision, LedgerStore, Refusal, ReservationRequest, Settlement, Terms};
use async_trait::async_trait;
use botticelli_error::BotticelliError;
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A ledger that ends with the process.
#[derive(Debug, Default)]
pub(super) struct MemoryLedger(Mutex<Books>);

#[derive(Debug, Default)]
struct Books {
    /// Spent, held and reserved amounts of each period.
    used: HashMap<String, Amount>,
    reserved: BTreeMap<i64, ReservationRequest>,
    /// Sums of the closed calls, by account, day, model and provider.
    lines: HashMap<String, LedgerLine>,
    /// Space for the key of a line.
    key: String,
    exhausted: HashMap<String, String>,
    last_id: i64,
}

/// Number of lines after which new providers share a line. Their names come from servers, which could invent any number of them.
const MOST_LINES: usize = 10_000;

/// Separates the parts of a key. No part contains it.
const SEPARATOR: &str = "\u{1f}";

/// The name of the providers that share a line.
const OTHER_PROVIDERS: &str = "other providers";

impl Books {
    fn used(&self, scope: &str) -> Amount {
        self.used.get(scope).copied().unwrap_or_default()
    }

    /// Decides about a request without making it.
    fn refusal(&self, request: &ReservationRequest) -> Option<Refusal> {
        if request.needs_credits
            && let Some(until) = self.exhausted.get(&*request.terms.credit_account)
            && request.terms.periods.is_before(until)
        {
            return Some(Refusal::Exhausted { until: until.clone() });
        }
        let Ok(exceeded) = request.exceeded::<Infallible>(|scope| Ok(self.used(scope)));
        exceeded
    }

    fn change(&mut self, request: &ReservationRequest, change: impl Fn(Amount) -> Amount) {
        for (_, scope) in request.terms.periods.scopes() {
            match self.used.get_mut(scope) {
                Some(used) => *used = change(*used),
                None => {
                    self.used.insert(scope.to_owned(), change(Amount::ZERO));
                }
            }
        }
    }

    fn record(&mut self, request: &ReservationRequest, settlement: &Settlement) {
        let Settlement { spent, held, provider } = settlement;
        let provider = provider.as_deref().unwrap_or_default();
        for provider in [provider, OTHER_PROVIDERS] {
            self.key.clear();
            let Terms { account, periods, .. } = &*request.terms;
            for part in
                [account, SEPARATOR, &periods.day_name, SEPARATOR, &request.model, SEPARATOR, provider]
            {
                self.key.push_str(part);
            }
            if let Some(line) = self.lines.get_mut(&self.key) {
                return line.count(*spent, *held);
            }
            let is_known = provider.is_empty() || provider == OTHER_PROVIDERS;
            if is_known || self.lines.len() < MOST_LINES {
                self.lines.insert(self.key.clone(), line(request, provider, *spent, *held));
                return;
            }
        }
    }
}

impl MemoryLedger {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, id: i64, settlement: &Settlement) {
        let mut books = self.books();
        let Some(request) = books.reserved.remove(&id) else { return };
        let counted = settlement.spent.plus(settlement.held);
        books.change(&request, |used| used.minus(request.amount).plus(counted));
        if counted != Amount::ZERO || settlement.provider.is_some() {
            books.record(&request, settlement);
        }
    }
}

#[async_trait]
impl LedgerStore for MemoryLedger {
    async fn reserve(&self, request: &ReservationRequest) -> Result<Decision, BotticelliError> {
        let mut books = self.books();
        if let Some(refusal) = books.refusal(request) {
            return Ok(Decision::Refused(refusal));
        }
        books.change(request, |used| used.plus(request.amount));
        books.last_id = books.last_id.saturating_add(1);
        let id = books.last_id;
        books.reserved.insert(id, request.clone());
        Ok(Decision::Reserved(id))
    }

    async fn extend(
        &self,
        id: i64,
        _: u64,
        request: &ReservationRequest,
    ) -> Result<Decision, BotticelliError> {
        let mut books = self.books();
        if let Some(refusal) = books.refusal(request) {
            return Ok(Decision::Refused(refusal));
        }
        books.change(request, |used| used.plus(request.amount));
        if let Some(reserved) = books.reserved.get_mut(&id) {
            reserved.amount = reserved.amount.plus(request.amount);
        }
        Ok(Decision::Reserved(id))
    }

    async fn close(&self, id: i64, settlement: &Settlement) -> Result<(), BotticelliError> {
        self.end(id, settlement);
        Ok(())
    }

    fn close_later(&self, id: i64, settlement: Settlement) {
        self.end(id, &settlement);
    }

    async fn rest(&self, request: &ReservationRequest) -> Result<Amount, BotticelliError> {
        let books = self.books();
        let Ok(rest) = request.rest::<Infallible>(|scope| Ok(books.used(scope)));
        Ok(rest)
    }

    async fn set_exhausted(&self, account: &str, until: &str) -> Result<(), BotticelliError> {
        self.books().exhausted.insert(account.to_owned(), until.to_owned());
        Ok(())
    }

    async fn clear_exhausted(&self, account: &str) -> Result<(), BotticelliError> {
        self.books().exhausted.remove(account);
        Ok(())
    }

    async fn report(&self) -> Result<LedgerReport, BotticelliError> {
        let books = self.books();
        let open = books.reserved.values().map(|request| line(request, "", Amount::ZERO, request.amount));
        Ok(LedgerReport::new(books.lines.values().cloned().chain(open)))
    }
}

/// Returns the line of one call.
fn line(request: &ReservationRequest, provider: &str, spent: Amount, held: Amount) -> LedgerLine {
    let mut line = LedgerLine {
        account: request.terms.account.to_string(),
        day: request.terms.periods.day_name.clone(),
        model: request.model.to_string(),
        provider: provider.to_owned(),
        ..LedgerLine::default()
    };
    line.count(spent, held);
    line
}
