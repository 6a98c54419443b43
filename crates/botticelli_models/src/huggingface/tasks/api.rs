//! The API of a server of tasks.

use botticelli_core::redact;
use botticelli_error::{BotticelliError, ConfigError};
use std::str::FromStr;

/// The API of a server of tasks. A driver derives it from the base URL and the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskApi {
    /// The router of Hugging Face: the provider of the driver or of the model's route, or else the first provider in the Hub's list that
    /// serves the model for the task.
    Router,
    /// One model at the base URL, with the requests of the router's provider `hf-inference`. Dedicated endpoints have this API.
    Endpoint,
    /// The API of OpenAI, and `/rerank` next to it: `/v1/embeddings`, `/v1/rerank`. llama.cpp, vLLM and others have this API.
    OpenAi,
    /// The native API of text-embeddings-inference: `/embed`, `/rerank`, `/predict`, `/similarity`.
    Tei,
}

impl FromStr for TaskApi {
    type Err = BotticelliError;

    /// Parses the name in a configuration file: `router`, `endpoint`, `openai` or `tei`.
    fn from_str(word: &str) -> Result<Self, BotticelliError> {
        Ok(match word {
            "router" => Self::Router,
            "endpoint" => Self::Endpoint,
            "openai" => Self::OpenAi,
            "tei" => Self::Tei,
            other => {
                let reason = format!("unknown API `{}`", redact::tokens(other));
                let remedy = "write \"router\", \"endpoint\", \"openai\" or \"tei\"";
                return Err(ConfigError::new(reason, remedy).with_key("api").into());
            }
        })
    }
}
