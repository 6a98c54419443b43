//! The fast path of a stream: events that are like the one before them in all but one string.
//!
//! Hundreds of events of an answer differ in nothing but the text that they bring. So the bytes around that text are kept; where
//! the next event has the same ones, only the text is read, and no JSON around it. Whatever else comes, however little it
//! differs, is read by the full parser.
//!
//! # What it assumes, and why it is safe
//!
//! - **The bytes decide, nothing is guessed.** A mould is made of an event that the full parser has read, that stood whole in
//!   what arrived, on one line of `data:`, and that brought exactly one piece. Where its string stands is told by where
//!   `serde_json` found it. An event fits when it has the same bytes up to the opening quote, a JSON string, and the same bytes
//!   from the closing quote on, blank line included: then the parser would read the same, but for that string.
//! - **The reader would do the same.** An event makes a mould only where the reader is in the middle of the text
//!   ([`ChunkReader::goes_on`]): with no finish reason, no tag of reasoning half read, and no usage, log probabilities or error
//!   in the event, an equal event would change nothing in the reader, and bring nothing but its string. An empty string brings no
//!   piece, and never fits. An event with a second string in it makes no mould: the reader might hold that string back.
//! - **A call's arguments are counted.** An event of a tool call makes a mould only while its arguments are unfinished and each
//!   piece is the next part of them; the reader is given each part, so that it knows when they are complete.
//! - **What was read last made the mould.** Each event that the full parser reads puts another mould in its place, or none,
//!   unless it fits itself. Comments, blank lines and empty events change nothing in the reader, and leave it.
//! - **A string is a string.** Its bytes have to be UTF-8, and none a control character, which JSON forbids. The escapes of two
//!   characters are read here, as the most frequent ones; a string with `\u` in it is read by `serde_json`. What is no string does
//!   not fit, so that the parser finds the words for it.
//! - **No cut matters.** Only an event that lies whole in what has arrived fits, and only where the decoder stands between two
//!   events; the size of events and answers is limited as ever.

use crate::huggingface::conversions::Piece;
use botticelli_core::Delta;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// What is kept of an event: the bytes before and after its string, and the piece that it brought.
pub(in crate::huggingface) struct EventTemplate {
    /// Up to the opening quote, which is the last of them.
    before: Vec<u8>,
    /// From the closing quote to the blank line.
    after: Vec<u8>,
    /// How many bytes of them are no data: the name of the field, and the ends of the lines.
    head: usize,
    tail: usize,
    /// The piece, without its text.
    piece: Piece,
}

/// The parts of an event that matter, as they are written. An object in which a key occurs twice is rejected.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    choices: [Choice<'a>; 1],
    #[serde(default)]
    usage: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    delta: Option<Fields<'a>>,
    #[serde(default)]
    message: Option<IgnoredAny>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(default)]
    logprobs: Option<IgnoredAny>,
    #[serde(default)]
    usage: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    function: Fields<'a>,
}

/// The fields of an object, in their order.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

impl<'a> Fields<'a> {
    /// The value of the only field with something in it, those that name the call aside; `None` where there are several.
    ///
    /// A second string might be held back by the reader, and change what an equal event would bring.
    fn only(&self) -> Option<(&str, &'a RawValue)> {
        let names = ["role", "index", "id", "type", "name"];
        let is_empty = |value: &RawValue| matches!(value.get(), "null" | "\"\"" | "[]" | "{}" | "false");
        let mut said = self.0.iter().filter(|(key, value)| !names.contains(&&**key) && !is_empty(value));
        match (said.next(), said.next()) {
            (Some((key, value)), None) => Some((key, value)),
            _ => None,
        }
    }
}

impl EventTemplate {
    /// The mould of an event that brought `piece` and nothing else: `raw` are its bytes, `data` is what they hold. `None` where
    /// it is not certain that an equal event would bring an equal piece.
    pub(in crate::huggingface) fn of(raw: &[u8], data: &str, piece: &Piece) -> Option<Self> {
        let line = raw.strip_prefix(b"data:")?;
        let line = line.strip_prefix(b" ").unwrap_or(line);
        let head = raw.len().checked_sub(line.len())?;
        let tail = if line.ends_with(b"\r\n\r\n") { 4 } else { 2 };
        let (line, end) = line.split_at_checked(line.len().checked_sub(tail)?)?;
        if line != data.as_bytes() || !matches!(end, b"\n\n" | b"\r\n\r\n") {
            return None;
        }
        let string = Event::find(data, &piece.delta)?;
        let begin = string.as_ptr().addr().checked_sub(data.as_ptr().addr())?.checked_add(head)?;
        let (before, rest) = raw.split_at_checked(begin)?;
        let (written, after) = rest.split_at_checked(string.len())?;
        if written != string.as_bytes() {
            return None;
        }
        let before = [before, b"\""].concat();
        let after = [b"\"", after].concat();
        Some(Self { before, after, head, tail, piece: with_text(piece, String::new())? })
    }

