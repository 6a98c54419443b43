//! Strings in JSON texts. They are read and written eight bytes at a time.

/// Appends a string with its quotes and escapes.
pub fn push_string(json: &mut Vec<u8>, text: &str) {
    json.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(plain_length(rest).min(rest.len()));
        json.extend_from_slice(plain);
        let Some((byte, next)) = special.split_first() else { break };
        push_escape(json, *byte);
        rest = next;
    }
    json.push(b'"');
}

/// Appends the escape of a quote, a backslash or a control character.
fn push_escape(json: &mut Vec<u8>, byte: u8) {
    let digit = |digit: u8| if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
    let short = match byte {
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        b'"' | b'\\' => byte,
        _ => return json.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0xf)]),
    };
    json.extend_from_slice(&[b'\\', short]);
}

/// Returns the number of bytes before the first quote, backslash or control character.
#[inline]
#[must_use]
pub fn plain_length(bytes: &[u8]) -> usize {
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
#[inline]
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH_BITS: u64 = u64::from_le_bytes([0x80; 8]);
    // The subtraction sets the high bit of each byte that is too small, up to the first one exactly.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES.wrapping_mul(limit)) & !word;
    let equal = |byte: u8| below(word ^ ONES.wrapping_mul(u64::from(byte)), 1);
    (below(word, u64::from(b' ')) | equal(b'"') | equal(b'\\')) & HIGH_BITS
}
