//! Response reader with exactly the tolerance of the standards.

#![allow(clippy::indexing_slicing, reason = "a failed helper fails the test")]

use serde_json::Value;

/// Parsed content of a response.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) text: String,
    /// True after a finish reason, `[DONE]`, or a complete plain response.
    pub(crate) is_complete: bool,
    /// First parse error, or an error that the service reports.
    pub(crate) error: Option<String>,
}

/// Reads JSON or events.
pub(crate) fn read(body: &[u8]) -> Read {
    match std::str::from_utf8(body) {
        Err(error) => {
            let valid = &body[..error.valid_up_to()];
            Read { error: Some(error.to_string()), ..read(valid) }
        }
        Ok(text) => match serde_json::from_str::<Value>(text) {
            Ok(json) => plain(&json),
            Err(error) if text.trim_start().starts_with('{') => {
                Read { error: Some(error.to_string()), ..Read::default() }
            }
            Err(_) => events(text),
        },
    }
}

fn plain(json: &Value) -> Read {
    let content = json.pointer("/choices/0/message/content").and_then(Value::as_str);
    Read {
        text: content.unwrap_or_default().to_owned(),
        is_complete: content.is_some(),
        error: json.get("error").filter(|error| !error.is_null()).map(Value::to_string),
    }
}

fn events(text: &str) -> Read {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut read = Read::default();
    let mut data: Vec<&str> = Vec::new();
    let mut is_error = false;
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    for line in unified.lines().chain([""]) {
        if let Some(value) = line.strip_prefix("data:") {
            data.push(value.strip_prefix(' ').unwrap_or(value));
        } else if line == "event: error" {
            is_error = true;
        } else if line.is_empty() && !data.is_empty() {
            let whole = data.join("\n");
            data.clear();
            if whole == "[DONE]" {
                read.is_complete = true;
                return read;
            }
            event(&whole, is_error, &mut read);
            if read.error.is_some() {
                return read;
            }
        }
    }
    read
}

fn event(data: &str, is_error: bool, read: &mut Read) {
    let json = match serde_json::from_str::<Value>(data) {
        Ok(json) if !is_error => json,
        _ => {
            read.error = Some(data.to_owned());
            return;
        }
    };
    let reported = ["error", "message", "detail"].iter().find_map(|key| json.get(key));
    if let Some(error) = reported.filter(|error| !error.is_null()) {
        read.error = Some(error.to_string());
    }
    if let Some(text) = json.pointer("/choices/0/delta/content").and_then(Value::as_str) {
        read.text.push_str(text);
    }
    let finish = json.pointer("/choices/0/finish_reason").and_then(Value::as_str);
    read.is_complete |= finish.is_some_and(|word| !word.is_empty());
}
