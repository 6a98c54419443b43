//! Texts of the responses: words split into tokens, some with escapes, some not ASCII.

const WORDS: [&str; 24] = [
    " the",
    " shell",
    " of",
    " Venus",
    " a",
    " wind",
    " that",
    " carries",
    " roses",
    " to",
    " shore",
    ",",
    " and",
    " hair",
    " like",
    " gold",
    ".",
    "\n\n",
    " \"",
    " café",
    " in",
    " Florence",
    " -",
    " painted",
];

/// Returns `count` pieces of text, always the same.
pub(crate) fn pieces(count: usize) -> Vec<String> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = usize::try_from(state % 24).unwrap_or_default();
        WORDS[at].to_owned()
    };
    (0..count).map(|_| next()).collect()
}

/// Returns a text of at least the given number of bytes, exceeding it by at most a word.
pub(crate) fn text(bytes: usize) -> String {
    let mut text = String::new();
    for piece in pieces(bytes) {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&piece);
    }
    text
}

/// Returns the arguments of a tool call in pieces.
pub(crate) fn arguments(count: usize) -> Vec<String> {
    let mut arguments = vec!["{\"story\": \"".to_owned()];
    arguments.extend(pieces(count.saturating_sub(2)).into_iter().map(|piece| {
        let quoted = serde_json::Value::from(piece).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    }));
    arguments.push("\"}".to_owned());
    arguments
}
