//! OpenAI's batch files.

/// Keys of a request line.
const KEYS: [&str; 4] = ["custom_id", "method", "url", "body"];

/// Returns whether the columns are those of a request line.
pub(crate) fn is_request(columns: &serde_json::Map<String, serde_json::Value>) -> bool {
    KEYS.iter().all(|key| columns.contains_key(*key))
}
