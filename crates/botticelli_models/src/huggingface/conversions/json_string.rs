//! JSON strings as bytes: their end, and their escapes.

use botticelli_core::json_text::plain_length;

/// Returns the end of a string whose opening quote precedes `bytes`, and whether the string has no escapes. `None` if the string does
/// not end, or has a control character, which JSON forbids.
pub(in crate::huggingface) fn string_end(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut at = 0_usize;
    let mut is_plain = true;
    loop {
        at = at.checked_add(plain_length(bytes.get(at..)?))?;
        match bytes.get(at)? {
            b'"' => return Some((at, is_plain)),
            // Skips the backslash and the escaped character.
            b'\\' => at = at.checked_add(2)?,
            _ => return None,
        }
        is_plain = false;
    }
}

/// Returns a string, given without its quotes, with its escapes replaced.
pub(in crate::huggingface) fn unescape(string: &str) -> Option<String> {
    let mut text = String::with_capacity(string.len());
    let mut rest = string;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (plain, escape) = rest.split_at_checked(at)?;
        text.push_str(plain);
        let mut escape = escape.chars();
        escape.next();
        text.push(match escape.next()? {
            literal @ ('"' | '\\' | '/') => literal,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            _ => return serde_json::from_str(&["\"", string, "\""].concat()).ok(),
        });
        rest = escape.as_str();
    }
    text.push_str(rest);
    Some(text)
}
