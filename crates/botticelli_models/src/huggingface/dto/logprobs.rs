//! Log probabilities.

use super::HuggingFaceGeneratedToken;
use super::lenient;
use derive_getters::Getters;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// Log probabilities as raw JSON, in OpenAI's format or in the server's own.
///
/// They are parsed on demand, because they take more memory than the rest of a long response.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct HuggingFaceLogprobs(Box<RawValue>);

impl PartialEq for HuggingFaceLogprobs {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl lenient::Merge for Option<HuggingFaceLogprobs> {
    fn merge(&mut self, next: Self) {
        if next.is_some() {
            *self = next;
        }
    }
}

/// OpenAI's format.
#[derive(Deserialize, Serialize)]
struct Form {
    content: Option<Vec<HuggingFaceTokenLogprob>>,
}

/// OpenAI's older format, which text completions still use.
#[derive(Deserialize)]
struct OfText {
    tokens: Vec<String>,
    token_logprobs: Vec<Option<f64>>,
    #[serde(default)]
    top_logprobs: Option<Vec<Option<BTreeMap<String, f64>>>>,
}

/// A token with its log probability.
#[derive(Clone, Debug, Default, PartialEq, Getters, Deserialize, Serialize)]
pub struct HuggingFaceTokenLogprob {
    /// The token.
    token: String,
    /// Natural logarithm of its probability.
    #[getter(copy)]
    logprob: f64,
    /// Bytes of the token; missing from TGI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<Vec<u8>>,
    /// The most likely tokens at its position.
    #[serde(default, deserialize_with = "lenient::objects", skip_serializing_if = "Vec::is_empty")]
    top_logprobs: Vec<HuggingFaceTokenLogprob>,
}

impl lenient::Weigh for HuggingFaceTokenLogprob {}

impl HuggingFaceLogprobs {
    /// Returns the raw JSON.
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// Returns the tokens, if the format is OpenAI's.
    pub fn tokens(&self) -> Option<Vec<HuggingFaceTokenLogprob>> {
        let form: Form = serde_json::from_str(self.as_json()).ok()?;
        form.content
    }

    /// Returns the tokens, if they have the format of text completions. `None` if any token lacks a probability, as the first
    /// token of an echoed prompt does.
    pub(in crate::huggingface) fn tokens_of_text(&self) -> Option<Vec<HuggingFaceTokenLogprob>> {
        let form: OfText = serde_json::from_str(self.as_json()).ok()?;
        let mut tops = form.top_logprobs.unwrap_or_default().into_iter();
        let tokens = form.tokens.into_iter().zip(form.token_logprobs).map(|(token, logprob)| {
            let tops = tops.next().flatten().unwrap_or_default();
            let mut tops: Vec<_> = tops
                .into_iter()
                .map(|(token, logprob)| HuggingFaceTokenLogprob::new(token, logprob))
                .collect();
            // The order of keys in a JSON object has no meaning, so the tokens are sorted by probability.
            tops.sort_by(|a, b| b.logprob.total_cmp(&a.logprob));
            Some(HuggingFaceTokenLogprob {
                top_logprobs: tops,
                ..HuggingFaceTokenLogprob::new(token, logprob?)
            })
        });
        tokens.collect()
    }

    /// Returns the tokens, if they have the format of text-generation-inference.
    pub(in crate::huggingface) fn generated_tokens<T: DeserializeOwned>(&self) -> Option<Vec<T>> {
        serde_json::from_str(self.as_json()).ok()
    }

    /// Builds log probabilities in OpenAI's format.
    pub(in crate::huggingface) fn of(tokens: Vec<HuggingFaceTokenLogprob>) -> Option<Self> {
        to_raw_value(&Form { content: Some(tokens) }).ok().map(Self)
    }
}

impl HuggingFaceTokenLogprob {
    fn new(token: String, logprob: f64) -> Self {
        Self { token, logprob, ..Self::default() }
    }

    /// Builds a token from text-generation-inference's format, with the most likely tokens at its position. `None` if it lacks a
    /// probability or is not part of the text.
    pub(in crate::huggingface) fn generated(
        token: &HuggingFaceGeneratedToken,
        tops: &[HuggingFaceGeneratedToken],
    ) -> Option<Self> {
        let of = |token: &HuggingFaceGeneratedToken| {
            Some(Self::new(token.text().clone().unwrap_or_default(), token.logprob()?))
        };
        let top_logprobs = tops.iter().filter_map(of).collect();
        (token.special() != Some(true)).then(|| Some(Self { top_logprobs, ..of(token)? })).flatten()
    }

    /// Returns the contents without copying them.
    pub(in crate::huggingface) fn into_parts(self) -> (String, f64, Option<Vec<u8>>, Vec<Self>) {
        (self.token, self.logprob, self.bytes, self.top_logprobs)
    }
}
