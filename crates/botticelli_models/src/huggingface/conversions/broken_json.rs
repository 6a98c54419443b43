//! Completes JSON that was cut, so that its beginning can be read.

/// Closes the open strings, lists and objects at the end of `json`.
///
/// Unfinished parts are removed, such as a key without its value or half a number. Only an unfinished string value is kept.
/// The result is valid JSON if the input was the beginning of valid JSON.
pub(in crate::huggingface) fn close(json: &mut Vec<u8>) {
    if let Err(error) = std::str::from_utf8(json) {
        json.truncate(error.valid_up_to());
    }
    if let Some(page) = web_page(json) {
        json.truncate(page);
    }
    let mut scan = Scan::default();
    for (at, byte) in json.iter().enumerate() {
        scan.take(at, *byte);
    }
    match scan.text {
        Some(text) if !text.is_key => {
            json.truncate(end_of_whole_escapes(json, text.begin));
            json.push(b'"');
        }
        _ => json.truncate(scan.whole),
    }
    json.extend(scan.open.iter().rev());
}

/// Returns the position of a whole web page at the end of the bytes. Proxies append one when the server behind them fails.
fn web_page(json: &[u8]) -> Option<usize> {
    const END: &[u8] = b"</html>";
    let page = json.trim_ascii_end();
    let end = page.get(page.len().checked_sub(END.len())?..)?;
    if !end.eq_ignore_ascii_case(END) {
        return None;
    }
    let begins = |at: &usize| {
        let rest = page.get(*at..).unwrap_or_default();
        let is = |word: &[u8]| rest.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        is(b"<!doctype html") || is(b"<html")
    };
    memchr::memchr_iter(b'<', page).find(begins)
}

#[derive(Default)]
struct Scan {
    /// Closing brackets of the open lists and objects, the outermost first.
    open: Vec<u8>,
    /// The open string.
    text: Option<Text>,
    /// Set if the next string is a key.
    is_key_next: bool,
    /// Length of the longest prefix that is valid JSON after closing.
    whole: usize,
}

#[derive(Clone, Copy)]
struct Text {
    begin: usize,
    is_key: bool,
    /// Set if the byte before was an unescaped backslash.
    is_escaped: bool,
}

impl Scan {
    fn take(&mut self, at: usize, byte: u8) {
        let after = at.saturating_add(1);
        match (&mut self.text, byte) {
            (Some(text), b'"') if !text.is_escaped => {
                if !text.is_key {
                    self.whole = after;
                }
                self.text = None;
            }
            (Some(text), _) => text.is_escaped = byte == b'\\' && !text.is_escaped,
            (None, b'"') => {
                self.text = Some(Text { begin: after, is_key: self.is_key_next, is_escaped: false });
            }
            (None, b'{' | b'[') => {
                self.open.push(if byte == b'{' { b'}' } else { b']' });
                self.is_key_next = byte == b'{';
                self.whole = after;
            }
            (None, b'}' | b']') => {
                self.open.pop();
                self.is_key_next = false;
                self.whole = after;
            }
            (None, b',') => {
                self.is_key_next = self.open.last() == Some(&b'}');
                self.whole = at;
            }
            (None, b':') => self.is_key_next = false,
            (None, _) => {}
        }
    }
}

/// Returns the end of the string that starts at `begin`, without an escape that is cut off. `\n` has two bytes, `\u00e9` six,
/// and a surrogate pair such as `\ud83d\ude00` twelve.
fn end_of_whole_escapes(json: &[u8], begin: usize) -> usize {
    let mut at = begin;
    while let Some(byte) = json.get(at) {
        let rest = json.get(at..).unwrap_or_default();
        let length = match (byte, rest.get(1), rest.get(2..4)) {
            (b'\\', Some(b'u'), Some([b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B'])) => 12,
            (b'\\', Some(b'u'), _) => 6,
            (b'\\', ..) => 2,
            _ => 1,
        };
        if rest.len() < length {
            break;
        }
        at = at.saturating_add(length);
    }
    at
}
