//! One event of a stream.

use serde::Serialize;

use crate::json::encode;

/// The marker that most, not all, send last.
pub(crate) const DONE: &str = "data: [DONE]\n\n";

/// `data: {…}`, closed by a blank line.
pub(crate) fn event(data: &impl Serialize) -> String {
    format!("data: {}\n\n", encode(data))
}
