//! A finished answer, before any dialect spells it.

use super::tokens::tokens;
use crate::catalog::Served;
use crate::fingerprint::Fingerprint;

/// What is said, why it ended, and what it took.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) served: Served,
    /// The text, piece by piece, as it is streamed.
    pub(crate) pieces: Vec<String>,
    pub(crate) ending: Ending,
    pub(crate) prompt_tokens: u64,
    /// Whether the client asked for the usage of a stream.
    pub(crate) includes_usage: bool,
}

/// Why the answer ended. Every dialect has its own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Natural,
    StopSequence,
    Length,
}

impl Completion {
    pub(crate) fn text(&self) -> String {
        self.pieces.concat()
    }

    /// What was really said is what is counted.
    pub(crate) fn completion_tokens(&self) -> u64 {
        u64::try_from(self.pieces.len()).unwrap_or(u64::MAX)
    }
}

/// Cuts a text at the limit and before the first stop sequence.
///
/// A stop sequence that the limit leaves unfinished was never generated, hence does not count.
pub(crate) fn cut(text: &str, limit: Option<u32>, stops: &[String]) -> (Vec<String>, Ending) {
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let generated: String = tokens(text).take(limit).collect();
    let stop = stops
        .iter()
        .filter(|stop| !stop.is_empty())
        .filter_map(|stop| generated.find(stop.as_str()))
        .min()
        .and_then(|at| generated.get(..at));
    let (said, ending) = match stop {
        Some(before) => (before, Ending::StopSequence),
        None if generated.len() < text.len() => (generated.as_str(), Ending::Length),
        None => (generated.as_str(), Ending::Natural),
    };
    (tokens(said).map(str::to_owned).collect(), ending)
}
