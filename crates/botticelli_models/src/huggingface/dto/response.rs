//! A plain answer.

use super::{HuggingFaceChoice, HuggingFaceUsage, lenient};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Deserialize;
use serde_json::Value;

/// A plain answer.
///
/// Only `choices` is needed; whatever else is not there, or not as documented, is left out.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Deserialize)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct HuggingFaceResponse {
    /// The id of the answer; empty with TGI.
    #[serde(deserialize_with = "lenient::word")]
    id: Option<String>,
    /// The model that answers, as the server calls it.
    #[serde(deserialize_with = "lenient::word")]
    model: Option<String>,
    /// The answers. One, unless more were asked for.
    #[serde(deserialize_with = "lenient::objects")]
    choices: Vec<HuggingFaceChoice>,
    /// How many tokens it took. Missing or null with some.
    #[serde(deserialize_with = "lenient::object")]
    usage: Option<HuggingFaceUsage>,
    /// An error, in any of its shapes. A success may carry one.
    #[serde(deserialize_with = "lenient::told")]
    error: Option<Value>,
    /// The kind of an error, beside `error` where TGI writes it.
    #[serde(deserialize_with = "lenient::word")]
    error_type: Option<String>,
    /// `error` where the whole object is one, as older vLLM writes it.
    #[serde(deserialize_with = "lenient::word")]
    object: Option<String>,
    /// The kind of such an error.
    #[serde(rename = "type", deserialize_with = "lenient::word")]
    kind: Option<String>,
    /// The number of such an error, often an HTTP status.
    #[serde(deserialize_with = "lenient::word")]
    code: Option<String>,
    /// The words of an error that is not under `error`.
    #[serde(deserialize_with = "lenient::told")]
    message: Option<Value>,
    /// The words of an error, as Python servers write them.
    #[serde(deserialize_with = "lenient::told")]
    detail: Option<Value>,
}

impl HuggingFaceResponse {
    /// The answers, without copying them.
    pub(in crate::huggingface) fn into_choices(self) -> Vec<HuggingFaceChoice> {
        self.choices
    }

    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceResponseBuilder {
        HuggingFaceResponseBuilder::default()
    }
}
