//! What a model thinks before it answers.

use super::generation::{cut, pieces_of};
use super::request::ChatRequest;

/// What may be said for `reasoning_effort`, and how many sentences come of it.
const EFFORTS: [(&str, usize); 6] =
    [("none", 0), ("minimal", 1), ("low", 1), ("medium", 2), ("high", 4), ("xhigh", 6)];

/// How much is thought if nothing is said about it.
const DEFAULT_SENTENCES: usize = 2;

const SENTENCES: [&str; 6] = [
    "The user wants an answer, and I am only a sandbox. ",
    "So I shall repeat what was said, as I always do. ",
    "Should I think about it once more? ",
    "Nothing else comes to my mind, 真的. ",
    "I might count the words of the question instead. ",
    "No, repeating them is enough. ",
];

/// Whether the word is one of those that are known.
pub(super) fn is_effort(word: &str) -> bool {
    EFFORTS.iter().any(|(known, _)| *known == word)
}

pub(super) fn efforts() -> String {
    EFFORTS.map(|(word, _)| format!("'{word}'")).join(", ")
}

/// The thoughts on a request, as long as it asks for; none if it wants none.
pub(super) fn reasoning_text(request: &ChatRequest) -> String {
    let effort = request.reasoning_effort.as_deref();
    let count =
        EFFORTS.iter().find(|(word, _)| Some(*word) == effort).map_or(DEFAULT_SENTENCES, |(_, count)| *count);
    SENTENCES.iter().take(count).copied().collect::<String>().trim_end().to_owned()
}

/// Thoughts and text in one, in pieces that break the tags.
pub(super) fn with_tags(reasoning: &str, text: &str) -> Vec<String> {
    if reasoning.is_empty() {
        return pieces_of(text);
    }
    let fixed = |pieces: [&str; 3]| pieces.map(str::to_owned);
    let mut pieces = fixed(["<th", "ink", ">\n"]).to_vec();
    pieces.extend(pieces_of(reasoning));
    pieces.extend(fixed(["\n</", "thin", "k>\n\n"]));
    pieces.extend(pieces_of(text));
    pieces
}

/// The thoughts within the limit, and what is left of it for the text.
pub(super) fn limit_reasoning(reasoning: &str, limit: Option<u32>) -> (Vec<String>, Option<u32>) {
    let (pieces, _) = cut(pieces_of(reasoning), limit, &[]);
    let taken = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
    (pieces, limit.map(|limit| limit.saturating_sub(taken)))
}
