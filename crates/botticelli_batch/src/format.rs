//! Formats of tables.

use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use std::path::Path;

/// Format of a table. The extension of a file selects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object per line: `.jsonl`, `.ndjson`, `.json`.
    JsonLines,
    /// Text with a header and a delimiter: `.csv`, `.tsv`. Requires the feature `csv`.
    Csv,
    /// Apache Parquet: `.parquet`. Requires the feature `parquet`.
    Parquet,
    /// Requests for OpenAI's batch endpoint, one JSON object per line with `custom_id`, `method`, `url` and `body`.
    ///
    /// A file of JSON lines whose first row has these keys is read as this format.
    OpenAiBatch,
}

impl Format {
    /// Extensions, for error messages.
    const KNOWN: &'static str = "`.jsonl`, `.ndjson`, `.csv`, `.tsv`, `.parquet`";

    /// Returns the format that the extension of `path` names. `role` is `input` or `output`.
    pub(crate) fn of_path(role: &'static str, path: &Path) -> Result<Self, BotticelliError> {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let format = match extension.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" | "json" => Self::JsonLines,
            "csv" | "tsv" => Self::Csv,
            "parquet" => Self::Parquet,
            compression @ ("gz" | "zst" | "bz2" | "xz" | "zip") => {
                let kind = DataErrorKind::Unsupported {
                    reason: format!("is compressed (`.{compression}`)"),
                    remedy: "Use an uncompressed file, or Parquet, which is compressed inside.",
                };
                return Err(DataError::new(role, path.display().to_string(), kind).into());
            }
            _ => {
                let kind = DataErrorKind::UnknownFormat { known: Self::KNOWN };
                return Err(DataError::new(role, path.display().to_string(), kind).into());
            }
        };
        format.check_feature(role, path)?;
        Ok(format)
    }

    /// Fails if this build cannot read the format.
    pub(crate) fn check_feature(self, role: &'static str, path: &Path) -> Result<(), BotticelliError> {
        let feature = match self {
            Self::Csv if !cfg!(feature = "csv") => "csv",
            Self::Parquet if !cfg!(feature = "parquet") => "parquet",
            _ => return Ok(()),
        };
        let kind = DataErrorKind::MissingFeature { feature };
        Err(DataError::new(role, path.display().to_string(), kind).into())
    }
}

/// Returns the delimiter that the extension of a CSV file names.
pub(crate) fn delimiter_of(path: &Path) -> u8 {
    let is_tsv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
    if is_tsv { b'\t' } else { b',' }
}

/// Returns the error for a character that cannot separate fields.
pub(crate) fn check_delimiter(role: &'static str, path: &Path, delimiter: u8) -> Result<(), BotticelliError> {
    if delimiter.is_ascii()
        && !matches!(delimiter, b'"' | b'\r' | b'\n' | 0)
        && !delimiter.is_ascii_alphanumeric()
    {
        return Ok(());
    }
    let kind = DataErrorKind::Unsupported {
        reason: format!("cannot have the delimiter {:?}", char::from(delimiter)),
        remedy: "Use `,`, `;`, `|` or a tab.",
    };
    Err(DataError::new(role, path.display().to_string(), kind).into())
}
