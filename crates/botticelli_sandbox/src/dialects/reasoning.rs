//! The thoughts of a model under their two names.

use serde::Serialize;

use super::tool_calls::Maybe;
use crate::catalog::Home;

#[derive(Default, Serialize)]
pub(super) struct Thoughts {
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<Maybe<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Maybe<String>>,
}

impl Thoughts {
    /// Where they belong; without any, null in the same place.
    pub(super) fn of(home: Option<Home>, text: Option<String>) -> Self {
        let value = Some(text.map_or(Maybe::Null, Maybe::Some));
        match home {
            Some(Home::ReasoningContent) => Self { reasoning_content: value, reasoning: None },
            Some(Home::Reasoning) => Self { reasoning_content: None, reasoning: value },
            Some(Home::Tags) | None => Self::default(),
        }
    }

    /// The same; without any, nothing.
    pub(super) fn present(home: Option<Home>, text: Option<String>) -> Self {
        text.map_or(Self::default(), |text| Self::of(home, Some(text)))
    }
}
