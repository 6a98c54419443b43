//! How likely each token was.

use super::HuggingFaceGeneratedToken;
use super::lenient;
use derive_getters::Getters;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// How likely each token was, as the text that came: OpenAI's form, or one of the server's own.
///
/// It is read when it is asked for: a long answer has more of this than of anything else.
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

/// OpenAI's form.
#[derive(Deserialize, Serialize)]
struct Form {
    content: Option<Vec<HuggingFaceTokenLogprob>>,
}

/// OpenAI's older form, which text completions have kept.
#[derive(Deserialize)]
struct OfText {
    tokens: Vec<String>,
    token_logprobs: Vec<Option<f64>>,
    #[serde(default)]
    top_logprobs: Option<Vec<Option<BTreeMap<String, f64>>>>,
}

/// A token, and how likely it was.
#[derive(Clone, Debug, Default, PartialEq, Getters, Deserialize, Serialize)]
pub struct HuggingFaceTokenLogprob {
    /// The token.
    token: String,
    /// The natural logarithm of its probability.
    #[getter(copy)]
    logprob: f64,
    /// Its bytes; missing with TGI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<Vec<u8>>,
    /// The likeliest tokens in its place.
    #[serde(default, deserialize_with = "lenient::objects", skip_serializing_if = "Vec::is_empty")]
    top_logprobs: Vec<HuggingFaceTokenLogprob>,
}

impl lenient::Weigh for HuggingFaceTokenLogprob {}

impl HuggingFaceLogprobs {
    /// The text that came.
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// The tokens, in OpenAI's form; `None` where it is another one.
    pub fn tokens(&self) -> Option<Vec<HuggingFaceTokenLogprob>> {
        let form: Form = serde_json::from_str(self.as_json()).ok()?;
        form.content
    }

    /// The tokens, in the form of a text completion; `None` where it is another one, or where a token has no probability:
    /// the first of a prompt that is repeated has none.
    pub(in crate::huggingface) fn tokens_of_text(&self) -> Option<Vec<HuggingFaceTokenLogprob>> {
        let form: OfText = serde_json::from_str(self.as_json()).ok()?;
        let mut tops = form.top_logprobs.unwrap_or_default().into_iter();
        let tokens = form.tokens.into_iter().zip(form.token_logprobs).map(|(token, logprob)| {
            let tops = tops.next().flatten().unwrap_or_default();
            let mut tops: Vec<_> = tops
                .into_iter()
                .map(|(token, logprob)| HuggingFaceTokenLogprob::new(token, logprob))
                .collect();
            // An object has no order, and its likeliest comes first.
            tops.sort_by(|a, b| b.logprob.total_cmp(&a.logprob));
            Some(HuggingFaceTokenLogprob {
                top_logprobs: tops,
                ..HuggingFaceTokenLogprob::new(token, logprob?)
            })
        });
        tokens.collect()
    }

    /// The tokens, in the form of text-generation-inference; `None` where it is another one.
    pub(in crate::huggingface) fn generated_tokens<T: DeserializeOwned>(&self) -> Option<Vec<T>> {
        serde_json::from_str(self.as_json()).ok()
    }

    /// These tokens, in OpenAI's form.
    pub(in crate::huggingface) fn of(tokens: Vec<HuggingFaceTokenLogprob>) -> Option<Self> {
        to_raw_value(&Form { content: Some(tokens) }).ok().map(Self)
    }
}

impl HuggingFaceTokenLogprob {
    fn new(token: String, logprob: f64) -> Self {
        Self { token, logprob, ..Self::default() }
    }

    /// A token of text-generation-inference, with the likeliest in its place; `None` where it has no probability, or is no
    /// part of the text.
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

    /// Its contents, without copying them.
    pub(in crate::huggingface) fn into_parts(self) -> (String, f64, Option<Vec<u8>>, Vec<Self>) {
        (self.token, self.logprob, self.bytes, self.top_logprobs)
    }
}
