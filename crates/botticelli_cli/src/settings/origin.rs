//! The origin of a value.

use std::fmt;
use std::path::PathBuf;

/// The place where a value was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The program's default.
    Default,
    /// A line of the configuration file.
    File {
        path: PathBuf,
        line: Option<usize>,
        /// The key in the file, with its table: `profile.work.model`.
        key: String,
    },
    /// An option of the command line, such as `--model`.
    Option(String),
}

impl Origin {
    /// Returns the origin of a value that an option sets.
    pub(crate) fn option(name: impl Into<String>) -> Self {
        Self::Option(name.into())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line: Some(line), .. } => write!(f, "{}:{line}", path.display()),
            Self::File { path, line: None, .. } => write!(f, "{}", path.display()),
            Self::Option(option) => f.write_str(option),
        }
    }
}
