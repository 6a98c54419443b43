//! A one-shot response.

use super::HuggingFaceChoice;
use super::HuggingFaceUsage;
use super::HuggingFaceVendorFields;
use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde_json::Value;

/// A one-shot response.
///
/// Only `choices` is required. Other fields that are missing or malformed are ignored.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceResponse {
    /// Id of the response; empty from TGI.
    id: Option<String>,
    /// The model that responded, under the server's name.
    model: Option<String>,
    /// The choices: one, unless the request asked for more.
    choices: Vec<HuggingFaceChoice>,
    /// Token usage. Some servers leave it out or send null.
    usage: Option<HuggingFaceUsage>,
    /// An error of any shape. A success may carry one.
    error: Option<Value>,
    /// Several errors.
    errors: Option<Value>,
    /// Message of an error outside `error`, as some providers write it.
    error_message: Option<Value>,
    /// HTTP status of an error.
    status_code: Option<String>,
    /// The same, under another name.
    error_code: Option<String>,
    /// The same, or a word.
    status: Option<String>,
    /// Status and message of an error in a nested object. A status of 0 means success.
    base_resp: Option<Value>,
    /// Type of an error. TGI writes it next to `error`.
    error_type: Option<String>,
    /// `error` if the whole object is one, as from older versions of vLLM.
    object: Option<String>,
    /// Type of such an error.
    kind: Option<String>,
    /// Code of such an error, often an HTTP status.
    code: Option<String>,
    /// Message of an error outside `error`.
    message: Option<Value>,
    /// The same, next to `code`.
    msg: Option<Value>,
    /// Message of an error, as Python servers write it.
    detail: Option<Value>,
    /// Message of an error, next to `error_code`.
    text: Option<Value>,
    /// Object under a provider's own key, such as `x_groq`.
    vendor: Option<HuggingFaceVendorFields>,
}

lenient::read_object! {
    HuggingFaceResponse {
        id: Option<String> = lenient::word, "id";
        model: Option<String> = lenient::word, "model";
        choices: Vec<HuggingFaceChoice> = lenient::objects, "choices";
        usage: Option<HuggingFaceUsage> = lenient::object, "usage";
        error: Option<Value> = lenient::error, "error";
        errors: Option<Value> = lenient::error, "errors";
        error_message: Option<Value> = lenient::error, "error_message";
        status_code: Option<String> = lenient::word, "status_code";
        error_code: Option<String> = lenient::word, "error_code";
        status: Option<String> = lenient::word, "status";
        base_resp: Option<Value> = lenient::error, "base_resp";
        error_type: Option<String> = lenient::word, "error_type";
        object: Option<String> = lenient::word, "object";
        kind: Option<String> = lenient::word, "type";
        code: Option<String> = lenient::word, "code";
        message: Option<Value> = lenient::error, "message";
        msg: Option<Value> = lenient::error, "msg";
        detail: Option<Value> = lenient::error, "detail";
        text: Option<Value> = lenient::error, "text";
        vendor: Option<HuggingFaceVendorFields> = lenient::object, "x_groq";
    }
    prefix "x_" => vendor
}

impl HuggingFaceResponse {
    /// Takes the choices out of the response.
    pub(in crate::huggingface) fn take_choices(&mut self) -> Vec<HuggingFaceChoice> {
        std::mem::take(&mut self.choices)
    }

    /// Takes the id and the model out of the response. An empty one counts as missing.
    pub(in crate::huggingface) fn take_identity(&mut self) -> (Option<String>, Option<String>) {
        let is_filled = |word: &String| !word.is_empty();
        (self.id.take().filter(is_filled), self.model.take().filter(is_filled))
    }

    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceResponseBuilder {
        HuggingFaceResponseBuilder::default()
    }
}
