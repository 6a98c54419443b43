//! A plain answer.

use super::HuggingFaceChoice;
use super::HuggingFaceUsage;
use super::HuggingFaceVendorFields;
use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde_json::Value;

/// A plain answer.
///
/// Only `choices` is needed; whatever else is not there, or not as documented, is left out.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceResponse {
    /// The id of the answer; empty with TGI.
    id: Option<String>,
    /// The model that answers, as the server calls it.
    model: Option<String>,
    /// The answers. One, unless more were asked for.
    choices: Vec<HuggingFaceChoice>,
    /// How many tokens it took. Missing or null with some.
    usage: Option<HuggingFaceUsage>,
    /// An error, in any of its shapes. A success may carry one.
    error: Option<Value>,
    /// Several errors.
    errors: Option<Value>,
    /// The words of an error that is not under `error`, as some providers write them.
    error_message: Option<Value>,
    /// The HTTP status that an error would have had.
    status_code: Option<String>,
    /// The same, under another name.
    error_code: Option<String>,
    /// The same, or a word.
    status: Option<String>,
    /// Status and words of an error in an object of its own; the status zero is none.
    base_resp: Option<Value>,
    /// The kind of an error, beside `error` where TGI writes it.
    error_type: Option<String>,
    /// `error` where the whole object is one, as older vLLM writes it.
    object: Option<String>,
    /// The kind of such an error.
    kind: Option<String>,
    /// The number of such an error, often an HTTP status.
    code: Option<String>,
    /// The words of an error that is not under `error`.
    message: Option<Value>,
    /// The words of an error, as Python servers write them.
    detail: Option<Value>,
    /// What a provider writes under a key of its own, such as `x_groq`.
    vendor: Option<HuggingFaceVendorFields>,
}

lenient::read_object! {
    HuggingFaceResponse {
        id: Option<String> = lenient::word, "id";
        model: Option<String> = lenient::word, "model";
        choices: Vec<HuggingFaceChoice> = lenient::objects, "choices";
        usage: Option<HuggingFaceUsage> = lenient::object, "usage";
        error: Option<Value> = lenient::told, "error";
        errors: Option<Value> = lenient::told, "errors";
        error_message: Option<Value> = lenient::told, "error_message";
        status_code: Option<String> = lenient::word, "status_code";
        error_code: Option<String> = lenient::word, "error_code";
        status: Option<String> = lenient::word, "status";
        base_resp: Option<Value> = lenient::told, "base_resp";
        error_type: Option<String> = lenient::word, "error_type";
        object: Option<String> = lenient::word, "object";
        kind: Option<String> = lenient::word, "type";
        code: Option<String> = lenient::word, "code";
        message: Option<Value> = lenient::told, "message";
        detail: Option<Value> = lenient::told, "detail";
        vendor: Option<HuggingFaceVendorFields> = lenient::object, "x_groq";
    }
    prefix "x_" => vendor
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
