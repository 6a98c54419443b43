//! How sure the model was.

use crate::huggingface::dto::{HuggingFaceLogprobs, HuggingFaceTokenLogprob};
use botticelli_core::{Logprobs, TokenLogprob};

/// OpenAI's form is read; another one is kept as it came.
pub(super) fn logprobs(dto: &HuggingFaceLogprobs) -> Logprobs {
    let mut logprobs = Logprobs::default();
    match dto.tokens() {
        Some(tokens) => logprobs.tokens = tokens.into_iter().map(token).collect(),
        None if says_nothing(dto.as_json()) => {}
        None => logprobs.raw.push(dto.as_json().to_owned()),
    }
    logprobs
}

/// Those of a text, which have a form of their own.
pub(super) fn logprobs_of_text(dto: &HuggingFaceLogprobs) -> Logprobs {
    match dto.tokens_of_text() {
        Some(tokens) => {
            let mut logprobs = Logprobs::default();
            logprobs.tokens = tokens.into_iter().map(token).collect();
            logprobs
        }
        None => logprobs(dto),
    }
}

/// Some send the form with nothing in it.
fn says_nothing(json: &str) -> bool {
    let compact: String = json.chars().take(64).filter(|c| !c.is_whitespace()).collect();
    ["{}", r#"{"content":null}"#, r#"{"content":null,"refusal":null}"#].contains(&compact.as_str())
}

fn token(dto: HuggingFaceTokenLogprob) -> TokenLogprob {
    let (text, logprob, bytes, top) = dto.into_parts();
    let mut token = TokenLogprob::new(text, logprob);
    token.bytes = bytes;
    token.top = top.into_iter().map(self::token).collect();
    token
}
