//! The fast path of a stream: events that differ from the previous event in one string only.
//!
//! Most events of a stream differ only in their text. A template keeps the bytes around that text. If the next event has the same
//! bytes there, only its text is parsed, and not the JSON around it. Any other event goes to the full parser.
//!
//! # Why this is safe
//!
//! - **Only bytes are compared.** A template is made from an event that the full parser has read. The event arrived as a whole,
//!   has one `data:` line, and yielded exactly one piece of text. `serde_json` reports the position of its string. An event
//!   matches if it has the same bytes up to the opening quote, then a JSON string, then the same bytes from the closing quote on,
//!   including the blank line. The parser would read such an event in the same way, except for the string.
//! - **The reader's state does not change.** A template is made only if the reader is in the middle of a text
//!   (`ChunkReader::is_repeatable`). The event has no finish reason, usage, log probabilities or error, and ends inside no
//!   reasoning tag. An equal event would then change nothing in the reader, and give only its string. An empty string has no
//!   text, and never matches. An event with a second string makes no template, because the reader might hold that string back.
//! - **The arguments of a tool call are counted.** An event of a tool call makes a template only while its arguments are unfinished,
//!   and each piece is the next part of them. The reader gets each part, so that it knows when they are complete.
//! - **The last parsed event made the template.** Each event that the full parser reads replaces or removes the template, unless the
//!   event matches it. Comments, blank lines and empty events change nothing in the reader, so they keep the template.
//! - **Strings are validated.** The bytes must be UTF-8 without control characters, which JSON forbids. The frequent two-character
//!   escapes are unescaped here. `serde_json` unescapes a string with `\u`. An invalid string does not match, so that the parser
//!   reports the error.
//! - **Partial events do not match.** An event matches only if it has arrived as a whole, and if the decoder is between two events.
//!   The size limits of events and responses apply as usual.

use crate::huggingface::conversions::Piece;
use crate::huggingface::conversions::json_string::{string_end, unescape};
use botticelli_core::{Delta, ToolCallDelta};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The constant parts of an event: the bytes before and after its string, and the piece that it gave.
pub(in crate::huggingface) struct EventTemplate {
    /// The bytes up to and including the opening quote.
    before: Vec<u8>,
    /// The bytes from the closing quote to the blank line.
    after: Vec<u8>,
    /// Length of the field name at the beginning of `before`, in bytes.
    head: usize,
    /// Length of the line ends at the end of `after`, in bytes.
    tail: usize,
    /// The choice and the kind of the piece.
    choice: u32,
    kind: Kind,
}

/// The kind of a piece, with the call that it belongs to.
enum Kind {
    Text,
    Reasoning,
    Call(ToolCallDelta),
}

/// The relevant parts of an event as raw JSON. An object with a repeated key is rejected.
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

/// The fields of an object in their original order.
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
    /// Returns the only field that is not empty; `None` if there are several. Fields that only identify the call are ignored.
    ///
    /// The reader might hold a second string back, so that an equal event would give another piece.
    fn only(&self) -> Option<(&str, &'a RawValue)> {
        let names = ["role", "index", "id", "type", "name"];
        let is_empty = |value: &RawValue| matches!(value.get(), "null" | "\"\"" | "[]" | "{}" | "false");
        let mut filled = self.0.iter().filter(|(key, value)| !names.contains(&&**key) && !is_empty(value));
        match (filled.next(), filled.next()) {
            (Some((key, value)), None) => Some((key, value)),
            _ => None,
        }
    }
}

impl EventTemplate {
    /// Returns the template of an event that gave `piece` and nothing else. `raw` holds the bytes of the event, and `data` its data.
    /// `None` if an equal event might not give an equal piece.
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
        let (found, after) = rest.split_at_checked(string.len())?;
        if found != string.as_bytes() {
            return None;
        }
        let before = [before, b"\""].concat();
        let after = [b"\"", after].concat();
        let kind = Kind::of(&piece.delta)?;
        Some(Self { before, after, head, tail, choice: piece.choice, kind })
    }

    /// Returns whether the data of a parsed event that gave one piece matches the template. Such an event may have arrived in two parts.
    pub(in crate::huggingface) fn matches(&self, data: &str) -> bool {
        let before = self.before.get(self.head..).unwrap_or(&self.before);
        let after = self.after.len().checked_sub(self.tail).and_then(|end| self.after.get(..end));
        let rest = data.as_bytes().strip_prefix(before);
        let string = rest.zip(after).and_then(|(rest, after)| rest.strip_suffix(after));
        string.is_some_and(|string| {
            string_end(&[string, b"\""].concat()).is_some_and(|(end, _)| end == string.len())
        })
    }

    /// Returns the piece and the length of the event at the beginning of `bytes`; `None` if the event does not match or is incomplete.
    #[inline]
    pub(in crate::huggingface) fn match_event(&self, bytes: &[u8]) -> Option<(Piece, usize)> {
        let rest = bytes.strip_prefix(&*self.before)?;
        let (end, is_plain) = string_end(rest)?;
        let (string, rest) = rest.split_at_checked(end)?;
        let rest = rest.strip_prefix(&*self.after)?;
        if string.is_empty() {
            return None;
        }
        let string = std::str::from_utf8(string).ok()?;
        let text = if is_plain { string.to_owned() } else { unescape(string)? };
        let piece = Piece { choice: self.choice, delta: self.kind.with_text(text) };
        Some((piece, bytes.len().checked_sub(rest.len())?))
    }
}

impl<'a> Event<'a> {
    /// Returns the raw string in the event `data` that gave `delta`, with its quotes.
    fn find(data: &'a str, delta: &Delta) -> Option<&'a str> {
        let Event { choices: [choice], usage: None } = serde_json::from_str(data).ok()? else { return None };
        let Choice { delta: fields, message: None, text: completion, logprobs: None, usage: None } = choice
        else {
            return None;
        };
        let calls: Vec<Call<'a>>;
        let (string, text) = match (delta, fields.as_ref().map(Fields::only)) {
            (Delta::Text(delta), None) => (completion?, delta.as_str()),
            (Delta::Text(delta), Some(Some(("content", string)))) => (string, delta.as_str()),
            (Delta::Reasoning(delta), Some(Some(("reasoning_content" | "reasoning", string)))) => {
                (string, delta.as_str())
            }
            (Delta::ToolCall(delta), Some(Some(("tool_calls", list)))) => {
                calls = serde_json::from_str(list.get()).ok()?;
                let [call] = calls.as_slice() else { return None };
                (call.function.only().filter(|(key, _)| *key == "arguments")?.1, delta.arguments())
            }
            _ => return None,
        };
        (!text.is_empty() && parse(string)? == text).then_some(string.get())
    }
}

fn parse(string: &RawValue) -> Option<String> {
    serde_json::from_str(string.get()).ok()
}

impl Kind {
    fn of(delta: &Delta) -> Option<Self> {
        Some(match delta {
            Delta::Text(_) => Self::Text,
            Delta::Reasoning(_) => Self::Reasoning,
            Delta::ToolCall(call) => Self::Call(call.with_arguments("")),
            _ => return None,
        })
    }

    fn with_text(&self, text: String) -> Delta {
        match self {
            Self::Text => Delta::Text(text),
            Self::Reasoning => Delta::Reasoning(text),
            Self::Call(call) => Delta::ToolCall(call.with_arguments(text)),
        }
    }
}

// Leaves out the bytes, which contain the text of the model.
impl fmt::Debug for EventTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventTemplate")
            .field("bytes", &self.before.len().saturating_add(self.after.len()))
            .finish_non_exhaustive()
    }
}
