//! Reads log probabilities.

use crate::huggingface::dto::{HuggingFaceLogprobs, HuggingFaceTokenLogprob};
use botticelli_core::{Logprobs, TokenLogprob};

/// Overhead of a heap allocation in bytes, which is also its minimum size.
const HEAP: usize = 16;

/// Memory of one token with its text, in bytes.
const TOKEN_SIZE: usize = size_of::<TokenLogprob>() + 2 * HEAP;

/// Estimates the memory of the parsed log probabilities from their JSON, because a few bytes of it may hold a whole token.
/// In OpenAI's format each object is a token; in the format of text completions each value may be one.
pub(in crate::huggingface) fn weight(dto: &HuggingFaceLogprobs, is_text: bool) -> usize {
    let json = dto.as_json().as_bytes();
    let objects = memchr::memchr_iter(b'{', json).count();
    let values = if is_text { memchr::memchr_iter(b',', json).count() } else { 0 };
    objects.max(values).saturating_mul(TOKEN_SIZE)
}

/// Returns their size in memory, in bytes.
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

/// Parses OpenAI's format, and stores any other format as raw JSON.
pub(super) fn logprobs(dto: &HuggingFaceLogprobs) -> Logprobs {
    let mut logprobs = Logprobs::default();
    match dto.tokens() {
        Some(tokens) => logprobs.tokens = tokens.into_iter().map(token).collect(),
        None if is_empty_object(dto.as_json()) => {}
        None => logprobs.raw.push(dto.as_json().to_owned()),
    }
    logprobs
}

/// Parses the format of text completions.
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

/// Returns whether the object is empty, as some servers send it.
fn is_empty_object(json: &str) -> bool {
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
