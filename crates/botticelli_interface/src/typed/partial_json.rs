//! Incomplete JSON.

use super::escape::Escape;
use serde_json::{Map, Number, Value};

/// A parser for incomplete JSON, which returns the value so far at any time.
///
/// Open strings, arrays and objects are included up to the current position. A number, a key, or a literal such as `true` is
/// included when it is complete. Each value is a prefix of the next one, unless the JSON repeats a key.
///
/// Parsing takes linear time for any division into pieces. [`value`](Self::value) returns a copy.
///
/// ```
/// use botticelli_interface::PartialJson;
/// use serde_json::json;
///
/// let mut json = PartialJson::default();
/// json.push(r#"{"title": "Dinner", "guests": ["Ada", "Gr"#);
/// assert_eq!(json.value(), Some(json!({"title": "Dinner", "guests": ["Ada", "Gr"]})));
/// json.push(r#"ace"], "seats": 1"#);
/// assert_eq!(json.value(), Some(json!({"title": "Dinner", "guests": ["Ada", "Grace"]})));
/// json.push("2}");
/// assert_eq!(json.value(), Some(json!({"title": "Dinner", "guests": ["Ada", "Grace"], "seats": 12})));
/// ```
#[derive(Clone, Debug, Default)]
pub struct PartialJson {
    open: Vec<Open>,
    expected: Expected,
    token: Token,
    whole: Option<Value>,
    is_broken: bool,
    version: u64,
}

/// An open array or object.
#[derive(Clone, Debug)]
enum Open {
    List(Vec<Value>),
    Object(Map<String, Value>, Option<String>),
}

/// The expected token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expected {
    #[default]
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// An incomplete token.
#[derive(Clone, Debug, Default)]
enum Token {
    #[default]
    None,
    Text {
        text: String,
        escape: Escape,
        is_key: bool,
    },
    Number(String),
    Word(String),
}

/// The maximum nesting depth, the same as in `serde_json`.
const MAX_DEPTH: usize = 127;

impl PartialJson {
    /// Parses the next piece of text.
    ///
    /// Text after the end of the value, or after invalid JSON, is ignored.
    pub fn push(&mut self, text: &str) {
        for c in text.chars() {
            if self.is_broken || self.whole.is_some() {
                return;
            }
            if self.step(c).is_none() {
                self.is_broken = true;
            }
        }
    }

    /// Returns whether the value is complete. A top-level number is complete only after another character.
    pub fn is_complete(&self) -> bool {
        self.whole.is_some()
    }

    /// Returns whether the text is invalid JSON. The value ends before the invalid character.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Returns a number that grows whenever [`value`](Self::value) changes.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns the value so far; `None` before it starts.
    pub fn value(&self) -> Option<Value> {
        if let Some(whole) = &self.whole {
            return Some(whole.clone());
        }
        let mut inner = match &self.token {
            Token::Text { text, is_key: false, .. } => Some(Value::String(text.clone())),
            _ => None,
        };
        for open in self.open.iter().rev() {
            inner = Some(match open {
                Open::List(items) => Value::Array(items.iter().cloned().chain(inner).collect()),
                Open::Object(fields, key) => {
                    let mut fields = fields.clone();
                    if let (Some(key), Some(inner)) = (key, inner) {
                        fields.insert(key.clone(), inner);
                    }
                    Value::Object(fields)
                }
            });
        }
        inner
    }

