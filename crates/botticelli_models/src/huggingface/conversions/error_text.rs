//! Extracts message, codes and hints from an error body in any known shape.

use crate::huggingface::dto::ErrorBody;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::time::Duration;

/// Facts from an error body.
#[derive(Debug, Default)]
pub(super) struct ErrorText {
    /// The service's message; `None` if the body has none or is a web page.
    pub(super) message: Option<String>,
    /// Codes and types: `model_not_supported`, `template_error`, …
    pub(super) codes: Vec<String>,
    /// Status that the body claims, if the HTTP status is a success.
    pub(super) status: Option<u16>,
    /// Estimated seconds until the model is loaded.
    pub(super) estimated_seconds: Option<f64>,
    /// Wait that the body requests. The headers may lack it.
    pub(super) retry_delay: Option<Duration>,
    /// The body in lower case, if it is a web page. The page is searched for a few phrases and never shown.
    pub(super) page: Option<String>,
    /// The message and the texts of nested errors in lower case, for searching.
    text: String,
}

/// Keys that contain the message of an error, the best key first.
const MESSAGES: [&str; 15] = [
    "error",
    "errors",
    "message",
    "error_message",
    "errorMessage",
    "detail",
    "error_description",
    "error_msg",
    "errmsg",
    "status_msg",
    "msg",
    "description",
    "title",
    "reason",
    "text",
];

/// Keys that contain a code or type of an error.
const CODES: [&str; 8] =
    ["code", "type", "error_type", "error_code", "errorType", "errorCode", "status", "status_code"];

/// Keys that contain an HTTP status of an error, the best key first.
const STATUSES: [&str; 7] =
    ["http_status_code", "status_code", "statusCode", "http_status", "code", "status", "error_code"];

/// Keys that contain a nested error. A gateway repeats the provider's error there.
const NESTED: [&str; 13] = [
    "error",
    "errors",
    "detail",
    "message",
    "error_message",
    "metadata",
    "raw",
    "cause",
    "inner_error",
    "details",
    "innererror",
    "upstream_error",
    "base_resp",
];

/// Keys that contain a wait: Google's key, in a list of details, and the keys of gateways.
const DELAYS: [&str; 4] = ["retryDelay", "retry_delay", "retry_after", "retry_after_seconds"];

/// Maximum depth of nested errors, including JSON encoded as text.
const DEPTH: u8 = 6;

impl ErrorText {
    /// Parses an error body.
    pub(super) fn of_text(body: &str) -> Self {
        if let Ok(ErrorBody(value)) = serde_json::from_str(body) {
            return Self::of_value(&value);
        }
        let message = plain_text(body).map(str::to_owned);
        let text = message.as_deref().map(str::to_lowercase).unwrap_or_default();
        let page = is_page(body).then(|| body.to_lowercase());
        Self { message, page, text, ..Self::default() }
    }

    /// Parses an error body that is JSON.
    pub(super) fn of_value(value: &Value) -> Self {
        let mut words = Self::default();
        words.collect(value, DEPTH);
        words.message = message(value, DEPTH);
        if let Some(text) = words.message.take() {
            // "Provider returned error" is less useful than the provider's own message next to it.
            let is_wrapper = !words.text.is_empty() && is_wrapper(&text);
            let inner =
                inner_message(value, DEPTH).filter(|inner| is_wrapper && !text.contains(inner.as_str()));
            let text = inner.map_or(text.clone(), |inner| format!("{text}: {inner}"));
            // OpenAI's format names the field separately, and the message may not mention it.
            let field = [Some(value), value.get("error")]
                .into_iter()
                .flatten()
                .find_map(|at| at.get("param")?.as_str());
            let text = match field.filter(|field| !field.is_empty() && !text.contains(field)) {
                Some(field) => format!("{text} ({field})"),
                None => text,
            };
            words.text.push(' ');
            words.text.push_str(&text.to_lowercase());
            words.message = Some(text);
        }
        words
    }

    /// Collects codes, statuses and texts of an error and of its nested errors.
    fn collect(&mut self, value: &Value, depth: u8) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match &*unpacked(value) {
            Value::Object(object) => self.collect_object(object, depth),
            Value::Array(list) => list.iter().for_each(|item| self.collect(item, depth)),
            _ => {}
        }
    }

    fn collect_object(&mut self, object: &Map<String, Value>, depth: u8) {
        self.codes.extend(CODES.iter().filter_map(|key| code(object.get(*key)?)));
        let claimed = STATUSES.iter().find_map(|key| status(object.get(*key)?));
        self.status = claimed.or(self.status);
        let seconds = object.get("estimated_time").and_then(Value::as_f64);
        self.estimated_seconds = seconds.or(self.estimated_seconds);
        let delay = DELAYS.iter().find_map(|key| delay(object.get(*key)?));
        self.retry_delay = delay.or(self.retry_delay);
        for key in NESTED {
            if let Some(nested) = object.get(key) {
                if let Some(text) = nested.as_str().filter(|text| !text.is_empty()) {
                    self.text.push_str(&text.to_lowercase());
                    self.text.push(' ');
                }
                self.collect(nested, depth);
            }
        }
        for error in errors_of_choices(object) {
            self.collect(error, depth);
        }
    }

    /// Returns whether the text or a code contains one of `parts`, which are in lower case.
    pub(super) fn mention(&self, parts: &[&str]) -> bool {
        self.say(parts) || self.has_code_with(parts)
    }

    /// Returns whether the text, without the codes, contains one of `parts`, which are in lower case.
    pub(super) fn say(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.text.contains(part))
    }

    /// Returns whether the text or the web page contains one of `parts`, which are in lower case.
    pub(super) fn show(&self, parts: &[&str]) -> bool {
        self.say(parts)
            || self.page.as_deref().is_some_and(|page| parts.iter().any(|part| page.contains(part)))
    }

    /// Returns whether a code contains one of `parts`, which are in lower case.
    pub(super) fn has_code_with(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.codes.iter().any(|code| code.contains(part)))
    }

    /// Returns whether a code equals `code`.
    pub(super) fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|known| known == code)
    }
}

