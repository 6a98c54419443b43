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

/// Returns an amount of nano-dollars in dollars, with at least two decimals: `$0.10`.
pub(crate) fn dollars(nano_dollars: u64) -> String {
    let text = format!("{}.{:09}", nano_dollars / 1_000_000_000, nano_dollars % 1_000_000_000);
    let zeros = text.bytes().rev().take_while(|digit| *digit == b'0').count().min(7);
    format!("${}", text.get(..text.len() - zeros).unwrap_or_default())
}
