//! How sure the model was.

use crate::huggingface::dto::{HuggingFaceLogprobs, HuggingFaceTokenLogprob};
use botticelli_core::{Logprobs, TokenLogprob};

/// What a piece of the heap takes beyond its bytes, and the least that it has.
const HEAP: usize = 16;

/// How much memory a token takes: itself, and its text.
const A_TOKEN: usize = size_of::<TokenLogprob>() + 2 * HEAP;

/// How much memory they will take when they are read, as far as their text tells: a few bytes of it may be a whole token. One
/// token is an object of OpenAI's form; in that of a text, each value may be one.
pub(in crate::huggingface) fn weight(dto: &HuggingFaceLogprobs, is_text: bool) -> usize {
    let json = dto.as_json().as_bytes();
    let objects = memchr::memchr_iter(b'{', json).count();
    let values = if is_text { memchr::memchr_iter(b',', json).count() } else { 0 };
    objects.max(values).saturating_mul(A_TOKEN)
}

/// How much memory they take.
pub(super) fn size(logprobs: &Logprobs) -> usize {
    let raw = logprobs.raw.iter().map(|json| heap(json.len()).saturating_add(size_of::<String>()));
    size_of_tokens(&logprobs.tokens).saturating_add(raw.fold(0, usize::saturating_add))
}

fn size_of_tokens(tokens: &[TokenLogprob]) -> usize {
    let size = |token: &TokenLogprob| {
        let bytes = token.bytes.as_ref().map_or(0, |bytes| heap(bytes.len()));
        let parts = [heap(token.token.len()), bytes, size_of_tokens(&token.top)];
        parts.into_iter().fold(size_of::<TokenLogprob>(), usize::saturating_add)
    };
    tokens.iter().map(size).fold(0, usize::saturating_add)
}

fn heap(bytes: usize) -> usize {
    bytes.max(HEAP).saturating_add(HEAP)
}

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
