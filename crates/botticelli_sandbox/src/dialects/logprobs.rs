//! Log probabilities, derived from the token text.

use serde::Serialize;

use crate::chat::{Choice, Generation};
use crate::fingerprint::Fingerprint;

/// Log probabilities in the `OpenAI` format, with or without bytes.
#[derive(Serialize)]
pub(super) struct Logprobs {
    content: Vec<Token>,
    /// Log probabilities of a refusal, present only in the router dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<()>,
}

#[derive(Serialize)]
struct Token {
    #[serde(flatten)]
    itself: Alternative,
    top_logprobs: Vec<Alternative>,
}

#[derive(Serialize)]
struct Alternative {
    token: String,
    logprob: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<Vec<u8>>,
}

/// Log probabilities in the format of together.
#[derive(Serialize)]
pub(super) struct TogetherLogprobs {
    tokens: Vec<String>,
    token_logprobs: Vec<f64>,
}

/// Returns log probabilities for the pieces, or `None` if not requested or empty.
pub(super) fn for_pieces(generation: &Generation, pieces: &[String], with_bytes: bool) -> Option<Logprobs> {
    let count = generation.logprobs?;
    let tokens = pieces.iter().map(|piece| Token {
        itself: alternative(piece.clone(), logprob(piece), with_bytes),
        top_logprobs: (0..count).map(|nth| nth_best(piece, nth, with_bytes)).collect(),
    });
    let refusal = with_bytes.then_some(());
    Some(Logprobs { content: tokens.collect(), refusal }).filter(|logprobs| !logprobs.content.is_empty())
}

/// Returns log probabilities in the format of together.
pub(super) fn for_together(generation: &Generation, pieces: &[String]) -> Option<TogetherLogprobs> {
    generation.logprobs?;
    let token_logprobs = pieces.iter().map(|piece| logprob(piece)).collect();
    Some(TogetherLogprobs { tokens: pieces.to_vec(), token_logprobs })
        .filter(|logprobs| !logprobs.tokens.is_empty())
}

pub(super) fn for_piece(generation: &Generation, piece: &str, with_bytes: bool) -> Option<Logprobs> {
    for_pieces(generation, &[piece.to_owned()], with_bytes)
}

pub(super) fn for_choice(generation: &Generation, choice: &Choice, with_bytes: bool) -> Option<Logprobs> {
    for_pieces(generation, &choice.pieces, with_bytes)
}

/// Returns a log probability below zero.
pub(crate) fn logprob(piece: &str) -> f64 {
    let thousandths = u32::try_from(Fingerprint::of(piece.as_bytes()).below(1_000)).unwrap_or(0);
    -(f64::from(thousandths) + 1.0) / 1_000.0
}

/// Returns the alternative with this rank. Rank 0 is the token itself.
fn nth_best(piece: &str, nth: u32, with_bytes: bool) -> Alternative {
    match nth {
        0 => alternative(piece.to_owned(), logprob(piece), with_bytes),
        nth => alternative(format!("{piece}{nth}"), logprob(piece) - f64::from(nth), with_bytes),
    }
}

fn alternative(token: String, logprob: f64, with_bytes: bool) -> Alternative {
    let bytes = with_bytes.then(|| token.as_bytes().to_vec());
    Alternative { token, logprob, bytes }
}
