//! Server-sent events.

use serde::Serialize;

use crate::json::encode;

/// The end marker of most servers.
pub(crate) const DONE: &str = "data: [DONE]\n\n";

/// Returns `data: {…}` with a terminating blank line.
pub(crate) fn event(data: &impl Serialize) -> String {
    format!("data: {}\n\n", encode(data))
}
