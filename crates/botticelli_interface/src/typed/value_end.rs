//! The end of a JSON value in a text.

/// The end of a JSON value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ValueEnd {
    /// The value is complete, and ends before this byte.
    Complete(usize),
    /// The value is invalid.
    Broken {
        /// The first invalid byte.
        at: usize,
        /// The closing brackets of all open brackets, the innermost last.
        open: Vec<u8>,
        /// `true` if the value has more than opening brackets before the invalid byte.
        has_content: bool,
    },
}

/// The expected token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// Finds the end of the value that starts with a bracket at the byte `from` of `text`, in one pass and without recursion.
///
/// The function does not validate literals, numbers and strings; the JSON parser does that later.
pub(super) fn find_value_end(text: &str, from: usize) -> ValueEnd {
    let bytes = text.as_bytes();
    let mut at = from;
    let mut open: Vec<u8> = Vec::new();
    let mut next = Next::Value;
    let mut has_content = false;
    loop {
        let Some(byte) = bytes.get(at).copied() else {
            return ValueEnd::Broken { at: bytes.len(), open, has_content };
        };
        match (byte, next) {
            (b' ' | b'\t' | b'\n' | b'\r', _) => {}
            (b'{', Next::Value | Next::ValueOrEnd) => {
                open.push(b'}');
                next = Next::KeyOrEnd;
            }
            (b'[', Next::Value | Next::ValueOrEnd) => {
                open.push(b']');
                next = Next::ValueOrEnd;
            }
            (b'}', Next::KeyOrEnd | Next::CommaOrEnd) | (b']', Next::ValueOrEnd | Next::CommaOrEnd)
                if open.last() == Some(&byte) =>
            {
                open.pop();
                has_content = true;
                next = Next::CommaOrEnd;
            }
            (b',', Next::CommaOrEnd) => {
                next = if open.last() == Some(&b'}') { Next::Key } else { Next::Value };
            }
            (b':', Next::Colon) => next = Next::Value,
            (b'"', Next::Value | Next::ValueOrEnd | Next::Key | Next::KeyOrEnd) => {
                has_content = true;
                let Some(end) = end_of_string(bytes, at) else {
                    return ValueEnd::Broken { at: bytes.len(), open, has_content };
                };
                let is_key = matches!(next, Next::Key | Next::KeyOrEnd);
                next = if is_key { Next::Colon } else { Next::CommaOrEnd };
                at = end;
                continue;
            }
            (b'-' | b'0'..=b'9' | b't' | b'f' | b'n', Next::Value | Next::ValueOrEnd) => {
                let Some(end) = end_of_scalar(bytes, at) else {
                    return ValueEnd::Broken { at, open, has_content };
                };
                has_content = true;
                next = Next::CommaOrEnd;
                at = end;
                continue;
            }
            _ => return ValueEnd::Broken { at, open, has_content },
        }
        at += 1;
        if open.is_empty() {
            return ValueEnd::Complete(at);
        }
    }
}

/// Returns the byte after the string that starts at `from`.
pub(super) fn end_of_string(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Returns the byte after the number or literal that starts at `from`; `None` for anything else.
fn end_of_scalar(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_');
    let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
    let scalar = rest.get(..length)?;
    let is_number = scalar.first().is_some_and(|byte| !byte.is_ascii_alphabetic())
        && scalar.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
        && scalar.iter().any(u8::is_ascii_digit);
    (is_number || matches!(scalar, b"true" | b"false" | b"null")).then_some(from + length)
}
