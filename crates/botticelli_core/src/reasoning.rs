//! The amount of reasoning.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Amount of reasoning before a response. Models and providers accept different words.
///
/// ```
/// use botticelli::ReasoningEffort;
///
/// assert_eq!(ReasoningEffort::from("low".to_string()), ReasoningEffort::Low);
/// assert_eq!(ReasoningEffort::from("maximal".to_string()).to_string(), "maximal");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum ReasoningEffort {
    /// No reasoning.
    None,
    /// As little as possible.
    Minimal,
    /// Little.
    Low,
    /// A medium amount.
    Medium,
    /// Much.
    High,
    /// As much as possible.
    XHigh,
    /// Another word, sent unchanged.
    Other(String),
}

impl ReasoningEffort {
    /// Returns the word: `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, or another.
    pub fn as_str(&self) -> &str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Display for ReasoningEffort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<String> for ReasoningEffort {
    fn from(word: String) -> Self {
        match word.as_str() {
            "none" => Self::None,
            "minimal" => Self::Minimal,
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            "xhigh" => Self::XHigh,
            _ => Self::Other(word),
        }
    }
}

impl From<ReasoningEffort> for String {
    fn from(effort: ReasoningEffort) -> Self {
        match effort {
            ReasoningEffort::Other(word) => word,
            effort => effort.as_str().to_owned(),
        }
    }
}
