//! Reading what servers write, not what they should write.
//!
//! Each function is for `#[serde(deserialize_with)]`. A value of an unexpected type reads as `None` (or an empty
//! list), because one odd field must not cost the whole answer.

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// What to make of each JSON type; nothing, unless said otherwise.
trait Read: Sized {
    fn text(_text: String) -> Option<Self> {
        None
    }

    fn flag(_flag: bool) -> Option<Self> {
        None
    }

    fn whole(_number: u64) -> Option<Self> {
        None
    }

    fn float(_number: f64) -> Option<Self> {
        None
    }

    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Read> Visitor<'de> for Reader<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(T::flag(flag))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(T::whole(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(number).ok().and_then(T::whole))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(T::float(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(T::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        T::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        T::object(object)
    }
}

fn read<'de, T: Read, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_any(Reader(PhantomData))
}

struct Word(String);

impl Read for Word {
    fn text(text: String) -> Option<Self> {
        Some(Self(text))
    }

    fn whole(number: u64) -> Option<Self> {
        Some(Self(number.to_string()))
    }
}

/// A word: a string, or a whole number as one.
pub(super) fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(read::<Word, D>(deserializer)?.map(|word| word.0))
}

struct Count(u64);

impl Read for Count {
    fn whole(number: u64) -> Option<Self> {
        Some(Self(number))
    }

    fn float(number: f64) -> Option<Self> {
        // By way of the decimal text: a cast would make something of anything.
        (number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok().map(Self)).flatten()
    }

    fn text(text: String) -> Option<Self> {
        let text = text.trim();
        text.parse().ok().map(Self).or_else(|| text.parse().ok().and_then(Self::float))
    }
}

/// A number of tokens: an integer, a float without a fraction, or either as a string.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(read::<Count, D>(deserializer)?.map(|count| count.0))
}

struct Number(f64);

impl Read for Number {
    fn whole(number: u64) -> Option<Self> {
        number.to_string().parse().ok().map(Self)
    }

    fn float(number: f64) -> Option<Self> {
        Some(Self(number))
    }

    fn text(text: String) -> Option<Self> {
        text.trim().parse().ok().map(Self)
    }
}

/// A number of any kind.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(read::<Number, D>(deserializer)?.map(|number| number.0))
}

struct Flag(bool);

impl Read for Flag {
    fn flag(flag: bool) -> Option<Self> {
        Some(Self(flag))
    }
}

/// Yes or no; anything else is neither.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(read::<Flag, D>(deserializer)?.map(|flag| flag.0))
}

struct Text(String);

impl Read for Text {
    fn text(text: String) -> Option<Self> {
        Some(Self(text))
    }

    fn whole(number: u64) -> Option<Self> {
        Some(Self(number.to_string()))
    }

    fn float(number: f64) -> Option<Self> {
        Some(Self(number.to_string()))
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        Ok(Part::object(object)?.and_then(|part| part.0).map(Self))
    }

    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut joined = None;
        while let Some(part) = list.next_element::<Part>()? {
            if let Part(Some(text)) = part {
                joined.get_or_insert_with(String::new).push_str(&text);
            }
        }
        Ok(joined.map(Self))
    }
}

/// A string, or an object with a `text`.
struct Part(Option<String>);

impl Read for Part {
    fn text(text: String) -> Option<Self> {
        Some(Self(Some(text)))
    }

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        let mut found = None;
        while let Some(key) = object.next_key::<String>()? {
            if key == "text" {
                found = object.next_value::<Self>()?.0;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Some(Self(found)))
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(read(deserializer)?.unwrap_or(Self(None)))
    }
}

/// Text: a string, or a list of parts with text in them.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(read::<Text, D>(deserializer)?.map(|text| text.0))
}

struct Arguments(String);

impl Read for Arguments {
    fn text(text: String) -> Option<Self> {
        Some(Self(text))
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        let object = serde_json::Value::deserialize(MapAccessDeserializer::new(object))?;
        Ok(Some(Self(object.to_string())))
    }
}

/// Arguments of a call: their text, also where a server writes them as an object.
pub(super) fn arguments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(read::<Arguments, D>(deserializer)?.map(|arguments| arguments.0))
}

struct Object<T>(T);

impl<T: DeserializeOwned> Read for Object<T> {
    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|object| Some(Self(object)))
    }
}

/// An object; anything else is none.
pub(super) fn object<'de, T: DeserializeOwned, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    Ok(read::<Object<T>, D>(d)?.map(|object| object.0))
}

/// The most choices, or tool calls, of an answer: an empty object takes 3 bytes on the wire and 300 in memory.
const MOST: usize = 16_384;

struct List<T>(Vec<T>);

/// An element of a list that may be no object.
struct Element<T>(Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

impl<T: DeserializeOwned> Read for List<T> {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut objects = Vec::new();
        while let Some(Element(element)) = list.next_element()? {
            objects.extend(element);
            if objects.len() > MOST {
                return Err(A::Error::custom(format!("more than {MOST} elements in a list")));
            }
        }
        Ok(Some(Self(objects)))
    }
}

/// A list of objects; anything else in it is passed over.
pub(super) fn objects<'de, T: DeserializeOwned, D: Deserializer<'de>>(d: D) -> Result<Vec<T>, D::Error> {
    Ok(read::<List<T>, D>(d)?.map(|list| list.0).unwrap_or_default())
}

struct OneOrMore<T>(Vec<T>);

impl<T: DeserializeOwned> Read for OneOrMore<T> {
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        Ok(List::list(list)?.map(|list| Self(list.0)))
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        Ok(Object::object(object)?.map(|object| Self(vec![object.0])))
    }
}

/// A list of objects, or one object where a list belongs.
pub(super) fn one_or_more<'de, T: DeserializeOwned, D: Deserializer<'de>>(d: D) -> Result<Vec<T>, D::Error> {
    Ok(read::<OneOrMore<T>, D>(d)?.map(|list| list.0).unwrap_or_default())
}

struct Words(Vec<String>);

impl Read for Words {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut words = Vec::new();
        while let Some(Part(word)) = list.next_element()? {
            words.extend(word);
        }
        Ok(Some(Self(words)))
    }

    fn text(text: String) -> Option<Self> {
        Some(Self(vec![text]))
    }
}

/// A list of words; anything else in it is passed over.
pub(super) fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(read::<Words, D>(deserializer)?.map(|words| words.0).unwrap_or_default())
}