/// Returns the errors inside choices, where some gateways put them.
fn errors_of_choices(object: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    object
        .get("choices")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|choice| choice.get("error"))
}

/// Parses JSON that is encoded as text, and returns other values unchanged.
fn unpacked(value: &Value) -> Cow<'_, Value> {
    let packed = value.as_str().map(str::trim).filter(|text| text.starts_with(['{', '[']));
    match packed.and_then(|text| serde_json::from_str::<ErrorBody>(text).ok()) {
        Some(ErrorBody(unpacked)) => Cow::Owned(unpacked),
        None => Cow::Borrowed(value),
    }
}

fn code(value: &Value) -> Option<String> {
    match value {
        Value::String(code) => Some(code.to_ascii_lowercase()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Parses a number of seconds, or a text such as `1.25s`.
fn delay(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().trim_end_matches('s').parse().ok())?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Parses an HTTP error status, as a number or as text.
fn status(value: &Value) -> Option<u16> {
    let number = value.as_u64().and_then(|number| u16::try_from(number).ok());
    let number = number.or_else(|| value.as_str()?.parse().ok());
    number.filter(|status| (400..600).contains(status))
}

fn message(value: &Value, depth: u8) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match &*unpacked(value) {
        Value::String(text) => plain_text(text).map(str::to_owned),
        Value::Array(items) => {
            let texts: Vec<_> = items.iter().filter_map(|value| item(value, depth)).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        }
        Value::Object(object) => {
            let text_of = |key: &&str| message(object.get(*key)?, depth);
            // A code or status phrase under `error` is less useful than the message next to it.
            let label = object.get("error").and_then(Value::as_str).filter(|error| is_label(error));
            let later = label.and_then(|_| MESSAGES.iter().skip(2).find_map(text_of));
            later
                .or_else(|| MESSAGES.iter().find_map(text_of))
                .or_else(|| message(object.get("base_resp")?, depth))
                .or_else(|| errors_of_choices(object).find_map(|error| message(error, depth)))
        }
        _ => None,
    }
}

/// Returns whether the text of `error` is a code or status phrase rather than a sentence.
fn is_label(error: &str) -> bool {
    let phrases = [
        "bad request",
        "unauthorized",
        "payment required",
        "not found",
        "unprocessable entity",
        "too many requests",
        "internal server error",
        "bad gateway",
        "service unavailable",
        "gateway timeout",
    ];
    let error = error.trim();
    !error.starts_with(['{', '['])
        && (!error.contains(' ') || phrases.contains(&&*error.to_ascii_lowercase()))
}

/// Returns whether a message is a generic message of a gateway, without any details.
fn is_wrapper(message: &str) -> bool {
    let message = message.to_lowercase();
    ["provider returned error", "upstream error", "upstream request failed", "bad gateway", "provider error"]
        .iter()
        .any(|words| message.contains(words))
}

/// Returns the message of the provider behind a gateway, from `metadata` or a nested error.
fn inner_message(value: &Value, depth: u8) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let value = unpacked(value);
    let object = value.as_object()?;
    let inner = ["raw", "cause", "inner_error", "innererror", "upstream_error"].iter();
    inner
        .filter_map(|key| object.get(*key))
        .find_map(|inner| message(inner, depth))
        .or_else(|| ["error", "metadata"].iter().find_map(|key| inner_message(object.get(*key)?, depth)))
}

/// Formats an item of a list of validation errors. Its `input` repeats the request and is left out.
fn item(value: &Value, depth: u8) -> Option<String> {
    let Some(complaint) = value.get("msg").and_then(Value::as_str) else {
        return message(value, depth);
    };
    let place = value.get("loc").and_then(Value::as_array).map(|path| {
        let path = path.iter().map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned));
        path.collect::<Vec<_>>().join(".")
    });
    Some(match place {
        Some(place) => format!("{place}: {complaint}"),
        None => complaint.to_owned(),
    })
}

/// Returns a readable text, unless it is empty or a web page.
fn plain_text(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !is_page(text)).then_some(text)
}

/// Returns whether a text is a web page, which means that it begins with a tag. Some providers begin a message with `<400> …`.
fn is_page(text: &str) -> bool {
    let tag = text.trim_start().strip_prefix('<');
    tag.is_some_and(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic() || "!?/".contains(c)))
}
