//! What every request asks for, unless it says otherwise itself.

use botticelli_error::{BotticelliError, BuilderError};
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

impl GenerationConfig {
    /// Checks what the types cannot.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        Numbers {
            owner: "GenerationConfig",
            temperature: self.temperature,
            top_p: self.top_p,
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            stop: &self.stop,
        }
        .check()
    }
}

/// What a request and the defaults of a driver have in common, and are checked for alike.
pub(crate) struct Numbers<'a> {
    pub(crate) owner: &'static str,
    pub(crate) temperature: Option<f64>,
    pub(crate) top_p: Option<f64>,
    pub(crate) frequency_penalty: Option<f64>,
    pub(crate) presence_penalty: Option<f64>,
    pub(crate) stop: &'a [String],
}

impl Numbers<'_> {
    #[track_caller]
    pub(crate) fn check(&self) -> Result<(), BotticelliError> {
        let penalty = |penalty: f64| (-2.0..=2.0).contains(&penalty);
        self.within("temperature", self.temperature, |t| t >= 0.0, "0 or more")?;
        self.within("top_p", self.top_p, |p| p > 0.0 && p <= 1.0, "above 0 and up to 1")?;
        self.within("frequency_penalty", self.frequency_penalty, penalty, "from -2 to 2")?;
        self.within("presence_penalty", self.presence_penalty, penalty, "from -2 to 2")?;
        if self.stop.iter().any(String::is_empty) {
            let (value, reason) = ("an empty text", "it would end every answer");
            return Err(BuilderError::refused(self.owner, "stop", value, reason, "leave it out").into());
        }
        Ok(())
    }

    #[track_caller]
    fn within(
        &self,
        field: &'static str,
        value: Option<f64>,
        accepts: impl Fn(f64) -> bool,
        range: &'static str,
    ) -> Result<(), BotticelliError> {
        let Some(value) = value else { return Ok(()) };
        // JSON has no word for NaN and infinity: they would go out as null.
        let reason = match value.is_finite() {
            true if accepts(value) => return Ok(()),
            true => "it is out of range",
            false => "it is no finite number",
        };
        let remedy = format!("give {range}, or leave it out");
        Err(BuilderError::refused(self.owner, field, value.to_string(), reason, remedy).into())
    }
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
