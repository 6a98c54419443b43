//! Model files that cannot be used.

use crate::sentence::instruction;
use std::sync::Arc;

/// A model file that cannot be used.
///
/// Not retried: the same file fails again.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct ModelFileError {
    path: String,
    kind: ModelFileErrorKind,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The reason why a model file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelFileErrorKind {
    /// The file cannot be read. The source has the reason of the system.
    Unreadable,
    /// The file has another format than GGUF.
    NotGguf,
    /// The file ends early, for example after an interrupted download.
    Truncated {
        /// Size that the file must have at least, in bytes.
        expected: u64,
        /// Size of the file, in bytes.
        found: u64,
    },
    /// The content contradicts itself.
    Damaged {
        /// The contradiction, such as `the tensors "a" and "b" overlap`.
        reason: String,
    },
    /// The file is valid, but has something that this library does not support.
    Unsupported {
        /// The part, such as `the architecture "mamba"`.
        what: String,
        /// A way that works, as an instruction.
        remedy: String,
    },
    /// The model does not fit into the memory.
    TooLarge {
        /// Memory that the model needs, in bytes.
        needed: u64,
        /// Memory that is available, in bytes.
        available: u64,
    },
}

impl ModelFileError {
    /// Returns the error of a model file.
    pub fn new(path: impl Into<String>, kind: ModelFileErrorKind) -> Self {
        Self { path: path.into(), kind, source: None }
    }

    /// Returns the error of a damaged model file, with the contradiction.
    pub fn damaged(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(path, ModelFileErrorKind::Damaged { reason: reason.into() })
    }

    /// Returns the error of a model file with an unsupported part. `remedy` is an instruction, such as `use another file`.
    pub fn unsupported(path: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(path, ModelFileErrorKind::Unsupported { what: what.into(), remedy: remedy.into() })
    }

    /// Returns the error with its source.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the reason.
    pub fn kind(&self) -> &ModelFileErrorKind {
        &self.kind
    }

    /// Returns the remedy, the last part of the message.
    pub fn advice(&self) -> String {
        match &self.kind {
            ModelFileErrorKind::Unreadable => "Check the path and the permissions of the file.".to_owned(),
            ModelFileErrorKind::NotGguf => "Give a file with the extension .gguf.".to_owned(),
            ModelFileErrorKind::Truncated { .. } | ModelFileErrorKind::Damaged { .. } => {
                "Download the file again.".to_owned()
            }
            ModelFileErrorKind::Unsupported { remedy, .. } => instruction(remedy),
            ModelFileErrorKind::TooLarge { .. } => {
                "Lower the context length or the number of concurrent requests, or use a smaller quantization."
                    .to_owned()
            }
        }
    }

    fn sentence(&self) -> String {
        let what = match &self.kind {
            ModelFileErrorKind::Unreadable => "the file cannot be read".to_owned(),
            ModelFileErrorKind::NotGguf => "the file is not in GGUF format".to_owned(),
            ModelFileErrorKind::Truncated { expected, found } => {
                format!("the file is incomplete: it has {found} bytes of at least {expected}")
            }
            ModelFileErrorKind::Damaged { reason } => format!("the file is damaged: {reason}"),
            ModelFileErrorKind::Unsupported { what, .. } => format!("{what} is not supported"),
            ModelFileErrorKind::TooLarge { needed, available } => format!(
                "the model needs {} MiB of memory, and {} MiB are available",
                needed.div_ceil(MIB),
                available / MIB
            ),
        };
        format!("model file {}: {what}. {}", self.path, self.advice())
    }
}

const MIB: u64 = 1 << 20;
