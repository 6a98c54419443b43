//! Text, in a string or in parts.

use super::objects::MOST;
use super::written::Written;
use super::{Read, read};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

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
            // OpenAI's newer form, and a refusal among the parts.
            let is_text = matches!(key.as_str(), "text" | "content" | "refusal");
            if is_text && found.is_none() {
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
pub(in crate::huggingface::dto) fn text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
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

    // None of these is what a function takes, and the model has to be told so: nothing is not the same.
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        let mut text = String::new();
        Written(&mut text).visit_seq(list)?;
        Ok(Some(Self(text)))
    }

    fn flag(flag: bool) -> Option<Self> {
        Some(Self(flag.to_string()))
    }

    fn whole(number: u64) -> Option<Self> {
        Some(Self(number.to_string()))
    }

    fn float(number: f64) -> Option<Self> {
        Some(Self(number.to_string()))
    }
}

/// Arguments of a call: their text, also where a server writes them as an object.
pub(in crate::huggingface::dto) fn arguments<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(read::<Arguments, D>(deserializer)?.map(|arguments| arguments.0))
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
pub(in crate::huggingface::dto) fn words<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    Ok(read::<Words, D>(deserializer)?.map(|words| words.0).unwrap_or_default())
}
