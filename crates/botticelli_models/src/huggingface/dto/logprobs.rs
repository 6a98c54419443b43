//! How likely each token was.

use super::lenient;
use derive_getters::Getters;
use serde::Deserialize;
use serde_json::value::RawValue;

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

/// OpenAI's form.
#[derive(Deserialize)]
struct Form {
    content: Option<Vec<HuggingFaceTokenLogprob>>,
}

/// A token, and how likely it was.
#[derive(Clone, Debug, Default, PartialEq, Getters, Deserialize)]
pub struct HuggingFaceTokenLogprob {
    /// The token.
    token: String,
    /// The natural logarithm of its probability.
    #[getter(copy)]
    logprob: f64,
    /// Its bytes; missing with TGI.
    #[serde(default)]
    bytes: Option<Vec<u8>>,
    /// The likeliest tokens in its place.
    #[serde(default, deserialize_with = "lenient::objects")]
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
}

impl HuggingFaceTokenLogprob {
    /// Its contents, without copying them.
    pub(in crate::huggingface) fn into_parts(self) -> (String, f64, Option<Vec<u8>>, Vec<Self>) {
        (self.token, self.logprob, self.bytes, self.top_logprobs)
    }
}
