//! JSON as raw text.

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Writes JSON as text while reading it. A tree would take 50 times as much memory.
pub(super) struct RawJson<'a>(pub(super) &'a mut String);

impl RawJson<'_> {
    fn put<E: Error>(self, value: &(impl Serialize + ?Sized)) -> Result<(), E> {
        self.0.push_str(&serde_json::to_string(value).map_err(E::custom)?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for RawJson<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RawJson<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.put(&())
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.put(&flag)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.put(&number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.put(&number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.put(&number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.push('[');
        let mut end = self.0.len();
        while list.next_element_seed(RawJson(self.0))?.is_some() {
            end = self.0.len();
            self.0.push(',');
        }
        self.0.truncate(end);
        self.0.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        self.0.push('{');
        let mut end = self.0.len();
        while object.next_key_seed(RawJson(self.0))?.is_some() {
            self.0.push(':');
            object.next_value_seed(RawJson(self.0))?;
            end = self.0.len();
            self.0.push(',');
        }
        self.0.truncate(end);
        self.0.push('}');
        Ok(())
    }
}
