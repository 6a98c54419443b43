//! Halves of a character, which some servers write into two events.
//!
//! JSON writes a character such as an emoji as a pair of escapes (`\ud83d\ude00`). A server that cuts its text by UTF-16 units
//! puts the two halves into two events, and neither is valid JSON by itself. The first half is moved to the event with the second
//! half. A half without the other half becomes U+FFFD.

/// The first half of a character, until the second one comes.
#[derive(Debug, Default)]
pub(in crate::huggingface) struct Surrogates {
    high: Option<String>,
}

/// A `\uXXXX` escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    High,
    Low,
}

const REPLACEMENT: &str = "\\ufffd";

impl Surrogates {
    /// The same JSON without lone halves; `None` if it contains none.
    pub(in crate::huggingface) fn mend(&mut self, json: &str) -> Option<String> {
        let mut mended = String::with_capacity(json.len());
        let mut rest = json;
        let mut is_changed = false;
        while let Some((before, escape)) = rest.split_once('\\') {
            mended.push_str(before);
            let Some((half, code, after)) = half(escape) else {
                // Another escape: the character after the backslash belongs to it.
                let end = escape.chars().next().map_or(0, char::len_utf8);
                let (escaped, after) = escape.split_at_checked(end).unwrap_or((escape, ""));
                mended.push('\\');
                mended.push_str(escaped);
                rest = after;
                continue;
            };
            rest = after;
            let pair = after.strip_prefix('\\').and_then(self::half).filter(|(half, ..)| *half == Half::Low);
            match (half, pair) {
                (Half::High, Some((_, low, after))) => {
                    mended.push_str(&["\\", code, "\\", low].concat());
                    rest = after;
                }
                (Half::High, None) if after.starts_with('"') => {
                    is_changed = true;
                    self.high = Some(["\\", code].concat());
                }
                (Half::High, None) => {
                    is_changed = true;
                    mended.push_str(REPLACEMENT);
                }
                (Half::Low, _) => {
                    is_changed = true;
                    match self.high.take() {
                        Some(high) => mended.push_str(&[&*high, "\\", code].concat()),
                        None => mended.push_str(REPLACEMENT),
                    }
                }
            }
        }
        mended.push_str(rest);
        is_changed.then_some(mended)
    }
}

/// The half that an escape begins with, without its backslash, and what follows.
fn half(escape: &str) -> Option<(Half, &str, &str)> {
    let (code, after) = escape.split_at_checked(5)?;
    let unit = u16::from_str_radix(code.strip_prefix('u')?, 16).ok()?;
    match unit {
        0xD800..=0xDBFF => Some((Half::High, code, after)),
        0xDC00..=0xDFFF => Some((Half::Low, code, after)),
        _ => None,
    }
}
