//! A token of text-generation-inference's own API.

use super::lenient;
use derive_getters::Getters;

/// A generated token.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceGeneratedToken {
    /// The token.
    text: Option<String>,
    /// The natural logarithm of its probability.
    #[getter(copy)]
    logprob: Option<f64>,
    /// `true` if the token is not part of the text, as `</s>`.
    #[getter(copy)]
    special: Option<bool>,
}

lenient::read_object! {
    HuggingFaceGeneratedToken {
        text: Option<String> = lenient::text, "text";
        logprob: Option<f64> = lenient::number, "logprob";
        special: Option<bool> = lenient::flag, "special";
    }
}

impl lenient::Weigh for HuggingFaceGeneratedToken {}

impl HuggingFaceGeneratedToken {
    /// Returns the text without copying it.
    pub(in crate::huggingface) fn into_text(self) -> String {
        self.text.unwrap_or_default()
    }
}
