//! The providers that drivers exist for.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Provider with a driver. Each requires the Cargo feature of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DriverKind {
    /// Hugging Face Inference: the router, or any server with the same API.
    HuggingFace,
    /// A GGUF model in this process.
    Gguf,
}

impl DriverKind {
    /// All providers.
    pub const ALL: &[Self] = &[Self::HuggingFace, Self::Gguf];

    /// Returns the name in configuration files, which is also the Cargo feature: `huggingface`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HuggingFace => "huggingface",
            Self::Gguf => "gguf",
        }
    }
}

impl fmt::Display for DriverKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
