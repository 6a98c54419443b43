//! What a refusal says, in any of the shapes that servers give it.

use crate::huggingface::dto::Told;
use serde_json::Value;

/// What a refusal says.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// The service's own words; `None` where it has none, or answered with a web page.
    pub(super) message: Option<String>,
    /// Codes and types: `model_not_supported`, `template_error`, …
    pub(super) codes: Vec<String>,
    /// The status that the body claims, inside of an answer that was a success.
    pub(super) status: Option<u16>,
    /// How many seconds a model still loads.
    pub(super) estimated_seconds: Option<f64>,
}

impl Words {
    /// Reads the body of a refusal.
    pub(super) fn of_text(body: &str) -> Self {
        match serde_json::from_str::<Told>(body) {
            Ok(Told(value)) => Self::of_value(&value),
            Err(_) => Self { message: plain_text(body), ..Self::default() },
        }
    }

    /// Reads a refusal that is JSON.
    pub(super) fn of_value(value: &Value) -> Self {
        let mut words = Self { message: message(value), ..Self::default() };
        for object in [Some(value), value.get("error")].into_iter().flatten() {
            for key in ["code", "type", "error_type"] {
                words.codes.extend(object.get(key).and_then(Value::as_str).map(str::to_ascii_lowercase));
            }
            let claimed =
                ["http_status_code", "code", "status"].iter().find_map(|key| status(object.get(*key)?));
            words.status = claimed.or(words.status);
            let seconds = object.get("estimated_time").and_then(Value::as_f64);
            words.estimated_seconds = seconds.or(words.estimated_seconds);
        }
        words
    }

    /// Whether message or codes contain one of `parts`, which are in lower case.
    pub(super) fn mention(&self, parts: &[&str]) -> bool {
        let message = self.message.as_deref().unwrap_or_default().to_lowercase();
        parts.iter().any(|part| message.contains(part) || self.codes.iter().any(|code| code.contains(part)))
    }

    /// Whether one of the codes is `code`.
    pub(super) fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|known| known == code)
    }
}

/// An HTTP status that is no success, as a number or as a word.
fn status(value: &Value) -> Option<u16> {
    let number = value.as_u64().and_then(|number| u16::try_from(number).ok());
    let number = number.or_else(|| value.as_str()?.parse().ok());
    number.filter(|status| (400..600).contains(status))
}

fn message(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => plain_text(text),
        Value::Array(items) => {
            let texts: Vec<_> = items.iter().filter_map(item).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        }
        Value::Object(object) => {
            let keys = ["error", "errors", "message", "detail", "error_description", "title"];
            keys.iter().find_map(|key| object.get(*key).and_then(message))
        }
        _ => None,
    }
}

/// An item of a list of complaints. `input`, which echoes the request, is left where it is.
fn item(value: &Value) -> Option<String> {
    let Some(complaint) = value.get("msg").and_then(Value::as_str) else {
        return message(value);
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

/// Text that a person can read: no web page.
fn plain_text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && !text.starts_with('<')).then(|| text.to_owned())
}
