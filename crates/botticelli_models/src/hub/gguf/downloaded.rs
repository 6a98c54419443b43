//! A GGUF model in the cache.

use std::path::{Path, PathBuf};

/// A GGUF model in the cache: one file, or all parts of a split file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GgufModel {
    pub(in crate::hub) parts: Vec<PathBuf>,
    pub(in crate::hub) commit: String,
    pub(in crate::hub) file: String,
    pub(in crate::hub) quantization: Option<String>,
    pub(in crate::hub) size: u64,
}

impl GgufModel {
    /// Returns the path of the file, or of the first part.
    pub fn path(&self) -> &Path {
        self.parts.first().map_or(Path::new(""), PathBuf::as_path)
    }

    /// Returns the paths of all parts in order: one for a file that is not split.
    pub fn parts(&self) -> &[PathBuf] {
        &self.parts
    }

    /// Returns the commit of the repository.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Returns the name of the file in the repository, or of the first part.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the quantization, such as `Q4_K_M`; `None` if the name of the file has none.
    pub fn quantization(&self) -> Option<&str> {
        self.quantization.as_deref()
    }

    /// Returns the size of all parts in bytes.
    pub const fn size(&self) -> u64 {
        self.size
    }
}
