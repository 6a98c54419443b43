//! First check of a body: a JSON object without null fields at the top level.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

/// The part of a body that the router reads first.
pub(crate) struct Envelope {
    /// The field `model`, of any type.
    pub(crate) model: Option<Value>,
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NoNulls)
    }
}

struct NoNulls;

impl<'de> Visitor<'de> for NoNulls {
    type Value = Envelope;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("struct ChatRequest")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope, A::Error> {
        let mut model = None;
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if value.is_null() {
                return Err(A::Error::custom(format!("{name}: invalid type: null, expected a value")));
            }
            if name == "model" {
                model = Some(value);
            }
        }
        Ok(Envelope { model })
    }
}
