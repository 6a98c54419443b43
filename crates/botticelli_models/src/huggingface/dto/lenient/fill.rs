//! Objects that are read in place, because a large object is expensive to move.

use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;

/// An object that is read field by field. Unset fields have their defaults.
pub(in crate::huggingface) trait ReadFields: Default {
    fn read_fields<'de, A: MapAccess<'de>>(&mut self, object: A) -> Result<(), A::Error>;
}

/// Reads an object into `target`.
pub(in crate::huggingface) fn fill<'de, T: ReadFields, D: Deserializer<'de>>(
    target: &mut T,
    deserializer: D,
) -> Result<(), D::Error> {
    deserializer.deserialize_map(Fields(target))
}

struct Fields<'a, T>(&'a mut T);

impl<'de, T: ReadFields> Visitor<'de> for Fields<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.0.read_fields(object)
    }
}
