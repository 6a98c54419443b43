//! The places of records in memory.

use crate::prompt::RowKey;
use botticelli_core::{Cost, FinishReason};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The places of the records of a journal.
///
/// An entry takes 33 bytes. The table grows by doubling, so a request takes 38 to 75 bytes, and up to 113 while the table grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    places: HashMap<RowKey, Place, KeyHashes>,
}

/// The place of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    /// Length of the line, without its end.
    pub(crate) length: u32,
    pub(crate) is_failed: bool,
    /// The answer reached the token limit.
    pub(crate) is_cut: bool,
}

/// The sums over the records of a journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Number of records. A retried request has several.
    pub(crate) records: u64,
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
    /// Nano-dollars of the records with a known cost.
    pub(crate) nano_dollars: u64,
    /// Number of answers, and of failures with tokens, without a known cost.
    pub(crate) unknown_costs: u64,
}

/// The parts of a record that the index needs. Answers are skipped.
#[derive(Deserialize)]
pub(super) struct IndexLine {
    key: RowKey,
    #[serde(default)]
    finish_reason: Option<FinishReason>,
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
    #[serde(default)]
    cost: Option<Cost>,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

impl Totals {
    /// Adds an answer or a failure.
    pub(crate) fn add(
        &mut self,
        prompt: Option<u64>,
        completion: Option<u64>,
        cost: Option<u64>,
        is_answer: bool,
    ) {
        self.records += 1;
        self.prompt_tokens = self.prompt_tokens.saturating_add(prompt.unwrap_or(0));
        self.completion_tokens = self.completion_tokens.saturating_add(completion.unwrap_or(0));
        match cost {
            Some(nanos) => self.nano_dollars = self.nano_dollars.saturating_add(nanos),
            None if is_answer || completion.is_some() => self.unknown_costs += 1,
            None => {}
        }
    }

    /// Returns the sums of both.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            records: self.records + other.records,
            prompt_tokens: self.prompt_tokens.saturating_add(other.prompt_tokens),
            completion_tokens: self.completion_tokens.saturating_add(other.completion_tokens),
            nano_dollars: self.nano_dollars.saturating_add(other.nano_dollars),
            unknown_costs: self.unknown_costs + other.unknown_costs,
        }
    }
}

impl Index {
    /// Adds a record. It replaces an earlier one of the same key.
    pub(crate) fn insert(&mut self, key: RowKey, place: Place) {
        self.places.insert(key, place);
    }

    /// Adds the record in a line. Returns `false` if the line is not a record.
    pub(super) fn insert_line(&mut self, line: &[u8], offset: u64, totals: &mut Totals) -> bool {
        let Ok(read) = serde_json::from_slice::<IndexLine>(line) else { return false };
        let Ok(length) = u32::try_from(line.len()) else { return false };
        let is_failed = read.error.is_some();
        let cost = read.cost.and_then(|cost| cost.nano_dollars());
        totals.add(read.prompt_tokens, read.completion_tokens, cost, !is_failed);
        let is_cut = !is_failed && read.finish_reason == Some(FinishReason::Length);
        self.insert(read.key, Place { offset, length, is_failed, is_cut });
        true
    }

    /// Returns whether no record exists.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns the number of records that are answers.
    pub(crate) fn answers(&self) -> usize {
        self.places.values().filter(|place| !place.is_failed).count()
    }

    /// Returns all keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &RowKey> {
        self.places.keys()
    }

    /// Returns the place of a record.
    pub(crate) fn get(&self, key: &RowKey) -> Option<Place> {
        self.places.get(key).copied()
    }
}

/// Hashes the keys of a map.
pub(crate) type KeyHashes = BuildHasherDefault<KeyHasher>;

/// A hasher for keys, which are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.0 ^= u64::from_le_bytes(first);
    }

    fn write_usize(&mut self, _length: usize) {}
}
