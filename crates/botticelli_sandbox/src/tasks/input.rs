//! Inputs of tasks, and their limits.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error_response::{self, undeserializable, validation};
use crate::script::Script;

/// Maximum number of inputs of one request.
const MAX_BATCH: usize = 32;

/// Maximum number of tokens of one input.
const MAX_TOKENS: usize = 512;

/// One text, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Texts {
    pub(super) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

/// Parses a body.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Script> {
    serde_json::from_slice(body).map_err(|error| undeserializable(&error))
}

/// Rejects an empty list, an empty text, too many texts, and a long text unless it is truncated.
pub(super) fn check(texts: &[String], truncates: bool) -> Result<(), Script> {
    if texts.is_empty() || texts.iter().any(String::is_empty) {
        return Err(error_response::plain(400, "`inputs` cannot be empty"));
    }
    if texts.len() > MAX_BATCH {
        let count = texts.len();
        return Err(error_response::typed(
            &format!("batch size {count} > maximum allowed batch size {MAX_BATCH}"),
            "validation",
        ));
    }
    let longest = texts.iter().map(|text| text.split_whitespace().count()).max().unwrap_or(0);
    if longest > MAX_TOKENS && !truncates {
        let reason = format!("`inputs` must have less than {MAX_TOKENS} tokens. Given: {longest}");
        return Err(validation(&reason));
    }
    Ok(())
}
