//! A ledger in memory.

use super::amount::Amount;
use super::report::{LedgerLine, LedgerReport};
use super::store::{Decision, LedgerStore, Refusal, ReservationRequest, Settlement, Terms};
use async_trait::async_trait;
use botticelli_error::BotticelliError;
use botticelli_interface::Clock;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{BoxFuture, select};
use std::collections::HashMap;
use std::convert::Infallible;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A ledger that ends with the process.
#[derive(Debug, Default)]
pub(super) struct MemoryLedger(Mutex<Books>);

#[derive(Debug, Default)]
struct Books {
    /// Spent, held and reserved amounts of each period.
    used: Vec<Amount>,
    /// Places of the periods in `used`, by their names.
    places: HashMap<String, usize>,
    /// The places of the latest call, with its terms. Most calls have the same.
    latest_places: Option<(Arc<Terms>, Places)>,
    reserved: HashMap<i64, Reserved>,
    /// Sums of the closed calls.
    lines: Vec<LedgerLine>,
    /// Places of the sums in `lines`, by account, day, model and provider.
    line_places: HashMap<String, usize>,
    /// The place of the latest call.
    latest_line: Option<LatestLine>,
    /// Space for the key of a line.
    key: String,
    exhausted: HashMap<String, String>,
    last_id: i64,
    /// The calls that wait for the end of a reservation.
    waiting: Vec<oneshot::Sender<()>>,
}

#[derive(Debug)]
struct Reserved {
    request: ReservationRequest,
    places: Places,
}

/// The place of a line, with the parts of its key.
#[derive(Debug)]
struct LatestLine {
    terms: Arc<Terms>,
    model: Arc<str>,
    provider: Arc<str>,
    place: usize,
}

/// The places of the periods of a call.
type Places = [Option<usize>; 3];

/// Number of lines after which new providers share a line. Their names come from servers, which could invent any number of them.
const MOST_LINES: usize = 10_000;

/// Longest wait for the end of a reservation, so that others notice a waiting call that is not polled, and so that the next day, which has
/// room again, is noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Separates the parts of a key. No part contains it.
const SEPARATOR: &str = "\u{1f}";

/// The name of the providers that share a line.
const OTHER_PROVIDERS: &str = "other providers";

impl Books {
    fn used(&self, place: Option<usize>) -> Amount {
        place.and_then(|place| self.used.get(place)).copied().unwrap_or_default()
    }

    /// Returns the places of the periods of a request.
    fn places(&mut self, request: &ReservationRequest) -> Places {
        if let Some((terms, places)) = &self.latest_places
            && Arc::ptr_eq(terms, &request.terms)
        {
            return *places;
        }
        let mut places = Places::default();
        for (place, (_, scope)) in places.iter_mut().zip(request.terms.periods.scopes()) {
            *place = self.places.get(scope).copied().or_else(|| {
                let new = self.used.len();
                self.used.push(Amount::ZERO);
                self.places.insert(scope.to_owned(), new);
                Some(new)
            });
        }
        self.latest_places = Some((request.terms.clone(), places));
        places
    }

    /// Decides about a request without making it.
    fn refusal(&self, request: &ReservationRequest, places: Places) -> Option<Refusal> {
        if request.needs_credits
            && let Some(until) = self.exhausted.get(&*request.terms.credit_account)
            && request.terms.periods.is_before(until)
        {
            return Some(Refusal::Exhausted { until: until.clone() });
        }
        let used = |number: usize| self.used(places.get(number).copied().flatten());
        let reserved = |number: usize| self.reserved_in(places.get(number).copied().flatten());
        let Ok(exceeded) =
            request.exceeded::<Infallible>(|number, _| Ok(used(number)), |number, _| Ok(reserved(number)));
        exceeded
    }

    /// Returns the sum of the open reservations of a period.
    fn reserved_in(&self, place: Option<usize>) -> Amount {
        let open = self.reserved.values().filter(|open| place.is_some() && open.places.contains(&place));
        open.fold(Amount::ZERO, |sum, open| sum.plus(open.request.amount))
    }

    fn change(&mut self, places: Places, change: impl Fn(Amount) -> Amount) {
        for place in places.into_iter().flatten() {
            if let Some(used) = self.used.get_mut(place) {
                *used = change(*used);
            }
        }
    }

    fn reserve(&mut self, request: &ReservationRequest) -> Decision {
        let places = self.places(request);
        if let Some(refusal) = self.refusal(request, places) {
            return Decision::Refused(refusal);
        }
        self.change(places, |used| used.plus(request.amount));
        self.last_id = self.last_id.saturating_add(1);
        self.reserved.insert(self.last_id, Reserved { request: request.clone(), places });
        Decision::Reserved(self.last_id)
    }

    fn close(&mut self, id: i64, settlement: &Settlement) {
        let Some(Reserved { request, places }) = self.reserved.remove(&id) else { return };
        let counted = settlement.spent.plus(settlement.held);
        self.change(places, |used| used.minus(request.amount).plus(counted));
        if settlement.is_recorded() {
            self.record(&request, settlement);
        }
    }