    /// Parses a character; returns `None` if it is invalid at this position.
    fn step(&mut self, c: char) -> Option<()> {
        match std::mem::take(&mut self.token) {
            Token::Text { mut text, escape, is_key } => {
                if c == '"' && escape == Escape::None {
                    return if is_key { self.key(text) } else { self.put(Value::String(text)) };
                }
                let before = text.len();
                let Some(escape) = escape.step(c, &mut text) else {
                    // The text before the invalid character stays.
                    self.token = Token::Text { text, escape, is_key };
                    return None;
                };
                if text.len() > before && !is_key {
                    self.changed();
                }
                self.token = Token::Text { text, escape, is_key };
                Some(())
            }
            Token::Number(mut digits) if matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E') => {
                digits.push(c);
                self.token = Token::Number(digits);
                Some(())
            }
            Token::Number(digits) => {
                if !self.may_end_a_value(c) {
                    return None;
                }
                self.put(Value::Number(serde_json::from_str::<Number>(&digits).ok()?))?;
                if self.whole.is_some() { Some(()) } else { self.between(c) }
            }
            Token::Word(mut word) => {
                word.push(c);
                match word.as_str() {
                    "true" => self.put(true.into()),
                    "false" => self.put(false.into()),
                    "null" => self.put(Value::Null),
                    _ => {
                        let is_beginning =
                            ["true", "false", "null"].iter().any(|whole| whole.starts_with(&word));
                        self.token = Token::Word(word);
                        is_beginning.then_some(())
                    }
                }
            }
            Token::None => self.between(c),
        }
    }

    /// Parses a character between tokens.
    fn between(&mut self, c: char) -> Option<()> {
        use Expected::{Colon, CommaOrEnd, Key, KeyOrEnd, Value, ValueOrEnd};
        match (c, self.expected) {
            (' ' | '\t' | '\n' | '\r', _) => Some(()),
            ('{', Value | ValueOrEnd) => self.enter(Open::Object(Map::new(), None), KeyOrEnd),
            ('[', Value | ValueOrEnd) => self.enter(Open::List(Vec::new()), ValueOrEnd),
            ('"', Value | ValueOrEnd | Key | KeyOrEnd) => {
                let is_key = matches!(self.expected, Key | KeyOrEnd);
                self.token = Token::Text { text: String::new(), escape: Escape::None, is_key };
                if !is_key {
                    self.changed();
                }
                Some(())
            }
            ('-' | '0'..='9', Value | ValueOrEnd) => {
                self.token = Token::Number(c.into());
                Some(())
            }
            ('t' | 'f' | 'n', Value | ValueOrEnd) => {
                self.token = Token::Word(c.into());
                Some(())
            }
            (':', Colon) => {
                self.expected = Value;
                Some(())
            }
            (',', CommaOrEnd) => {
                self.expected = if matches!(self.open.last()?, Open::List(_)) { Value } else { Key };
                Some(())
            }
            (']', ValueOrEnd | CommaOrEnd) if matches!(self.open.last()?, Open::List(_)) => self.leave(),
            ('}', KeyOrEnd | CommaOrEnd) if matches!(self.open.last()?, Open::Object(..)) => self.leave(),
            _ => None,
        }
    }

    /// Returns whether this character may follow a number.
    fn may_end_a_value(&self, c: char) -> bool {
        match c {
            ' ' | '\t' | '\n' | '\r' => true,
            ',' => !self.open.is_empty(),
            ']' => matches!(self.open.last(), Some(Open::List(_))),
            '}' => matches!(self.open.last(), Some(Open::Object(..))),
            _ => false,
        }
    }

    fn enter(&mut self, open: Open, expected: Expected) -> Option<()> {
        self.open.push(open);
        self.expected = expected;
        self.changed();
        (self.open.len() <= MAX_DEPTH).then_some(())
    }

    fn leave(&mut self) -> Option<()> {
        let version = self.version;
        let closed = match self.open.pop()? {
            Open::List(items) => Value::Array(items),
            Open::Object(fields, _) => Value::Object(fields),
        };
        self.put(closed)?;
        // Closing changes nothing in the value.
        self.version = version;
        Some(())
    }

    fn key(&mut self, text: String) -> Option<()> {
        let Open::Object(_, key) = self.open.last_mut()? else { return None };
        *key = Some(text);
        self.expected = Expected::Colon;
        Some(())
    }

    /// Adds a complete value to the innermost open array or object.
    fn put(&mut self, value: Value) -> Option<()> {
        // A string changed the value while it grew.
        if !value.is_string() {
            self.changed();
        }
        match self.open.last_mut() {
            None => self.whole = Some(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Object(fields, key)) => {
                fields.insert(key.take()?, value);
            }
        }
        self.expected = Expected::CommaOrEnd;
        Some(())
    }

    fn changed(&mut self) {
        self.version = self.version.wrapping_add(1);
    }
}
