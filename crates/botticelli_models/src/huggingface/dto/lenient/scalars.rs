//! Words, numbers and flags.

use super::Any;
use super::Read;
use super::read;
use serde::de::{Deserializer, IgnoredAny, MapAccess};

struct Word(String);

impl Read for Word {
    fn text(text: String) -> Option<Self> {
        Some(Self(text))
    }

    fn whole(number: u64) -> Option<Self> {
        Some(Self(number.to_string()))
    }
}

/// Reads a string, or a whole number as one.
pub(in crate::huggingface::dto) fn word<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(read::<Word, D>(deserializer)?.map(|word| word.0))
}

struct Reason(String);

impl Read for Reason {
    fn text(text: String) -> Option<Self> {
        Some(Self(text))
    }

    /// Reads SGLang's format: `{"type": "abort", "message": "..."}`.
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        let mut kind = None;
        while let Some(key) = object.next_key::<String>()? {
            if key == "type" {
                kind = object.next_value::<Any<Word>>()?.0.map(|word| Self(word.0)).or(kind);
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(kind)
    }
}

/// Reads a finish reason: a string, or an object with a `type`.
pub(in crate::huggingface::dto) fn reason<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(read::<Reason, D>(deserializer)?.map(|reason| reason.0))
}

struct Count(u64);

impl Read for Count {
    fn whole(number: u64) -> Option<Self> {
        Some(Self(number))
    }

    fn float(number: f64) -> Option<Self> {
        // Via the decimal text, because a cast would also accept negative and huge numbers.
        (number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok().map(Self)).flatten()
    }

    fn text(text: String) -> Option<Self> {
        let text = text.trim();
        text.parse().ok().map(Self).or_else(|| text.parse().ok().and_then(Self::float))
    }
}

/// Reads a number of tokens: an integer, a float without a fraction, or either as a string.
pub(in crate::huggingface::dto) fn count<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
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

/// Reads any number, also as a string.
pub(in crate::huggingface::dto) fn number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<f64>, D::Error> {
    Ok(read::<Number, D>(deserializer)?.map(|number| number.0))
}

struct Flag(bool);

impl Read for Flag {
    fn flag(flag: bool) -> Option<Self> {
        Some(Self(flag))
    }
}

/// Reads a boolean; `None` for other types.
pub(in crate::huggingface::dto) fn flag<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    Ok(read::<Flag, D>(deserializer)?.map(|flag| flag.0))
}
