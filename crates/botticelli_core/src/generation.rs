//! The generation parameters that all requests and configurations share.

use botticelli_error::{BotticelliError, BuilderError};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// Generation parameters: token limit, sampling, stop texts.
///
/// The one home of these parameters. A [`GenerateRequest`](crate::GenerateRequest) and a
/// [`CompletionRequest`](crate::CompletionRequest) hold them for one call, the table `[llm.generation]` holds them for all calls
/// of a driver. A parameter of the request takes precedence.
///
/// Only parameters that are set are sent. The server applies its own defaults to the others.
///
/// ```
/// use botticelli::{GenerateRequest, GenerationConfig};
///
/// let precise = GenerationConfig::default().with_temperature(0.0).with_max_tokens(100);
/// let request = GenerateRequest::from("Name three painters").with_generation(precise).with_seed(7);
/// assert_eq!((request.max_tokens(), request.seed()), (Some(100), Some(7)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GenerationConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "finite")]
    pub(crate) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "finite")]
    pub(crate) top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stop: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "finite")]
    pub(crate) frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "finite")]
    pub(crate) presence_penalty: Option<f64>,
}

/// Calls a macro with one line per parameter. Each parameter is therefore described once for all types that have it.
///
/// `stop` is written by hand: a list has another getter.
macro_rules! with_parameters {
    ($then:ident!($($given:tt)*)) => {
        $then! { ($($given)*)
            "maximum number of completion tokens, at least 1. Default: the server's, which may be low."
            max_tokens, with_max_tokens: u32;
            "sampling temperature, 0 or more. Most servers accept up to 2."
            temperature, with_temperature: f64;
            "probability mass for nucleus sampling, above 0 and up to 1."
            top_p, with_top_p: f64;
            "seed for sampling. The same seed and request give the same response, if the server supports it."
            seed, with_seed: u64;
            "penalty per earlier occurrence of a token, from -2 to 2."
            frequency_penalty, with_frequency_penalty: f64;
            "penalty for any earlier occurrence of a token, from -2 to 2."
            presence_penalty, with_presence_penalty: f64;
        }
    };
}

macro_rules! own_accessors {
    (() $($doc:literal $name:ident, $with:ident: $type:ty;)+) => {
        impl GenerationConfig {
            /// Names of the parameters, in code, TOML and JSON.
            pub(crate) const FIELDS: &[&str] = &["stop", $(stringify!($name)),+];

            $(
                #[doc = concat!("Returns the ", $doc)]
                pub const fn $name(&self) -> Option<$type> {
                    self.$name
                }

                #[doc = concat!("Sets the ", $doc, " `None` leaves it to the server.")]
                pub fn $with(mut self, $name: impl Into<Option<$type>>) -> Self {
                    self.$name = $name.into();
                    self
                }
            )+

            /// Takes each parameter from `defaults` that is not set.
            pub(crate) fn or(self, defaults: &Self) -> Self {
                Self {
                    $($name: self.$name.or(defaults.$name),)+
                    stop: self.stop.or_else(|| defaults.stop.clone()),
                }
            }
        }
    };
}

/// Writes the accessors of a request that holds a [`GenerationConfig`].
macro_rules! request_accessors {
    (($request:ident) $($doc:literal $name:ident, $with:ident: $type:ty;)+) => {
        impl $request {
            $(
                #[doc = concat!("Returns the ", $doc)]
                pub fn $name(&self) -> Option<$type> {
                    self.parameters().$name()
                }

                #[doc = concat!("Sets the ", $doc, " `None` leaves it to the driver or the server.")]
                pub fn $with(mut self, $name: impl Into<Option<$type>>) -> Self {
                    self.parameters_mut().$name = $name.into();
                    self
                }
            )+

            /// Returns the stop texts: the response ends before the first of them.
            pub fn stop(&self) -> &[String] {
                self.parameters().stop()
            }

            /// Sets the stop texts. Most servers accept up to 4. An empty list overrides the driver's defaults.
            pub fn with_stop<T: Into<String>>(mut self, stop: impl IntoIterator<Item = T>) -> Self {
                self.parameters_mut().set_stop(stop);
                self
            }

            /// Returns the generation parameters that the request sets.
            pub fn generation(&self) -> &GenerationConfig {
                self.parameters()
            }

            /// Replaces all generation parameters.
            pub fn with_generation(mut self, generation: GenerationConfig) -> Self {
                *self.parameters_mut() = generation;
                self
            }

            /// Takes each parameter from `defaults` that the request does not set, unless it is `without_defaults`.
            pub fn with_defaults(mut self, defaults: &GenerationConfig) -> Self {
                self.add_defaults(defaults);
                self
            }

            /// Does the same in place.
            #[doc(hidden)]
            pub fn add_defaults(&mut self, defaults: &GenerationConfig) {
                // Without a change, clones still share their content.
                if !self.without_defaults() && *defaults != GenerationConfig::default() {
                    let own = std::mem::take(self.parameters_mut());
                    *self.parameters_mut() = own.or(defaults);
                }
            }
        }
    };
}