    fn record(&mut self, request: &ReservationRequest, settlement: &Settlement) {
        let Settlement { spent, held, provider, is_unpriced } = settlement;
        if let (Some(latest), Some(provider)) = (&self.latest_line, provider)
            && Arc::ptr_eq(&latest.terms, &request.terms)
            && (&latest.model, &latest.provider) == (&request.model, provider)
            && let Some(line) = self.lines.get_mut(latest.place)
        {
            return line.count(*spent, *held, *is_unpriced);
        }
        let place = self.line_of(request, provider.as_deref().unwrap_or_default());
        if let Some(line) = self.lines.get_mut(place) {
            line.count(*spent, *held, *is_unpriced);
        }
        if let Some(provider) = provider {
            let (terms, model) = (request.terms.clone(), request.model.clone());
            self.latest_line = Some(LatestLine { terms, model, provider: provider.clone(), place });
        }
    }

    /// Returns the place of the line of a call.
    fn line_of(&mut self, request: &ReservationRequest, provider: &str) -> usize {
        let next = self.lines.len();
        for provider in [provider, OTHER_PROVIDERS] {
            self.key.clear();
            let Terms { account, periods, .. } = &*request.terms;
            for part in
                [account, SEPARATOR, &periods.day_name, SEPARATOR, &request.model, SEPARATOR, provider]
            {
                self.key.push_str(part);
            }
            if let Some(place) = self.line_places.get(&self.key) {
                return *place;
            }
            let is_known = provider.is_empty() || provider == OTHER_PROVIDERS;
            if is_known || next < MOST_LINES {
                self.lines.push(empty_line(request, provider));
                self.line_places.insert(self.key.clone(), next);
                break;
            }
        }
        next
    }
}

impl MemoryLedger {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, id: i64, settlement: &Settlement) {
        let mut books = self.books();
        books.close(id, settlement);
        if !books.waiting.is_empty() {
            wake(books);
        }
    }
}

#[async_trait]
impl LedgerStore for MemoryLedger {
    fn reserve_now(&self, request: &ReservationRequest) -> Option<Decision> {
        Some(self.books().reserve(request))
    }

    fn close_now(&self, id: i64, settlement: &Settlement) -> bool {
        self.end(id, settlement);
        true
    }

    async fn reserve(&self, request: &ReservationRequest) -> Result<Decision, BotticelliError> {
        Ok(self.books().reserve(request))
    }

    fn next_end(&self, _: u32, clock: &dyn Clock) -> BoxFuture<'static, ()> {
        let (call, end) = oneshot::channel();
        let mut books = self.books();
        // Those that gave up, or asked again after a second, no longer listen.
        books.waiting.retain(|call| !call.is_canceled());
        books.waiting.push(call);
        select(end, clock.sleep(LONGEST_WAIT)).map(drop).boxed()
    }

    async fn extend(
        &self,
        id: i64,
        _: u64,
        request: &ReservationRequest,
    ) -> Result<Decision, BotticelliError> {
        let mut books = self.books();
        let places = books.places(request);
        if let Some(refusal) = books.refusal(request, places) {
            return Ok(Decision::Refused(refusal));
        }
        books.change(places, |used| used.plus(request.amount));
        if let Some(Reserved { request: reserved, .. }) = books.reserved.get_mut(&id) {
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
        let Ok(rest) = request.rest::<Infallible>(|scope| Ok(books.used(books.places.get(scope).copied())));
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
        let open = books
            .reserved
            .values()
            .map(|Reserved { request, .. }| line(request, "", Amount::ZERO, request.amount, false));
        Ok(LedgerReport::new(books.lines.iter().cloned().chain(open)))
    }
}

/// Wakes the calls that wait for the end of a reservation.
#[cold]
fn wake(mut books: MutexGuard<'_, Books>) {
    let waiting = mem::take(&mut books.waiting);
    // A woken call may ask the ledger immediately, so the lock must be free.
    drop(books);
    for call in waiting {
        // A call that gave up no longer listens.
        let _ = call.send(());
    }
}

/// Returns the line of one call.
fn line(
    request: &ReservationRequest,
    provider: &str,
    spent: Amount,
    held: Amount,
    is_unpriced: bool,
) -> LedgerLine {
    let mut line = empty_line(request, provider);
    line.count(spent, held, is_unpriced);
    line
}

/// Returns the line of calls like this one, without any.
fn empty_line(request: &ReservationRequest, provider: &str) -> LedgerLine {
    LedgerLine {
        account: request.terms.account.to_string(),
        day: request.terms.periods.day_name.clone(),
        model: request.model.to_string(),
        provider: provider.to_owned(),
        ..LedgerLine::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use botticelli_interface::ManualClock;

    #[test]
    fn calls_that_no_longer_wait_do_not_stay_in_memory() {
        let (ledger, clock) = (MemoryLedger::default(), ManualClock::default());
        let waiting = ledger.next_end(0, &clock);
        for _ in 0..1_000 {
            drop(ledger.next_end(0, &clock));
        }
        let kept = ledger.books().waiting.len();
        assert!(kept <= 2, "{kept}");
        ledger.close_later(1, Settlement::default());
        assert_eq!(waiting.now_or_never(), Some(()));
    }
}
