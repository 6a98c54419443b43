//! Treatment of calls with an unknown price or without credits.

use serde::{Deserialize, Serialize};

/// Treatment of calls with an unknown price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnUnknownPrice {
    /// Refuse the call, because the limit could not hold.
    #[default]
    Refuse,
    /// Send the call, and count its unknown part as zero until the response states it.
    Allow,
}

/// Treatment of calls after the service reported an account without credits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnCreditsExhausted {
    /// Refuse calls until the month ends, or until [`Ledger::clear_exhausted`](super::Ledger::clear_exhausted).
    #[default]
    Refuse,
    /// Send calls nevertheless.
    Send,
}
