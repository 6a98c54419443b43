//! Tokens in texts.

use botticelli_core::redact;
use serde_json::Value;

const REDACTED: &str = "[redacted]";

/// Replaces the tokens in all texts of a value.
pub(super) fn hide(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(hidden) = hidden(text) {
                *text = hidden;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(fields) => fields.values_mut().for_each(hide),
        _ => {}
    }
}

/// Returns a text without its tokens; `None` if it has none.
fn hidden(text: &str) -> Option<String> {
    // Base64 has no tokens, but may have one of their beginnings.
    let payload = text.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if payload.is_some_and(|(kind, data)| kind.len() < 100 && data.bytes().all(is_base64)) {
        return None;
    }
    let is_end = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let has_token = text.split(is_end).any(redact::is_token);
    if !has_token && !text.contains("://") {
        return None;
    }
    let mut hidden = String::with_capacity(text.len());
    for piece in text.split_inclusive(is_end) {
        let word = piece.trim_end_matches(is_end);
        hidden.push_str(if redact::is_token(word) { REDACTED } else { word });
        hidden.push_str(piece.strip_prefix(word).unwrap_or_default());
    }
    let hidden = without_passwords(&hidden);
    (hidden != text).then_some(hidden)
}

/// Replaces the passwords of addresses: `scheme://user:password@host`.
fn without_passwords(text: &str) -> String {
    let mut parts = text.split("://");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str("://");
        let is_end =
            |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | '`');
        let authority = part.split(is_end).next().unwrap_or_default();
        match authority.rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?.0, host))) {
            Some((user, host)) => {
                shown.extend([user, ":", REDACTED, "@", host]);
                shown.push_str(part.strip_prefix(authority).unwrap_or_default());
            }
            None => shown.push_str(part),
        }
    }
    shown
}
