//! Formats of tables.

use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use std::path::Path;

/// Format of a table. The extension of a file selects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object per line: `.jsonl`, `.ndjson`.
    JsonLines,
}

impl Format {
    /// Formats of this build, for error messages.
    const KNOWN: &'static str = "`.jsonl`, `.ndjson`";

    /// Returns the format that the extension of `path` names. `role` is `input` or `output`.
    pub(crate) fn of_path(role: &'static str, path: &Path) -> Result<Self, BotticelliError> {
        #[allow(clippy::single_match_else, reason = "other formats follow")]
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl" | "ndjson") => Ok(Self::JsonLines),
            _ => {
                let kind = DataErrorKind::UnknownFormat { known: Self::KNOWN };
                Err(DataError::new(role, path.display().to_string(), kind).into())
            }
        }
    }
}
