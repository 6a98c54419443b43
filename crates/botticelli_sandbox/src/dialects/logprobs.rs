//! How probable every token was. The figures are derived from the token.

use serde::Serialize;

use crate::chat::{Choice, Generation};
use crate::fingerprint::Fingerprint;

/// In the shape of `OpenAI`, with bytes or without.
#[derive(Serialize)]
pub(super) struct Logprobs {
    content: Vec<Token>,
    /// Only `OpenAI` keeps a place for the tokens of a refusal.
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

/// In together's own shape.
#[derive(Serialize)]
pub(super) struct TogetherLogprobs {
    tokens: Vec<String>,
    token_logprobs: Vec<f64>,
}

/// Of these pieces, if they were asked for and there are any.
pub(super) fn for_pieces(generation: &Generation, pieces: &[String], with_bytes: bool) -> Option<Logprobs> {
    let count = generation.logprobs?;
    let tokens = pieces.iter().map(|piece| Token {
        itself: alternative(piece.clone(), logprob(piece), with_bytes),
        top_logprobs: (0..count).map(|nth| nth_best(piece, nth, with_bytes)).collect(),
    });
    let refusal = with_bytes.then_some(());
    Some(Logprobs { content: tokens.collect(), refusal }).filter(|logprobs| !logprobs.content.is_empty())
}

/// The same in together's own shape.
pub(super) fn for_together(generation: &Generation, pieces: &[String]) -> Option<TogetherLogprobs> {
    generation.logprobs?;
    let token_logprobs = pieces.iter().map(|piece| logprob(piece)).collect();
    Some(TogetherLogprobs { tokens: pieces.to_vec(), token_logprobs })
        .filter(|logprobs| !logprobs.tokens.is_empty())
}

/// What is said of one piece is said of a list with one piece.
pub(super) fn for_piece(generation: &Generation, piece: &str, with_bytes: bool) -> Option<Logprobs> {
    for_pieces(generation, &[piece.to_owned()], with_bytes)
}

pub(super) fn for_choice(generation: &Generation, choice: &Choice, with_bytes: bool) -> Option<Logprobs> {
    for_pieces(generation, &choice.pieces, with_bytes)
}

/// Never above zero.
pub(crate) fn logprob(piece: &str) -> f64 {
    let thousandths = u32::try_from(Fingerprint::of(piece.as_bytes()).below(1_000)).unwrap_or(0);
    -(f64::from(thousandths) + 1.0) / 1_000.0
}

/// The best is the one that was said.
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
