//! Numbers that are not finite. Python writes them as `NaN`, `Infinity` and `-Infinity`, which JSON does not have.
//!
//! Servers that are written in Python send them as log probabilities of impossible tokens. They become null, so that the text next to them
//! is not lost.

const WORDS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// The same JSON with null instead of these numbers; `None` if it contains none.
pub(in crate::huggingface) fn mend(json: &str) -> Option<String> {
    let mut mended = String::with_capacity(json.len());
    let (mut rest, mut is_changed) = (json, false);
    while let Some(at) = rest.find(['"', 'N', 'I', '-']) {
        let (before, here) = rest.split_at_checked(at)?;
        mended.push_str(before);
        let end = if here.starts_with('"') {
            end_of_string(here)
        } else if let Some(word) = WORDS.iter().find(|word| here.starts_with(**word)) {
            is_changed = true;
            mended.push_str("null");
            rest = here.get(word.len()..)?;
            continue;
        } else {
            1
        };
        let (copied, after) = here.split_at_checked(end)?;
        mended.push_str(copied);
        rest = after;
    }
    mended.push_str(rest);
    is_changed.then_some(mended)
}

/// Returns the length of the string at the beginning of `json`, with its quotes.
fn end_of_string(json: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in json.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at.saturating_add(1),
            _ => {}
        }
    }
    json.len()
}
