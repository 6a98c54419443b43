//! JSON strings as bytes: their end, and their escapes.

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

/// Returns the number of bytes before the first quote, backslash or control character.
fn plain_length(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, next)) = rest.split_first_chunk() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            let first = usize::try_from(special.trailing_zeros() / u8::BITS).unwrap_or_default();
            return bytes.len().saturating_sub(rest.len()).saturating_add(first);
        }
        rest = next;
    }
    let is_plain = |byte: &&u8| !matches!(byte, b'"' | b'\\' | 0..b' ');
    bytes.len().saturating_sub(rest.len()).saturating_add(rest.iter().take_while(is_plain).count())
}

/// Returns a word whose lowest set bit is in the first quote, backslash or control character of `word`, which holds eight bytes. 0 if
/// it has none.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH_BITS: u64 = u64::from_le_bytes([0x80; 8]);
    // The subtraction sets the high bit of each byte that is too small, up to the first one exactly.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES.wrapping_mul(limit)) & !word;
    let equal = |byte: u8| below(word ^ ONES.wrapping_mul(u64::from(byte)), 1);
    (below(word, u64::from(b' ')) | equal(b'"') | equal(b'\\')) & HIGH_BITS
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
