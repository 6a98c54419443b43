//! Keys of requests.

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

/// Key of a request: the first 16 bytes of a SHA-256 over its content.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct RowKey([u8; 16]);

impl RowKey {
    /// Returns the key of these parts. Their lengths are part of the hash, so that no two lists of parts have the same bytes.
    pub(crate) fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        Self(key)
    }

    /// Reads the text form: 32 hexadecimal digits.
    fn parse(text: &str) -> Option<Self> {
        let is_number = text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| is_number)?;
        Some(Self(number.to_be_bytes()))
    }

    /// Calls `read` with the text form: 32 hexadecimal digits.
    fn as_hex<T>(&self, read: impl FnOnce(&str) -> T) -> T {
        let mut text = [0; 32];
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        for (to, digit) in text.iter_mut().zip(digits) {
            *to = if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
        }
        read(std::str::from_utf8(&text).unwrap_or_default())
    }

    /// Returns a number that spreads keys evenly, the same on every machine.
    pub(crate) fn number(&self) -> u64 {
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(self.0) {
            *to = from;
        }
        u64::from_le_bytes(first)
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_hex(|text| f.write_str(text))
    }
}

impl fmt::Debug for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RowKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_hex(|text| serializer.serialize_str(text))
    }
}

impl<'de> Deserialize<'de> for RowKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = RowKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("32 hexadecimal digits")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RowKey, E> {
        RowKey::parse(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}
