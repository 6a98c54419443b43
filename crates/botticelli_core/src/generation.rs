//! What every request asks for, unless it says otherwise itself.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::num::NonZeroU32;

/// What every request of a driver asks for, unless it says otherwise itself.
///
/// Only what is set is sent: no server's own default is overridden by a "neutral" value of ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GenerationConfig {
    /// The most tokens that an answer may have.
    pub max_tokens: Option<NonZeroU32>,
    /// How freely words are picked, from 0 up.
    #[serde(deserialize_with = "finite")]
    pub temperature: Option<f64>,
    /// Only the likeliest words that make up this share are picked from, above 0 and up to 1.
    #[serde(deserialize_with = "finite")]
    pub top_p: Option<f64>,
    /// Texts that end the answer where they would appear.
    pub stop: Vec<String>,
    /// The same seed and request give the same answer, where the server can.
    pub seed: Option<u64>,
    /// Makes words rarer the more often they came, from -2 to 2.
    #[serde(deserialize_with = "finite")]
    pub frequency_penalty: Option<f64>,
    /// Makes words rarer once they came, from -2 to 2.
    #[serde(deserialize_with = "finite")]
    pub presence_penalty: Option<f64>,
}

/// TOML can write `nan` and `inf`; JSON cannot send them.
fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    match Option::<f64>::deserialize(deserializer)? {
        Some(number) if !number.is_finite() => {
            Err(D::Error::custom(format!("invalid value: `{number}`, expected a finite number")))
        }
        number => Ok(number),
    }
}
