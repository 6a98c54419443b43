//! Dialects of the chat completions protocol.

use botticelli_core::redact;
use botticelli_error::{BotticelliError, ConfigError};
use std::fmt;
use std::str::FromStr;

/// The dialect of chat completions that a server requires.
///
/// The router accepts OpenAI's dialect for every provider behind it. Other dialects are needed on a provider's own route, and for your
/// own server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenAI's dialect, which the router, vLLM, llama.cpp and most providers use.
    #[default]
    OpenAi,
    /// text-generation-inference. TGI has another format for a schema, and rejects a schema together with tools. TGI would drop
    /// the tool calls of a turn with text, so the driver omits that text. Text completions use its own API, `/generate`.
    Tgi,
    /// cohere and fireworks-ai, which have another format of a schema.
    SchemaInObject,
    /// together, which has another format of a schema.
    Together,
}

const NAMES: [(Dialect, &str); 4] = [
    (Dialect::OpenAi, "openai"),
    (Dialect::Tgi, "tgi"),
    (Dialect::SchemaInObject, "schema_in_object"),
    (Dialect::Together, "together"),
];

/// Writes the name in configuration files.
impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(dialect, _)| dialect == self).map(|(_, name)| *name);
        f.write_str(name.unwrap_or_default())
    }
}

impl FromStr for Dialect {
    type Err = BotticelliError;

    /// Parses the name in configuration files: `openai`, `tgi`, `schema_in_object` or `together`.
    fn from_str(name: &str) -> Result<Self, BotticelliError> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(dialect, _)| *dialect).ok_or_else(|| {
            let reason = format!("the dialect `{}` is unknown", redact::tokens(name));
            let remedy = format!("use one of `{}`", NAMES.map(|(_, name)| name).join("`, `"));
            ConfigError::new(reason, remedy).with_key("dialect").into()
        })
    }
}
