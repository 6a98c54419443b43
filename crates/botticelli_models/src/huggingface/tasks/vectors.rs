//! Numbers in nested lists, read without an intermediate value.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::value::Error as ValueError;
use serde::de::{
    Deserialize, Deserializer, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use std::fmt;

/// Floats in lists of any depth. A list is read as floats if its first entry is a number.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Nested {
    Number(f32),
    Vector(Vec<f32>),
    Lists(Vec<Nested>),
    /// An object with an `embedding`, and with its `index` if it has one.
    Entry(Option<usize>, Box<Nested>),
}

/// A float that servers write as a number, or as null if it is not finite.
struct Float(f32);

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Floats;

        impl Visitor<'_> for Floats {
            type Value = Float;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Float, E> {
                single(number).map(Float)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Float, E> {
                single(number).map(Float)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Float, E> {
                single(number).map(Float)
            }

            fn visit_unit<E: Error>(self) -> Result<Float, E> {
                Ok(Float(f32::NAN))
            }
        }

        deserializer.deserialize_any(Floats)
    }
}

/// The index of an entry, which servers write as a number or a text. Anything else counts as missing.
struct Index(Option<usize>);

impl<'de> Deserialize<'de> for Index {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(usize),
            Float(f64),
            Text(String),
            Other(IgnoredAny),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Whole(number) => Some(number),
            // A whole number has the same digits without a fraction.
            Written::Float(number) => format!("{number:.0}").parse().ok().filter(|_| number.fract() == 0.0),
            Written::Text(text) => text.parse().ok(),
            Written::Other(_) => None,
        }))
    }
}

/// Returns a number in single precision. Serde converts it, because a cast is not allowed here.
fn single<'de, T: IntoDeserializer<'de, ValueError>, E: Error>(number: T) -> Result<f32, E> {
    f32::deserialize(number.into_deserializer()).map_err(E::custom)
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lists;

        impl<'de> Visitor<'de> for Lists {
            type Value = Nested;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("numbers, lists of numbers, base64, or objects with an embedding")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Nested, E> {
                single(number).map(Nested::Number)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Nested, E> {
                single(number).map(Nested::Number)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Nested, E> {
                single(number).map(Nested::Number)
            }

            fn visit_unit<E: Error>(self) -> Result<Nested, E> {
                Ok(Nested::Number(f32::NAN))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Nested, E> {
                let bytes = STANDARD.decode(text).map_err(|_| E::custom("the text is not base64"))?;
                let (floats, rest) = bytes.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err(E::custom("the base64 is not a list of 32-bit floats"));
                }
                Ok(Nested::Vector(floats.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Nested, A::Error> {
                let (mut index, mut embedding) = (None, None);
                while let Some(key) = object.next_key::<String>()? {
                    match key.as_str() {
                        "index" => index = object.next_value::<Index>()?.0,
                        "embedding" => embedding = Some(object.next_value()?),
                        _ => drop(object.next_value::<IgnoredAny>()?),
                    }
                }
                let embedding = embedding.ok_or_else(|| A::Error::missing_field("embedding"))?;
                Ok(Nested::Entry(index, Box::new(embedding)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Nested, A::Error> {
                match list.next_element::<Nested>()? {
                    None => Ok(Nested::Vector(Vec::new())),
                    Some(Nested::Number(first)) => {
                        // 1,024 is a usual size of embeddings.
                        let mut floats = Vec::with_capacity(1_024);
                        floats.push(first);
                        while let Some(Float(number)) = list.next_element()? {
                            floats.push(number);
                        }
                        floats.shrink_to_fit();
                        Ok(Nested::Vector(floats))
                    }
                    Some(first) => {
                        let mut lists = vec![first];
                        while let Some(next) = list.next_element::<Nested>()? {
                            lists.push(next);
                        }
                        Ok(Nested::Lists(lists))
                    }
                }
            }
        }

        deserializer.deserialize_any(Lists)
    }
}
