//! The place of a store as a configuration names it.

use botticelli_core::redact;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Deref;

/// The place of a store as a configuration names it, such as `memory` or `redis://host:port`. Its debug output hides a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PlaceName(String);

impl fmt::Debug for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&redact::address(&self.0), f)
    }
}

impl Deref for PlaceName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
