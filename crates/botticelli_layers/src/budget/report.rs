//! Reports of a ledger.

use super::amount::Amount;
use botticelli_core::Usd;
use std::collections::BTreeMap;

/// The calls of a ledger by day, model and provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerReport {
    lines: Vec<LedgerLine>,
}

/// The calls of one day, model and provider, or a sum of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerLine {
    /// Name of the account.
    pub account: String,
    /// Day in UTC: `2026-11-28`. Empty in a sum over days.
    pub day: String,
    /// Model. Empty in a sum over models.
    pub model: String,
    /// Provider that served the calls. Empty if it is unknown, and in a sum over providers.
    pub provider: String,
    /// Number of calls.
    pub calls: u64,
    /// Cost that the responses state.
    pub spent: Usd,
    /// Tokens that the responses state.
    pub tokens: u64,
    /// Upper bound of what may be billed in addition: calls in flight, and calls with an unknown outcome.
    pub held: Usd,
    /// Upper bound of the tokens of these calls.
    pub held_tokens: u64,
    /// Number of the calls that may be billed at an unknown cost, which neither `spent` nor `held` has: a budget
    /// [allows](super::OnUnknownPrice::Allow) them, and no response stated the cost.
    pub unpriced: u64,
}

impl LedgerLine {
    /// Adds a call.
    pub(super) fn count(&mut self, spent: Amount, held: Amount, is_unpriced: bool) {
        let sum = |ours: Usd, nanos: u64| Usd::from_nano_dollars(ours.nano_dollars().saturating_add(nanos));
        self.calls = self.calls.saturating_add(1);
        self.spent = sum(self.spent, spent.nano_dollars);
        self.tokens = self.tokens.saturating_add(spent.tokens);
        self.held = sum(self.held, held.nano_dollars);
        self.held_tokens = self.held_tokens.saturating_add(held.tokens);
        self.unpriced = self.unpriced.saturating_add(is_unpriced.into());
    }

    pub(super) fn add(&mut self, other: &Self) {
        let sum = |ours: Usd, theirs: Usd| {
            Usd::from_nano_dollars(ours.nano_dollars().saturating_add(theirs.nano_dollars()))
        };
        self.calls = self.calls.saturating_add(other.calls);
        self.spent = sum(self.spent, other.spent);
        self.tokens = self.tokens.saturating_add(other.tokens);
        self.held = sum(self.held, other.held);
        self.held_tokens = self.held_tokens.saturating_add(other.held_tokens);
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
    }
}

impl LedgerReport {
    /// Returns a report of these lines, one for each day, model and provider.
    pub(super) fn new(lines: impl IntoIterator<Item = LedgerLine>) -> Self {
        let mut sums: BTreeMap<[String; 4], LedgerLine> = BTreeMap::new();
        for line in lines {
            let key = [&line.account, &line.day, &line.model, &line.provider].map(String::clone);
            match sums.get_mut(&key) {
                Some(sum) => sum.add(&line),
                None => {
                    sums.insert(key, line);
                }
            }
        }
        Self { lines: sums.into_values().collect() }
    }

    /// Returns the lines, sorted by account, day, model and provider.
    pub fn lines(&self) -> &[LedgerLine] {
        &self.lines
    }

    /// Returns the sum of all lines.
    pub fn total(&self) -> LedgerLine {
        let mut total = LedgerLine::default();
        for line in &self.lines {
            total.add(line);
        }
        total
    }

    /// Returns one line for each day.
    pub fn by_day(&self) -> Vec<LedgerLine> {
        self.by(|line| &line.day, |line, day| line.day = day)
    }

    /// Returns one line for each model.
    pub fn by_model(&self) -> Vec<LedgerLine> {
        self.by(|line| &line.model, |line, model| line.model = model)
    }

    /// Returns one line for each provider.
    pub fn by_provider(&self) -> Vec<LedgerLine> {
        self.by(|line| &line.provider, |line, provider| line.provider = provider)
    }

    fn by(&self, key: fn(&LedgerLine) -> &String, set: fn(&mut LedgerLine, String)) -> Vec<LedgerLine> {
        let mut sums: BTreeMap<String, LedgerLine> = BTreeMap::new();
        for line in &self.lines {
            sums.entry(key(line).clone()).or_default().add(line);
        }
        let named = sums.into_iter().map(|(key, mut sum)| {
            set(&mut sum, key);
            sum
        });
        named.collect()
    }
}
