//! Where a JSON value ends.

/// How a value in a text ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ValueEnd {
    /// It is complete, and ends before this byte.
    Complete(usize),
    /// It cannot go on at this byte, where these brackets are open: their ends, the inner one last.
    Broken {
        /// The byte.
        at: usize,
        /// The ends of the open brackets.
        open: Vec<u8>,
        /// Whether anything but opening brackets came before.
        has_content: bool,
    },
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// Follows the value that begins at the byte `from` of `text` with a bracket, without recursion and in one pass.
///
/// Words, numbers and texts are not looked into: what is wrong in one of them is found by whoever reads the value.
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
        at = at.saturating_add(1);
        if open.is_empty() {
            return ValueEnd::Complete(at);
        }
    }
}

/// The byte after the text that begins at `from` with a quotation mark.
pub(super) fn end_of_string(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from.saturating_add(1);
    loop {
        match bytes.get(at)? {
            b'"' => return at.checked_add(1),
            b'\\' => at = at.saturating_add(2),
            _ => at = at.saturating_add(1),
        }
    }
}

/// The byte after a number or a word of JSON; `None` where it is neither.
fn end_of_scalar(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_');
    let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
    let scalar = rest.get(..length)?;
    let is_number = scalar.first().is_some_and(|byte| !byte.is_ascii_alphabetic())
        && scalar.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
        && scalar.iter().any(u8::is_ascii_digit);
    (is_number || matches!(scalar, b"true" | b"false" | b"null")).then(|| from.saturating_add(length))
}
