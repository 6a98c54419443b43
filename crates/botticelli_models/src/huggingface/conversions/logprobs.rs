//! How sure the model was.

use botticelli_core::{Logprobs, TokenLogprob};
use serde_json::Value;

/// OpenAI's form is read; another one is kept as it came.
pub(super) fn logprobs(value: Value) -> Logprobs {
    let mut logprobs = Logprobs::default();
    match value.get("content") {
        Some(Value::Null) => {}
        Some(Value::Array(tokens)) => match tokens.iter().map(token).collect() {
            Some(tokens) => logprobs.tokens = tokens,
            None => logprobs.raw.push(value),
        },
        _ => logprobs.raw.push(value),
    }
    logprobs
}

fn token(value: &Value) -> Option<TokenLogprob> {
    let mut token = TokenLogprob::new(value.get("token")?.as_str()?, value.get("logprob")?.as_f64()?);
    // TGI sends no bytes, and others a null.
    let bytes = value.get("bytes").and_then(Value::as_array);
    token.bytes = bytes.and_then(|bytes| bytes.iter().map(byte).collect());
    let top = value.get("top_logprobs").and_then(Value::as_array);
    token.top = top.into_iter().flatten().filter_map(self::token).collect();
    Some(token)
}

fn byte(value: &Value) -> Option<u8> {
    u8::try_from(value.as_u64()?).ok()
}
