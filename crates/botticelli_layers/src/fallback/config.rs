//! The tables `[[llm.fallback]]`.

use super::categories;
use botticelli_core::redact;
use botticelli_error::ErrorCategory;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;

/// A table `[[llm.fallback]]` of a configuration file: when to use a route, and the driver of the route.
///
/// ```toml
/// [[llm.fallback]]
/// model = "smollm2"
/// base_url = "http://127.0.0.1:8080/v1"
/// on = ["credits_exhausted", "budget"]    # names of `ErrorCategory`
/// cool_down = "5 min"
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FallbackConfig {
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "words",
        deserialize_with = "categories_of"
    )]
    on: Option<Vec<ErrorCategory>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::duration")]
    cool_down: Option<Duration>,
    #[serde(flatten)]
    driver: Map<String, Value>,
}

impl fmt::Debug for FallbackConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let driver: Map<_, _> = self.driver.iter().map(|(key, value)| (key.clone(), shown(value))).collect();
        f.debug_struct("FallbackConfig")
            .field("on", &self.on)
            .field("cool_down", &self.cool_down)
            .field("driver", &driver)
            .finish()
    }
}

/// Returns a value for debug output, without passwords in addresses and tokens.
fn shown(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains("://") => redact::address(text).into(),
        Value::String(text) => redact::tokens(text).into(),
        Value::Array(items) => items.iter().map(shown).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), shown(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

impl FallbackConfig {
    /// Returns the categories of errors that lead to this route. `None` is the [default](super::DEFAULT_CATEGORIES).
    pub fn on(&self) -> Option<&[ErrorCategory]> {
        self.on.as_deref()
    }

    /// Returns the time for which a failed route is skipped in favour of this one. `None` is the default.
    pub fn cool_down(&self) -> Option<Duration> {
        self.cool_down
    }

    /// Returns the other keys, which describe the driver: `model`, `provider`, `base_url`, ….
    pub fn driver(&self) -> &Map<String, Value> {
        &self.driver
    }
}

#[allow(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn words<S: Serializer>(on: &Option<Vec<ErrorCategory>>, serializer: S) -> Result<S::Ok, S::Error> {
    let words = on.iter().flatten().map(|category| category.as_str());
    serializer.collect_seq(words)
}

fn categories_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<ErrorCategory>>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    if words.is_empty() {
        return Err(D::Error::custom(
            "`on` is empty, so the route is never used: name a category, or remove the key",
        ));
    }
    let categories: Result<_, String> = words.iter().map(|word| categories::parse(word)).collect();
    categories.map(Some).map_err(D::Error::custom)
}
