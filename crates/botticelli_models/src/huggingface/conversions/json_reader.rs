//! A fast reader of ordinary JSON.
//!
//! It gives a visitor the same values as `serde_json`, but searches the end of a text many bytes at a time, and copies the text
//! once. Anything that is not ordinary is left to `serde_json`, which then reads the whole JSON again: errors, deep nesting, keys
//! with escapes, and numbers other than whole ones.

use super::json_string::{string_end, unescape};
use crate::huggingface::dto::{ReadFields, fill};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;
use std::fmt;

/// Maximum depth of lists and objects. Responses of models have about ten levels.
const MAX_DEPTH: u8 = 64;

/// Reads ordinary JSON into `target`. Returns `false` for any other text.
pub(super) fn read(text: &str, target: &mut impl ReadFields) -> bool {
    let mut reader = Reader { rest: text, depth: 0 };
    if fill(target, &mut reader).is_err() {
        return false;
    }
    reader.skip_blanks();
    reader.rest.is_empty()
}

/// The JSON is not ordinary.
#[derive(Debug)]
struct NotOrdinary;

impl fmt::Display for NotOrdinary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the JSON is not ordinary")
    }
}

impl std::error::Error for NotOrdinary {}

impl Error for NotOrdinary {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

struct Reader<'de> {
    rest: &'de str,
    depth: u8,
}

impl<'de> Reader<'de> {
    fn skip_blanks(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', ..] = self.rest.as_bytes() {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
    }

    /// Returns the next byte that is not blank, without reading it.
    fn peek(&mut self) -> Result<u8, NotOrdinary> {
        // Most JSON has no blanks.
        match self.rest.as_bytes().first() {
            Some(byte) if *byte > b' ' => Ok(*byte),
            _ => {
                self.skip_blanks();
                self.rest.as_bytes().first().copied().ok_or(NotOrdinary)
            }
        }
    }

    /// Reads `expected`, which comes next.
    #[inline]
    fn read(&mut self, expected: &str) -> Result<(), NotOrdinary> {
        self.rest = self.rest.strip_prefix(expected).ok_or(NotOrdinary)?;
        Ok(())
    }

    fn string(&mut self) -> Result<Cow<'de, str>, NotOrdinary> {
        self.read("\"")?;
        let (end, is_plain) = string_end(self.rest.as_bytes()).ok_or(NotOrdinary)?;
        let (string, rest) = self.rest.split_at_checked(end).ok_or(NotOrdinary)?;
        self.rest = rest;
        self.read("\"")?;
        Ok(if is_plain { Cow::Borrowed(string) } else { Cow::Owned(unescape(string).ok_or(NotOrdinary)?) })
    }

    fn whole_number(&mut self) -> Result<u64, NotOrdinary> {
        let mut number = 0_u64;
        let mut length = 0_usize;
        for digit in self.rest.bytes().take_while(u8::is_ascii_digit) {
            let shifted = number.checked_mul(10).ok_or(NotOrdinary)?;
            number = shifted.checked_add(u64::from(digit.saturating_sub(b'0'))).ok_or(NotOrdinary)?;
            length = length.saturating_add(1);
        }
        let has_leading_zero = length > 1 && self.rest.starts_with('0');
        self.rest = self.rest.get(length..).unwrap_or_default();
        match self.rest.as_bytes() {
            [b'.' | b'e' | b'E', ..] => Err(NotOrdinary),
            _ if has_leading_zero => Err(NotOrdinary),
            _ => Ok(number),
        }
    }

    /// Reads the items of a list or an object with `read`, and its end.
    fn items<T>(
        &mut self,
        end: u8,
        read: impl FnOnce(&mut Items<'_, 'de>) -> Result<T, NotOrdinary>,
    ) -> Result<T, NotOrdinary> {
        self.rest = self.rest.get(1..).unwrap_or_default();
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(NotOrdinary);
        }
        let mut items = Items { reader: self, end, is_first: true, has_ended: false };
        let value = read(&mut items)?;
        let has_ended = items.has_ended;
        self.depth = self.depth.saturating_sub(1);
        if has_ended { Ok(value) } else { Err(NotOrdinary) }
    }
}

/// The items of a list or an object.
struct Items<'r, 'de> {
    reader: &'r mut Reader<'de>,
    end: u8,
    is_first: bool,
    has_ended: bool,
}

impl Items<'_, '_> {
    /// Moves to the next item. Returns `false` at the end.
    fn advance(&mut self) -> Result<bool, NotOrdinary> {
        if self.has_ended {
            return Ok(false);
        }
        if self.reader.peek()? == self.end {
            self.reader.rest = self.reader.rest.get(1..).unwrap_or_default();
            self.has_ended = true;
        } else if !std::mem::take(&mut self.is_first) {
            self.reader.read(",")?;
        }
        Ok(!self.has_ended)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = NotOrdinary;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, NotOrdinary> {
        if self.advance()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = NotOrdinary;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, NotOrdinary> {
        if !self.advance()? {
            return Ok(None);
        }
        self.reader.peek()?;
        match self.reader.string()? {
            Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some),
            Cow::Owned(_) => Err(NotOrdinary),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, NotOrdinary> {
        self.reader.peek()?;
        self.reader.read(":")?;
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = NotOrdinary;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotOrdinary> {
        match self.peek()? {
            b'"' => match self.string()? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            b'{' => self.items(b'}', |items| visitor.visit_map(items)),
            b'[' => self.items(b']', |items| visitor.visit_seq(items)),
            b'0'..=b'9' => visitor.visit_u64(self.whole_number()?),
            b'n' => self.read("null").and_then(|()| visitor.visit_unit()),
            b't' => self.read("true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.read("false").and_then(|()| visitor.visit_bool(false)),
            _ => Err(NotOrdinary),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotOrdinary> {
        match self.peek()? {
            b'n' => self.read("null").and_then(|()| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, NotOrdinary> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, NotOrdinary> {
        Err(NotOrdinary)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}
