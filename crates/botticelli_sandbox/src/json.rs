//! JSON encoding of the sandbox's own types.

use serde::Serialize;

/// Returns the JSON text of a value.
///
/// The sandbox's types have string keys and finite numbers, so encoding cannot fail. If it fails
/// anyway, the client receives the reason in an error object.
pub(crate) fn encode(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| {
        serde_json::json!({ "error": format!("the sandbox could not encode its answer: {error}") })
            .to_string()
    })
}
