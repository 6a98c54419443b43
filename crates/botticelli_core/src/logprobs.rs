//! Log probabilities of tokens.

use serde::{Deserialize, Serialize};

/// Log probabilities of the tokens of a response. 0 is certain, less is less likely.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Logprobs {
    /// Tokens of the response, in order.
    pub tokens: Vec<TokenLogprob>,
    /// Log probabilities in a format that only this service has, as JSON text: one per plain response, one per chunk of a stream.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub raw: Vec<String>,
}

/// A token with its log probability.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TokenLogprob {
    /// Token, as text.
    pub token: String,
    /// Natural logarithm of the token's probability.
    pub logprob: f64,
    /// Bytes of the token, if the service sends them. A token may be part of a character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Vec<u8>>,
    /// Most likely tokens at this position, as many as the request asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<TokenLogprob>,
}

impl TokenLogprob {
    /// Returns a token with the natural logarithm of its probability.
    pub fn new(token: impl Into<String>, logprob: f64) -> Self {
        Self { token: token.into(), logprob, ..Self::default() }
    }

    /// Returns the probability, from 0 to 1.
    pub fn probability(&self) -> f64 {
        self.logprob.exp()
    }
}

impl Logprobs {
    /// Returns whether there is neither a token nor raw data.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.raw.is_empty()
    }

    /// Appends the log probabilities of the next tokens.
    pub fn extend(&mut self, next: Self) {
        self.tokens.extend(next.tokens);
        self.raw.extend(next.raw);
    }
}