/// Writes the setters of the builder of such a request.
macro_rules! builder_setters {
    (($builder:ident) $($doc:literal $name:ident, $with:ident: $type:ty;)+) => {
        impl $builder {
            $(
                #[doc = concat!("Sets the ", $doc)]
                pub fn $name(mut self, $name: $type) -> Self {
                    self.parameters_mut().$name = $name.into();
                    self
                }
            )+

            /// Sets the stop texts. Most servers accept up to 4. An empty list overrides the driver's defaults.
            pub fn stop(mut self, stop: Vec<String>) -> Self {
                self.parameters_mut().set_stop(stop);
                self
            }

            /// Replaces all generation parameters.
            pub fn generation(mut self, generation: GenerationConfig) -> Self {
                *self.parameters_mut() = generation;
                self
            }
        }
    };
}

pub(crate) use {builder_setters, request_accessors, with_parameters};

with_parameters!(own_accessors!());

impl GenerationConfig {
    /// Returns the stop texts: the response ends before the first of them.
    pub fn stop(&self) -> &[String] {
        self.stop.as_deref().unwrap_or_default()
    }

    /// Sets the stop texts. Most servers accept up to 4. An empty list overrides the driver's defaults.
    pub fn with_stop<T: Into<String>>(mut self, stop: impl IntoIterator<Item = T>) -> Self {
        self.set_stop(stop);
        self
    }

    pub(crate) fn set_stop<T: Into<String>>(&mut self, stop: impl IntoIterator<Item = T>) {
        self.stop = Some(stop.into_iter().map(Into::into).collect());
    }

    /// Checks the ranges that the types allow to be violated.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        self.check("GenerationConfig")
    }

    #[track_caller]
    pub(crate) fn check(&self, owner: &'static str) -> Result<(), BotticelliError> {
        if self.max_tokens == Some(0) {
            let remedy = "give 1 or more, or leave it out for the server's default";
            let reason = "a response has at least one token";
            return Err(BuilderError::refused(owner, "max_tokens", "0", reason, remedy).into());
        }
        let is_penalty = |penalty: f64| (-2.0..=2.0).contains(&penalty);
        let ranges: [(_, _, &dyn Fn(f64) -> bool, _); 4] = [
            ("temperature", self.temperature, &|t| t >= 0.0, "0 or more"),
            ("top_p", self.top_p, &|p| p > 0.0 && p <= 1.0, "above 0 and up to 1"),
            ("frequency_penalty", self.frequency_penalty, &is_penalty, "from -2 to 2"),
            ("presence_penalty", self.presence_penalty, &is_penalty, "from -2 to 2"),
        ];
        for (field, value, accepts, range) in ranges {
            let Some(value) = value else { continue };
            // JSON has no word for NaN and infinity: they would be sent as null.
            let reason = match value.is_finite() {
                true if accepts(value) => continue,
                true => "it is out of range",
                false => "it is not a finite number",
            };
            let remedy = format!("give {range}, or leave it out");
            return Err(BuilderError::refused(owner, field, value.to_string(), reason, remedy).into());
        }
        if self.stop().iter().any(String::is_empty) {
            let (value, reason) = ("an empty text", "it would end every response");
            return Err(BuilderError::refused(owner, "stop", value, reason, "leave it out").into());
        }
        Ok(())
    }
}

/// Reads a finite number: TOML can write `nan` and `inf`, JSON cannot send them.
fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    match Option::<f64>::deserialize(deserializer)? {
        Some(number) if !number.is_finite() => {
            Err(D::Error::custom(format!("invalid value: `{number}`, expected a finite number")))
        }
        number => Ok(number),
    }
}
