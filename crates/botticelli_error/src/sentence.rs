//! The form of an error message: what failed, then what to do about it.

/// Returns `remedy` as a sentence: with a capital letter at its beginning and a full stop at its end.
pub(crate) fn instruction(remedy: &str) -> String {
    let mut characters = remedy.chars();
    let mut sentence: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    sentence.push_str(characters.as_str());
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}
