//! What does not fit, and where.

use std::fmt;

/// A place in an answer that does not fit the schema, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    path: String,
    reason: String,
}

impl Violation {
    /// The longest reason, in characters: a model reads it, and a person.
    const LONGEST: usize = 200;

    pub(super) fn new(path: impl Into<String>, reason: impl fmt::Display) -> Self {
        let mut told: String = reason.to_string();
        if told.chars().count() > Self::LONGEST {
            told = told.chars().take(Self::LONGEST).chain(['…']).collect();
        }
        Self { path: path.into(), reason: told }
    }

    /// The place, as `/guests/0/name`; empty for the whole answer.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.path, self.reason)
        }
    }
}