    /// Whether `data`, which the parser has read and which brought one piece, is that of an event that fits: some arrive in two
    /// parts.
    pub(in crate::huggingface) fn matches(&self, data: &str) -> bool {
        let before = self.before.get(self.head..).unwrap_or(&self.before);
        let after = self.after.len().checked_sub(self.tail).and_then(|end| self.after.get(..end));
        let rest = data.as_bytes().strip_prefix(before);
        let string = rest.zip(after).and_then(|(rest, after)| rest.strip_suffix(after));
        string.is_some_and(|string| {
            closing_quote(&[string, b"\""].concat()).is_some_and(|(end, _)| end == string.len())
        })
    }

    /// The piece of the event that `bytes` begin with, and how long that is; `None` where it does not fit, or is not whole.
    pub(in crate::huggingface) fn match_event(&self, bytes: &[u8]) -> Option<(Piece, usize)> {
        let rest = bytes.strip_prefix(&*self.before)?;
        let (end, is_plain) = closing_quote(rest)?;
        let (written, rest) = rest.split_at_checked(end)?;
        let rest = rest.strip_prefix(&*self.after)?;
        if written.is_empty() || written.iter().any(|byte| *byte < b' ') {
            return None;
        }
        let written = std::str::from_utf8(written).ok()?;
        let text = if is_plain { written.to_owned() } else { unescaped(written)? };
        Some((with_text(&self.piece, text)?, bytes.len().checked_sub(rest.len())?))
    }
}

impl<'a> Event<'a> {
    /// The string in the event `data` that brought `delta`, as it is written, with its quotes.
    fn find(data: &'a str, delta: &Delta) -> Option<&'a str> {
        let Event { choices: [choice], usage: None } = serde_json::from_str(data).ok()? else { return None };
        let Choice { delta: fields, message: None, text, logprobs: None, usage: None } = choice else {
            return None;
        };
        let calls: Vec<Call<'a>>;
        let (string, brought) = match (delta, fields.as_ref().map(Fields::only)) {
            (Delta::Text(brought), None) => (text?, brought.as_str()),
            (Delta::Text(brought), Some(Some(("content", string)))) => (string, brought.as_str()),
            (Delta::Reasoning(brought), Some(Some(("reasoning_content" | "reasoning", string)))) => {
                (string, brought.as_str())
            }
            (Delta::ToolCall(brought), Some(Some(("tool_calls", list)))) => {
                calls = serde_json::from_str(list.get()).ok()?;
                let [call] = calls.as_slice() else { return None };
                (call.function.only().filter(|(key, _)| *key == "arguments")?.1, brought.arguments())
            }
            _ => return None,
        };
        (!brought.is_empty() && read(string)? == brought).then_some(string.get())
    }
}

fn read(string: &RawValue) -> Option<String> {
    serde_json::from_str(string.get()).ok()
}

/// Where the string ends whose opening quote stands before `bytes`, and whether there is no escape in it.
fn closing_quote(bytes: &[u8]) -> Option<(usize, bool)> {
    // Most are a word.
    let word = bytes.get(..16).unwrap_or(bytes);
    if let Some(end) = word.iter().position(|byte| matches!(byte, b'"' | b'\\'))
        && bytes.get(end) == Some(&b'"')
    {
        return Some((end, true));
    }
    let mut at = 0_usize;
    loop {
        let found = memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        let end = at.checked_add(found)?;
        if bytes.get(end) == Some(&b'"') {
            return Some((end, at == 0));
        }
        // A backslash, and what it escapes.
        at = end.checked_add(2)?;
    }
}

/// What a string says, between its quotes.
fn unescaped(written: &str) -> Option<String> {
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut escape = escape.chars();
        text.push(match escape.next()? {
            meant @ ('"' | '\\' | '/') => meant,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            _ => return serde_json::from_str(&["\"", written, "\""].concat()).ok(),
        });
        rest = escape.as_str();
    }
    text.push_str(rest);
    Some(text)
}

/// The same piece, with another text.
fn with_text(piece: &Piece, text: String) -> Option<Piece> {
    let delta = match &piece.delta {
        Delta::Text(_) => Delta::Text(text),
        Delta::Reasoning(_) => Delta::Reasoning(text),
        Delta::ToolCall(call) => Delta::ToolCall(call.with_arguments(text)),
        _ => return None,
    };
    Some(Piece { choice: piece.choice, delta })
}

/// The bytes of an event are what a model said.
impl fmt::Debug for EventTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventTemplate")
            .field("bytes", &self.before.len().saturating_add(self.after.len()))
            .finish_non_exhaustive()
    }
}
