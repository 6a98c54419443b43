//! Data sets that cannot be read or written.

use std::sync::Arc;

/// A data set that cannot be read or written: an input, an output, or the journal of a run.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct DataError {
    role: &'static str,
    place: String,
    line: Option<u64>,
    kind: DataErrorKind,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The reason why a data set cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataErrorKind {
    /// The file does not exist.
    NotFound,
    /// The file has no row.
    Empty,
    /// The name of the file does not tell its format.
    UnknownFormat {
        /// Formats that this build reads and writes.
        known: &'static str,
    },
    /// The format needs a Cargo feature.
    MissingFeature {
        /// Name of the feature.
        feature: &'static str,
    },
    /// The data cannot be used as they are: a folder, a compressed file, files with different columns.
    Unsupported {
        /// The reason, as a clause without a subject: `is a folder`.
        reason: String,
        /// An instruction.
        remedy: &'static str,
    },
    /// A row cannot be read. The other rows can.
    InvalidRow {
        /// The reason.
        reason: String,
    },
    /// The file is cut off or damaged.
    Damaged {
        /// The reason.
        reason: String,
    },
    /// A column does not exist.
    UnknownColumn {
        /// Name of the column.
        column: String,
        /// Nearest existing column.
        nearest: Option<String>,
    },
    /// A column of the answer has the name of an input column.
    ColumnExists {
        /// Name of the column.
        column: String,
    },
    /// The template is invalid, or cannot be rendered.
    Template {
        /// The reason.
        reason: String,
    },
    /// The journal belongs to another run.
    OtherRun {
        /// Difference: `prompt`, `model`, `schema`, `input`.
        changed: String,
    },
    /// Another process uses the file.
    Locked,
    /// The file or its folder is read-only.
    ReadOnly,
    /// The disk is full.
    Full,
    /// Any other failure.
    Failed {
        /// The reason.
        reason: String,
    },
}

impl DataError {
    /// Returns the error of an `input`, an `output` or a `journal` at a path.
    pub fn new(role: &'static str, place: impl Into<String>, kind: DataErrorKind) -> Self {
        Self { role, place: place.into(), line: None, kind, source: None }
    }

    /// Returns the error of a file operation, with its source.
    pub fn io(role: &'static str, place: impl Into<String>, error: std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => DataErrorKind::NotFound,
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                DataErrorKind::ReadOnly
            }
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => DataErrorKind::Full,
            kind => DataErrorKind::Failed { reason: kind.to_string() },
        };
        Self::new(role, place, kind).with_source(error)
    }

    /// Returns the error with the number of the line or row, counted from 1.
    pub fn with_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// Returns the error with its source.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Returns the reason.
    pub fn kind(&self) -> &DataErrorKind {
        &self.kind
    }

    /// Returns the path of the file.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns the number of the line or row, counted from 1.
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> String {
        match &self.kind {
            DataErrorKind::NotFound => "Check the path.".to_owned(),
            DataErrorKind::Empty => "Give a file with at least one row.".to_owned(),
            DataErrorKind::UnknownFormat { known } => format!("Use one of {known}, or name the format in code (`open_as`, `create_as`)."),
            DataErrorKind::MissingFeature { feature } => format!("Build with the feature `{feature}`."),
            DataErrorKind::Unsupported { remedy, .. } => (*remedy).to_owned(),
            DataErrorKind::InvalidRow { .. } => "Correct the row, and run again.".to_owned(),
            DataErrorKind::Damaged { .. } => "Restore the file, or write it again.".to_owned(),
            DataErrorKind::UnknownColumn { nearest: Some(nearest), .. } => {
                format!("Did you mean `{nearest}`?")
            }
            DataErrorKind::UnknownColumn { .. } => {
                "Use a column of the input. A column whose name is not a word is `row[\"Review text\"]` in a template."
                    .to_owned()
            }
            DataErrorKind::ColumnExists { .. } => {
                "Rename the field of the schema, or set a prefix for the columns of the answer.".to_owned()
            }
            DataErrorKind::Template { .. } => "Correct the template.".to_owned(),
            DataErrorKind::OtherRun { .. } => {
                "Use another output, or discard the answers with `Batch::restart`.".to_owned()
            }
            DataErrorKind::Locked => "Wait for the other process, or use another output.".to_owned(),
            DataErrorKind::ReadOnly => {
                "Make the file and its folder writable, or use another path.".to_owned()
            }
            DataErrorKind::Full => "Free some space, and run again: finished rows are kept.".to_owned(),
            DataErrorKind::Failed { .. } => "Check the file, and run again.".to_owned(),
        }
    }

    fn sentence(&self) -> String {
        let place = match self.line {
            Some(line) => format!("{}:{line}", self.place),
            None => self.place.clone(),
        };
        let problem = match &self.kind {
            DataErrorKind::NotFound => "does not exist".to_owned(),
            DataErrorKind::Empty => "has no row".to_owned(),
            DataErrorKind::UnknownFormat { .. } => "has an unknown format".to_owned(),
            DataErrorKind::MissingFeature { feature } => {
                format!("has a format that needs the feature `{feature}`")
            }
            DataErrorKind::Unsupported { reason, .. } => reason.clone(),
            DataErrorKind::InvalidRow { reason } => format!("has an invalid row ({reason})"),
            DataErrorKind::Damaged { reason } => format!("is damaged ({reason})"),
            DataErrorKind::UnknownColumn { column, .. } => format!("has no column `{column}`"),
            DataErrorKind::ColumnExists { column } => {
                format!("has a column `{column}`, which the answer would write too")
            }
            DataErrorKind::Template { reason } => format!("does not fit the template ({reason})"),
            DataErrorKind::OtherRun { changed } => format!("belongs to a run with another {changed}"),
            DataErrorKind::Locked => "is used by another process".to_owned(),
            DataErrorKind::ReadOnly => "is read-only".to_owned(),
            DataErrorKind::Full => "cannot grow, because the disk is full".to_owned(),
            DataErrorKind::Failed { reason } => format!("cannot be used ({reason})"),
        };
        format!("{} {place} {problem}. {}", self.role, self.advice())
    }
}
