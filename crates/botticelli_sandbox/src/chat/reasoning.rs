//! Reasoning of a model before its response.

use super::generation::{cut, pieces_of};
use super::request::ChatRequest;

/// Values of `reasoning_effort` and their number of sentences.
const EFFORTS: [(&str, usize); 6] =
    [("none", 0), ("minimal", 1), ("low", 1), ("medium", 2), ("high", 4), ("xhigh", 6)];

/// Number of sentences without `reasoning_effort`.
const DEFAULT_SENTENCES: usize = 2;

const SENTENCES: [&str; 6] = [
    "The user wants an answer, and I am only a sandbox. ",
    "So I shall repeat what was said, as I always do. ",
    "Should I think about it once more? ",
    "Nothing else comes to my mind, 真的. ",
    "I might count the words of the question instead. ",
    "No, repeating them is enough. ",
];

/// Returns whether the value is a known effort.
pub(super) fn is_effort(word: &str) -> bool {
    EFFORTS.iter().any(|(known, _)| *known == word)
}

pub(super) fn efforts() -> String {
    EFFORTS.map(|(word, _)| format!("'{word}'")).join(", ")
}

/// Returns the reasoning for a request, as long as its effort requires. Empty for the effort
/// `none`.
pub(super) fn reasoning_text(request: &ChatRequest) -> String {
    let effort = request.reasoning_effort.as_deref();
    let count =
        EFFORTS.iter().find(|(word, _)| Some(*word) == effort).map_or(DEFAULT_SENTENCES, |(_, count)| *count);
    SENTENCES.iter().take(count).copied().collect::<String>().trim_end().to_owned()
}

/// Returns reasoning in tags followed by text. The pieces split both tags.
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

/// Returns the reasoning within the token limit, and the remaining limit.
pub(super) fn limit_reasoning(reasoning: &str, limit: Option<u32>) -> (Vec<String>, Option<u32>) {
    let (pieces, _) = cut(pieces_of(reasoning), limit, &[]);
    let taken = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
    (pieces, limit.map(|limit| limit.saturating_sub(taken)))
}
