//! Our own types to JSON text.

use serde::Serialize;

/// The JSON text of a value.
///
/// Our wire types have string keys and finite numbers only, so encoding them cannot fail. If it
/// ever does, the reason travels to the client as an error object: visible, and no panic.
pub(crate) fn encode(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| {
        serde_json::json!({ "error": format!("the sandbox could not encode its answer: {error}") })
            .to_string()
    })
}
