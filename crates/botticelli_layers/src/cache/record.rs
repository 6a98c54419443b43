//! Entries outside of memory.

use super::key::Key;
use botticelli_core::GenerateResponse;
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};

/// Returns a response as JSON; `None` if JSON changes it, as it does with the log probability -∞.
pub(super) fn encode(response: &GenerateResponse) -> Option<String> {
    let json = serde_json::to_string(response).ok()?;
    let is_faithful = serde_json::from_str::<GenerateResponse>(&json).is_ok_and(|read| read == *response);
    is_faithful.then_some(json)
}

/// Returns a hash of an entry with its key and its time, so that none of them can be exchanged.
pub(super) fn checksum_of(key: &Key, stored_at: i64, json: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(key.as_bytes());
    hash.update(stored_at.to_be_bytes());
    hash.update(json);
    hash.finalize().to_vec()
}

/// Returns the milliseconds since 1970.
pub(super) fn millis_of(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn time_of(millis: i64) -> SystemTime {
    let since = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
    SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
}
