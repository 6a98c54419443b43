//! Objects that are read in place.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;

/// An object that is read field by field. Unset fields have their defaults.
pub(in crate::huggingface) trait ReadFields: Default {
    fn read_fields<'de, A: MapAccess<'de>>(&mut self, object: A) -> Result<(), A::Error>;
}

/// An object in a box. It is read there, because a large object is expensive to move.
#[derive(Debug, Default)]
pub(in crate::huggingface) struct Filled<T>(pub(in crate::huggingface) Box<T>);

impl<'de, T: ReadFields> Deserialize<'de> for Filled<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = Box::<T>::default();
        fill(&mut *object, deserializer)?;
        Ok(Self(object))
    }
}

/// Reads an object into `target`.
pub(in crate::huggingface::dto) fn fill<'de, T: ReadFields, D: Deserializer<'de>>(
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
