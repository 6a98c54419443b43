//! Names of models and providers.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// The latest name, which most calls share.
#[derive(Debug, Default)]
pub(super) struct LatestName(Mutex<Arc<str>>);

impl LatestName {
    /// Returns the name in its printable form. An equal one after it shares the memory.
    pub(super) fn share(&self, name: &str) -> Arc<str> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if **latest != *name {
            *latest = printable(name).into();
        }
        latest.clone()
    }
}

/// Returns a name without control characters, which a ledger may use to separate names. Models and providers come from servers.
fn printable(name: &str) -> Cow<'_, str> {
    let is_usual = |byte| matches!(byte, b' '..=b'~');
    if name.bytes().all(is_usual) || !name.contains(char::is_control) {
        name.into()
    } else {
        name.replace(char::is_control, "\u{fffd}").into()
    }
}
