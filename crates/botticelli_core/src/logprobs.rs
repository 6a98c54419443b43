//! How sure the model was.

use serde::{Deserialize, Serialize};

/// How likely each token of an answer was, as a natural logarithm: 0 is certain, below it less so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Logprobs {
    /// The tokens of the answer, in order.
    pub tokens: Vec<TokenLogprob>,
    /// What the service sent in a form of its own, as JSON text: one of a plain answer, one a chunk of a streamed one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub raw: Vec<String>,
}

/// A token, and how likely it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TokenLogprob {
    /// The token, as text.
    pub token: String,
    /// The natural logarithm of its probability.
    pub logprob: f64,
    /// Its bytes, where the service sends them: a token may be a part of a character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Vec<u8>>,
    /// The likeliest tokens in its place, as many as were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<TokenLogprob>,
}

impl TokenLogprob {
    /// The token `token`, whose probability has the natural logarithm `logprob`.
    pub fn new(token: impl Into<String>, logprob: f64) -> Self {
        Self { token: token.into(), logprob, ..Self::default() }
    }

    /// Its probability, from 0 to 1.
    pub fn probability(&self) -> f64 {
        self.logprob.exp()
    }
}

impl Logprobs {
    /// Whether the service said nothing.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.raw.is_empty()
    }

    /// Adds what came next.
    pub fn extend(&mut self, next: Self) {
        self.tokens.extend(next.tokens);
        self.raw.extend(next.raw);
    }
}
