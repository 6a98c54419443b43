//! Rows in JSON.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// Parses an object. Only the values of `names` are kept, or all of them.
///
/// Every value is checked, kept or not, so that a row is valid for each selection or for none.
pub(crate) fn parse(text: &str, names: Option<&[String]>) -> Result<Map<String, Value>, String> {
    read(text, Keep::Only(names))
}

/// Checks an object without building its values.
pub(crate) fn check(text: &str) -> Result<(), String> {
    read(text, Keep::Nothing).map(drop)
}

fn read(text: &str, keep: Keep<'_>) -> Result<Map<String, Value>, String> {
    let exact = with_long_integers_as_text(text);
    let mut deserializer = serde_json::Deserializer::from_str(&exact);
    deserializer
        .deserialize_map(ObjectVisitor { keep })
        .and_then(|columns| deserializer.end().map(|()| columns))
        .map_err(|error| reason(text, &error))
}

/// Returns a reason without the line, which is always 1 here, and with a hint for common mistakes.
fn reason(text: &str, error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let hint = match () {
        () if message.contains("lone leading surrogate") || message.contains("hex escape") => {
            "; half of a surrogate pair is not text"
        }
        () if error.is_data() => "",
        () if text.contains("NaN") || text.contains("Infinity") => {
            "; NaN and Infinity are not JSON, write null"
        }
        () if text.contains('\r') => "; a line ends with LF or CRLF, not with CR alone",
        () if error.is_eof() => "; an object must be on one line",
        () => "",
    };
    match error.column() {
        0 => format!("{message}{hint}"),
        column => format!("{message} at column {column}{hint}"),
    }
}

#[derive(Clone, Copy)]
enum Keep<'a> {
    Nothing,
    Only(Option<&'a [String]>),
}

struct ObjectVisitor<'a> {
    keep: Keep<'a>,
}

impl<'de> Visitor<'de> for ObjectVisitor<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut columns = Map::new();
        let mut names = Names::default();
        while let Some(name) = entries.next_key_seed(Name)? {
            let is_kept = match self.keep {
                Keep::Nothing => false,
                Keep::Only(names) => names.is_none_or(|names| names.iter().any(|kept| *kept == name)),
            };
            if is_kept {
                columns.insert(name.clone().into_owned(), entries.next_value()?);
            } else {
                entries.next_value_seed(Checked)?;
            }
            if let Some(name) = names.insert(name) {
                return Err(A::Error::custom(format!("the key `{name}` occurs twice")));
            }
        }
        Ok(columns)
    }
}

/// The keys of an object so far. A search in a short list is faster than a hash.
#[derive(Default)]
struct Names<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Names<'de> {
    const FEW: usize = 16;

    /// Adds a key. Returns it if the object has it already.
    fn insert(&mut self, name: Cow<'de, str>) -> Option<Cow<'de, str>> {
        if self.many.is_empty() {
            if self.few.contains(&name) {
                return Some(name);
            }
            self.few.push(name);
            if self.few.len() > Self::FEW {
                self.many.extend(self.few.drain(..));
            }
            return None;
        }
        if self.many.contains(&name) {
            return Some(name);
        }
        self.many.insert(name);
        None
    }
}

/// A key, borrowed if it has no escape.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// A value that is parsed and dropped. `IgnoredAny` would accept invalid escapes and numbers.
struct Checked;

impl<'de> DeserializeSeed<'de> for Checked {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Checked)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while entries.next_key_seed(Checked)?.is_some() {
            entries.next_value_seed(Checked)?;
        }
        Ok(())
    }
}

/// Puts integers of more than 64 bits into quotes. As numbers, they would lose digits.
fn with_long_integers_as_text(text: &str) -> Cow<'_, str> {
    if !has_long_integer(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut exact = String::with_capacity(text.len().saturating_add(16));
    let mut rest = text;
    let mut in_string = false;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\\' if in_string => rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end),
            '-' | '0'..='9' if !in_string => rest
                .find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
                .unwrap_or(rest.len()),
            _ => {
                in_string ^= first == '"';
                first.len_utf8()
            }
        };
        let (token, after) = rest.split_at(end);
        let is_long = !in_string && is_long_integer(token);
        exact.push_str(if is_long { "\"" } else { "" });
        exact.push_str(token);
        exact.push_str(if is_long { "\"" } else { "" });
        rest = after;
    }
    Cow::Owned(exact)
}

/// Returns whether as many digits follow each other as the smallest integer of more than 64 bits has.
fn has_long_integer(text: &[u8]) -> bool {
    let mut digits = 0_u32;
    text.iter().any(|byte| {
        digits = if byte.is_ascii_digit() { digits.saturating_add(1) } else { 0 };
        digits >= 19
    })
}

fn is_long_integer(token: &str) -> bool {
    let digits = token.strip_prefix('-').unwrap_or(token);
    !digits.is_empty()
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && token.parse::<u64>().is_err()
        && token.parse::<i64>().is_err()
}
