//! Text as a string or in parts.

use super::objects::MAX_WEIGHT;
use super::raw_json::RawJson;
use super::read::Any;
use super::read::Read;
use super::read::read;
use crate::huggingface::dto::HuggingFaceContentText;
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
        Ok(Part::object(object)?.and_then(Part::into_text).map(Self))
    }

    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut joined = None;
        while let Some(Any(part)) = list.next_element::<Any<Part>>()? {
            if let Some(text) = part.and_then(Part::into_text) {
                joined.get_or_insert_with(String::new).push_str(&text);
            }
        }
        Ok(joined.map(Self))
    }
}

/// A part of a text: a string, or an object with one.
#[derive(Default)]
struct Part {
    text: Option<String>,
    reasoning: Option<String>,
    refusal: Option<String>,
}

impl Part {
    /// Returns the texts of the part, joined.
    fn into_text(self) -> Option<String> {
        [self.reasoning, self.text, self.refusal].into_iter().flatten().reduce(|all, next| all + &next)
    }
}

/// Keeps the first non-empty text.
fn keep(target: &mut Option<String>, Any(text): Any<Part>) {
    if target.as_ref().is_none_or(String::is_empty) {
        *target = text.and_then(Part::into_text).or(target.take());
    }
}

impl Read for Part {
    fn text(text: String) -> Option<Self> {
        Some(Self { text: Some(text), ..Self::default() })
    }

    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut all = Self::default();
        while let Some(Any(part)) = list.next_element::<Any<Self>>()? {
            if let Some(text) = part.and_then(Self::into_text) {
                all.text.get_or_insert_default().push_str(&text);
            }
        }
        Ok(Some(all))
    }

    /// Reads the formats of OpenAI (`text`, `refusal`), Mistral and Anthropic (`thinking`), and OpenRouter (`reasoning.text`,
    /// `reasoning.summary`). A part whose type names reasoning is reasoning, whatever the key of its text is. Without such a
    /// type, the key decides.
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        let mut part = Self::default();
        let mut kind = None;
        while let Some(key) = object.next_key::<String>()? {
            let target = match key.as_str() {
                "type" => {
                    kind = object.next_value::<Any<Part>>()?.0.and_then(Part::into_text).or(kind);
                    continue;
                }
                "text" | "content" => &mut part.text,
                "thinking" | "reasoning" | "summary" => &mut part.reasoning,
                "refusal" => &mut part.refusal,
                _ => {
                    object.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            keep(target, object.next_value()?);
        }
        if kind.is_some_and(|kind| kind.contains("think") || kind.contains("reason")) {
            let reasoning = part.reasoning.filter(|text| !text.is_empty());
            part = Self { reasoning: reasoning.or(part.text), ..Self::default() };
        }
        Ok(Some(part))
    }
}

/// Text with reasoning in separate parts.
struct Content(HuggingFaceContentText);

impl Read for Content {
    fn text(text: String) -> Option<Self> {
        Some(Self(HuggingFaceContentText { text: Some(text), ..HuggingFaceContentText::default() }))
    }

    fn whole(number: u64) -> Option<Self> {
        Self::text(number.to_string())
    }

    fn float(number: f64) -> Option<Self> {
        Self::text(number.to_string())
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        let mut content = HuggingFaceContentText::default();
        content.extend(Part::object(object)?.unwrap_or_default());
        Ok(Some(Self(content)))
    }

    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut content = HuggingFaceContentText::default();
        while let Some(Any(part)) = list.next_element::<Any<Part>>()? {
            content.extend(part.unwrap_or_default());
        }
        Ok(Some(Self(content)))
    }
}

impl HuggingFaceContentText {
    fn extend(&mut self, part: Part) {
        let Part { text, reasoning, refusal } = part;
        for (all, next) in
            [(&mut self.text, text), (&mut self.reasoning, reasoning), (&mut self.refusal, refusal)]
        {
            match (all, next) {
                (Some(all), Some(next)) => all.push_str(&next),
                (all, next @ Some(_)) => *all = next,
                (_, None) => {}
            }
        }
    }
}

/// Reads the content of a message: a string, or a list of parts of which some are reasoning.
pub(in crate::huggingface::dto) fn content<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<HuggingFaceContentText>, D::Error> {
    Ok(read::<Content, D>(deserializer)?.map(|content| content.0))
}

/// Reads reasoning as a string or in parts (`reasoning_details`). All text in the parts counts as reasoning.
pub(in crate::huggingface::dto) fn reasoning<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    text(deserializer)
}

/// Reads text: a string, or a list of parts.
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
        RawJson(&mut text).visit_map(object)?;
        Ok(Some(Self(text)))
    }

    // These types are not valid arguments, but the model has to learn that, so they are kept as text.
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        let mut text = String::new();
        RawJson(&mut text).visit_seq(list)?;
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

/// Reads the arguments of a call as text, also if a server writes them as an object.
pub(in crate::huggingface::dto) fn arguments<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(read::<Arguments, D>(deserializer)?.map(|arguments| arguments.0))
}

struct Words(Vec<String>);

impl Read for Words {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut words = Vec::new();
        while let Some(Any(part)) = list.next_element::<Any<Part>>()? {
            words.extend(part.and_then(Part::into_text));
            if words.len() > MAX_WEIGHT {
                return Err(A::Error::custom("a list has more texts than any response"));
            }
        }
        Ok(Some(Self(words)))
    }

    fn text(text: String) -> Option<Self> {
        Some(Self(vec![text]))
    }
}

/// Reads a list of strings and skips other elements.
pub(in crate::huggingface::dto) fn words<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    Ok(read::<Words, D>(deserializer)?.map(|words| words.0).unwrap_or_default())
}
