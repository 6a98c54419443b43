//! Reading what servers write, not what they should write.
//!
//! Each function is for `#[serde(deserialize_with)]`. A value of an unexpected type reads as `None` (or an empty
//! list), because one odd field must not cost the whole answer.

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::Cell;
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
        let mut text = String::new();
        Written(&mut text).visit_map(object)?;
        Ok(Some(Self(text)))
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

/// The most that the elements of a list may weigh: an empty object takes 3 bytes on the wire and 100 in memory.
const MOST: usize = 16_384;

/// How much an element of a list counts, with the lists inside of it.
pub(super) trait Weigh {
    fn weight(&self) -> usize {
        1
    }
}

struct List<T>(Vec<T>);

/// An element of a list that may be no object.
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
            if weight > MOST {
                return Err(A::Error::custom("more elements in a list than an answer has"));
            }
            objects.extend(element);
        }
        Ok(Some(Self(objects)))
    }
}

/// A list of objects; anything else in it is passed over.
pub(super) fn objects<'de, T: DeserializeOwned + Weigh, D: Deserializer<'de>>(
    d: D,
) -> Result<Vec<T>, D::Error> {
    Ok(read::<List<T>, D>(d)?.map(|list| list.0).unwrap_or_default())
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

/// A list of objects, or one object where a list belongs.
pub(super) fn one_or_more<'de, T: DeserializeOwned + Weigh, D: Deserializer<'de>>(
    d: D,
) -> Result<Vec<T>, D::Error> {
    Ok(read::<OneOrMore<T>, D>(d)?.map(|list| list.0).unwrap_or_default())
}

struct Words(Vec<String>);

impl Read for Words {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut words = Vec::new();
        while let Some(Part(word)) = list.next_element()? {
            words.extend(word);
            if words.len() > MOST {
                return Err(A::Error::custom("more words in a list than an answer has"));
            }
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

/// Writes JSON down as it is read: a tree of it takes 50 times its bytes.
struct Written<'a>(&'a mut String);

impl Written<'_> {
    fn put<E: Error>(self, value: &(impl Serialize + ?Sized)) -> Result<(), E> {
        self.0.push_str(&serde_json::to_string(value).map_err(E::custom)?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Written<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Written<'_> {
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
        while list.next_element_seed(Written(self.0))?.is_some() {
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
        while object.next_key_seed(Written(self.0))?.is_some() {
            self.0.push(':');
            object.next_value_seed(Written(self.0))?;
            end = self.0.len();
            self.0.push(',');
        }
        self.0.truncate(end);
        self.0.push('}');
        Ok(())
    }
}

/// The most values that are kept of an error: more than any has, and few enough that they take no room.
const MOST_TOLD: usize = 4_096;

/// JSON of any shape: an error, as servers tell them. Of one that is a list without end, the beginning is kept.
#[derive(Debug)]
pub(in crate::huggingface) struct Told(pub(in crate::huggingface) Value);

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Kept { left: &Cell::new(MOST_TOLD), depth: 0 }.deserialize(deserializer).map(Self)
    }
}

/// An error in any of its shapes; `null` is none.
pub(super) fn told<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Ok(Some(Told::deserialize(deserializer)?.0).filter(|value| !value.is_null()))
}

/// The most fields that are kept of an error, and of the error in it, whatever lists stand before them: the words may come last.
const MOST_FIELDS: usize = 64;

/// Keeps values as long as some are left.
#[derive(Clone, Copy)]
struct Kept<'a> {
    left: &'a Cell<usize>,
    /// In how many lists and objects it stands.
    depth: usize,
}

impl Kept<'_> {
    /// Whether one more may be kept.
    fn one_more(self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    fn inside(self) -> Self {
        Self { depth: self.depth.saturating_add(1), ..self }
    }
}

impl<'de> DeserializeSeed<'de> for Kept<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Kept<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut kept = Vec::new();
        while self.one_more() {
            match list.next_element_seed(self.inside())? {
                Some(value) => kept.push(value),
                None => return Ok(kept.into()),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(kept.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut kept = serde_json::Map::new();
        let mut fields = if self.depth < 2 { MOST_FIELDS } else { 0 };
        while fields > 0 || self.one_more() {
            fields = fields.saturating_sub(1);
            match object.next_key()? {
                Some(key) => {
                    let value = object.next_value_seed(self.inside())?;
                    kept.insert(key, value)
                }
                None => return Ok(kept.into()),
            };
        }
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(kept.into())
    }
}
