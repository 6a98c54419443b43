//! What servers of one protocol want differently.

use botticelli_core::AuthConfig;
use botticelli_error::{BotticelliError, ConfigError};
use std::fmt;
use std::str::FromStr;

/// Whose spelling of chat completions a server wants, where they differ.
///
/// The router takes OpenAI's for every provider behind it. It matters for a provider's own route and for a server of
/// one's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenAI's, as the router, vLLM, llama.cpp and most providers want it.
    #[default]
    OpenAi,
    /// text-generation-inference: another form of a schema, which it does not take beside tools; and no text beside the
    /// tool calls of a turn. A text is gone on with by its own API, `/generate`.
    Tgi,
    /// cohere and fireworks-ai: another form of a schema.
    SchemaInObject,
    /// together: another form of a schema.
    Together,
}

const NAMES: [(Dialect, &str); 4] = [
    (Dialect::OpenAi, "openai"),
    (Dialect::Tgi, "tgi"),
    (Dialect::SchemaInObject, "schema_in_object"),
    (Dialect::Together, "together"),
];

/// Its name in configuration files.
impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(dialect, _)| dialect == self).map(|(_, name)| *name);
        f.write_str(name.unwrap_or_default())
    }
}

impl FromStr for Dialect {
    type Err = BotticelliError;

    /// Reads its name in configuration files: `openai`, `tgi`, `schema_in_object` or `together`.
    fn from_str(name: &str) -> Result<Self, BotticelliError> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(dialect, _)| *dialect).ok_or_else(|| {
            let reason = format!("there is no dialect `{}`", AuthConfig::hide_tokens(name));
            let remedy = format!("accepted are `{}`", NAMES.map(|(_, name)| name).join("`, `"));
            ConfigError::new(reason, remedy).with_key("dialect").into()
        })
    }
}
