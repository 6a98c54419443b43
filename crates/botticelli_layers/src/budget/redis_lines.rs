//! The lines of the report of a ledger on Redis.

use super::report::LedgerLine;
use botticelli_core::Usd;

/// Separates the parts of a field.
const SEPARATOR: char = '\u{1f}';

/// Returns one amount of the closed calls as a separate line. The report adds the lines up.
pub(super) fn part(field: &str, amount: u64) -> Option<LedgerLine> {
    let [account, day, model, provider, name] = field.split(SEPARATOR).collect::<Vec<_>>().try_into().ok()?;
    let owned = str::to_owned;
    let mut line = LedgerLine {
        account: owned(account),
        day: owned(day),
        model: owned(model),
        provider: owned(provider),
        ..LedgerLine::default()
    };
    match name {
        "c" => line.calls = amount,
        "n" => line.spent = Usd::from_nano_dollars(amount),
        "t" => line.tokens = amount,
        "hn" => line.held = Usd::from_nano_dollars(amount),
        "ht" => line.held_tokens = amount,
        _ => return None,
    }
    Some(line)
}

/// Returns the number of calls with an unknown cost as a separate line.
pub(super) fn unpriced(line: &str, calls: u64) -> Option<LedgerLine> {
    let [account, day, model, provider] = line.split(SEPARATOR).collect::<Vec<_>>().try_into().ok()?;
    let owned = str::to_owned;
    Some(LedgerLine {
        account: owned(account),
        day: owned(day),
        model: owned(model),
        provider: owned(provider),
        unpriced: calls,
        ..LedgerLine::default()
    })
}

/// Returns the line of a reservation that is not closed.
pub(super) fn reserved(open: &str) -> Option<LedgerLine> {
    #[derive(serde::Deserialize)]
    struct Open {
        a: String,
        d: String,
        m: String,
        n: String,
        t: String,
    }

    let open: Open = serde_json::from_str(open).ok()?;
    Some(LedgerLine {
        account: open.a,
        day: open.d,
        model: open.m,
        calls: 1,
        held: Usd::from_nano_dollars(open.n.parse().ok()?),
        held_tokens: open.t.parse().ok()?,
        ..LedgerLine::default()
    })
}
