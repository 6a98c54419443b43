//! Log probabilities in OpenAI's format.

use botticelli_core::{Logprobs, TokenLogprob};
use serde_json::{Value, json};

/// Returns the log probabilities of a choice.
pub(super) fn logprobs_of(logprobs: &Logprobs) -> Value {
    let tokens: Vec<_> = logprobs
        .tokens
        .iter()
        .map(|token| {
            let top: Vec<_> = token.top.iter().map(token_of).collect();
            let mut value = token_of(token);
            if let Some(object) = value.as_object_mut() {
                object.insert("top_logprobs".to_owned(), top.into());
            }
            value
        })
        .collect();
    json!({"content": tokens, "refusal": null})
}

fn token_of(token: &TokenLogprob) -> Value {
    json!({"token": token.token, "logprob": token.logprob, "bytes": token.bytes})
}
