//! Who is asked.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Who is asked. Each sits behind the Cargo feature of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DriverKind {
    /// Hugging Face Inference: its router, or any server that speaks the same dialect.
    HuggingFace,
}

impl DriverKind {
    /// All providers.
    pub const ALL: &[Self] = &[Self::HuggingFace];

    /// The name in configuration files, which is the Cargo feature's too: `huggingface`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HuggingFace => "huggingface",
        }
    }
}

impl fmt::Display for DriverKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
