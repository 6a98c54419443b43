//! A ledger in memory.

use super::amount::Amount;
use super::report::{LedgerLine, LedgerReport};
use super::store::{Closing, Decision, LedgerStore, Order, Refusal};
use async_trait::async_trait;
use botticelli_core::Usd;
use botticelli_error::BotticelliError;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A ledger that ends with the process.
#[derive(Debug, Default)]
pub(super) struct MemoryLedger(Mutex<Books>);

#[derive(Debug, Default)]
struct Books {
    /// Spent, held and reserved amounts of each period.
    used: HashMap<String, Amount>,
    reserved: HashMap<i64, Order>,
    /// Sums of the closed calls, by account, day, model and provider.
    lines: HashMap<String, LedgerLine>,
    exhausted: HashMap<String, String>,
    last_id: i64,
}

impl Books {
    fn used(&self, scope: &str) -> Amount {
        self.used.get(scope).copied().unwrap_or_default()
    }

    /// Decides about an order without making it.
    fn refusal(&self, order: &Order) -> Option<Refusal> {
        if order.needs_credits
            && let Some(until) = self.exhausted.get(&*order.payer)
            && order.periods.is_before(until)
        {
            return Some(Refusal::Exhausted { until: until.clone() });
        }
        let Ok(exceeded) = order.exceeded::<Infallible>(|scope| Ok(self.used(scope)));
        exceeded
    }

    fn change(&mut self, order: &Order, change: impl Fn(Amount) -> Amount) {
        for (_, scope) in order.periods.scopes() {
            match self.used.get_mut(scope) {
                Some(used) => *used = change(*used),
                None => {
                    self.used.insert(scope.to_owned(), change(Amount::ZERO));
                }
            }
        }
    }

    fn record(&mut self, order: &Order, closing: &Closing) {
        let provider = closing.provider.as_deref().unwrap_or_default();
        let key = [&*order.account, &order.periods.day_name, &order.model, provider].join("\u{1f}");
        let call = line(order, provider, closing.spent, closing.held);
        match self.lines.get_mut(&key) {
            Some(sum) => sum.add(&call),
            None => {
                self.lines.insert(key, call);
            }
        }
    }
}

impl MemoryLedger {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, id: i64, closing: &Closing) {
        let mut books = self.books();
        let Some(order) = books.reserved.remove(&id) else { return };
        let counted = closing.spent.plus(closing.held);
        books.change(&order, |used| used.minus(order.amount).plus(counted));
        if counted != Amount::ZERO || closing.provider.is_some() {
            books.record(&order, closing);
        }
    }
}

#[async_trait]
impl LedgerStore for MemoryLedger {
    async fn reserve(&self, order: &Order) -> Result<Decision, BotticelliError> {
        let mut books = self.books();
        if let Some(refusal) = books.refusal(order) {
            return Ok(Decision::Refused(refusal));
        }
        books.change(order, |used| used.plus(order.amount));
        books.last_id = books.last_id.saturating_add(1);
        let id = books.last_id;
        books.reserved.insert(id, order.clone());
        Ok(Decision::Reserved(id))
    }

    async fn extend(&self, id: i64, _: u64, order: &Order) -> Result<Decision, BotticelliError> {
        let mut books = self.books();
        if let Some(refusal) = books.refusal(order) {
            return Ok(Decision::Refused(refusal));
        }
        books.change(order, |used| used.plus(order.amount));
        if let Some(reserved) = books.reserved.get_mut(&id) {
            reserved.amount = reserved.amount.plus(order.amount);
        }
        Ok(Decision::Reserved(id))
    }

    async fn close(&self, id: i64, closing: &Closing) -> Result<(), BotticelliError> {
        self.end(id, closing);
        Ok(())
    }

    fn close_later(&self, id: i64, closing: Closing) {
        self.end(id, &closing);
    }

    async fn rest(&self, order: &Order) -> Result<Amount, BotticelliError> {
        let books = self.books();
        let Ok(rest) = order.rest::<Infallible>(|scope| Ok(books.used(scope)));
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
        let open = books.reserved.values().map(|order| line(order, "", Amount::ZERO, order.amount));
        Ok(LedgerReport::new(books.lines.values().cloned().chain(open)))
    }
}

/// Returns the line of one call.
fn line(order: &Order, provider: &str, spent: Amount, held: Amount) -> LedgerLine {
    LedgerLine {
        account: order.account.to_string(),
        day: order.periods.day_name.clone(),
        model: order.model.to_string(),
        provider: provider.to_owned(),
        calls: 1,
        spent: Usd::from_nano_dollars(spent.nano_dollars),
        tokens: spent.tokens,
        held: Usd::from_nano_dollars(held.nano_dollars),
        held_tokens: held.tokens,
    }
}
