//! Objects and lists of objects.

use super::fill::ReadFields;
use super::read::Read;
use super::read::read;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess};

struct Object<T>(T);

impl<T: DeserializeOwned> Read for Object<T> {
    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|object| Some(Self(object)))
    }
}

/// Reads an object; `None` for other types.
pub(in crate::huggingface::dto) fn object<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<T>, D::Error> {
    Ok(read::<Object<T>, D>(d)?.map(|object| object.0))
}

struct Boxed<T>(Box<T>);

impl<T: ReadFields> Read for Boxed<T> {
    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        let mut target = Box::<T>::default();
        target.read_fields(object)?;
        Ok(Some(Self(target)))
    }
}

/// Reads an object into a box; `None` for other types.
pub(in crate::huggingface::dto) fn boxed<'de, T: ReadFields, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<Box<T>>, D::Error> {
    Ok(read::<Boxed<T>, D>(d)?.map(|boxed| boxed.0))
}

/// Maximum weight of a list's elements. An empty object takes 3 bytes on the wire and 100 in memory.
pub(super) const MAX_WEIGHT: usize = 16_384;

/// Weight of a list element, including the lists inside it.
pub(in crate::huggingface::dto) trait Weigh {
    fn weight(&self) -> usize {
        1
    }
}

struct List<T>(Vec<T>);

/// An element of a list; `None` if it is not an object.
struct Element<T>(Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

impl<T: DeserializeOwned + Weigh> Read for List<T> {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut objects = Vec::new();
        let mut weight = 0_usize;
        while let Some(Element::<T>(element)) = list.next_element()? {
            weight = weight.saturating_add(element.as_ref().map_or(0, Weigh::weight));
            if weight > MAX_WEIGHT {
                return Err(A::Error::custom("a list has more elements than any response"));
            }
            objects.extend(element);
        }
        Ok(Some(Self(objects)))
    }
}

/// Reads a list of objects and skips other elements; `None` for other types.
pub(in crate::huggingface::dto) fn list<'de, T: DeserializeOwned + Weigh, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<Vec<T>>, D::Error> {
    Ok(read::<List<T>, D>(d)?.map(|list| list.0))
}

/// Reads a list of objects and skips other elements.
pub(in crate::huggingface::dto) fn objects<'de, T: DeserializeOwned + Weigh, D: Deserializer<'de>>(
    d: D,
) -> Result<Vec<T>, D::Error> {
    Ok(list(d)?.unwrap_or_default())
}

struct OneOrMore<T>(Vec<T>);

impl<T: DeserializeOwned + Weigh> Read for OneOrMore<T> {
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        Ok(List::list(list)?.map(|list| Self(list.0)))
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        Ok(Object::object(object)?.map(|object| Self(vec![object.0])))
    }
}

/// Reads a list of objects, or a single object in place of the list.
pub(in crate::huggingface::dto) fn one_or_more<'de, T: DeserializeOwned + Weigh, D: Deserializer<'de>>(
    d: D,
) -> Result<Vec<T>, D::Error> {
    Ok(read::<OneOrMore<T>, D>(d)?.map(|list| list.0).unwrap_or_default())
}
