//! The progress of downloads.

use std::fmt;
use std::sync::Arc;

/// The progress of the download of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Repository, such as `org/name`.
    pub repository: String,
    /// File in the repository.
    pub file: String,
    /// Step of the download.
    pub step: DownloadStep,
    /// Bytes on the disk, those of an earlier download included.
    pub received: u64,
    /// Size of the file in bytes; `None` if the server does not state it.
    pub total: Option<u64>,
    /// Bytes of an earlier download that are not transferred again.
    pub resumed_from: u64,
}

/// The steps of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DownloadStep {
    /// Another process or task downloads the file. This one waits, and uses the result.
    Waiting,
    /// Bytes arrive.
    Downloading,
    /// The file is complete, and its checksum is computed.
    Verifying,
    /// The file is in the cache.
    Complete,
}

/// Callback for the progress of downloads. The observer runs inside the download, so it should return at once.
///
/// A download reports each step, and about every mebibyte.
#[derive(Clone)]
pub struct ProgressObserver(Arc<dyn Fn(&Progress) + Send + Sync>);

impl ProgressObserver {
    pub(in crate::hub) fn notify(&self, progress: &Progress) {
        (self.0)(progress);
    }
}

impl<F: Fn(&Progress) + Send + Sync + 'static> From<F> for ProgressObserver {
    fn from(callback: F) -> Self {
        Self(Arc::new(callback))
    }
}

impl fmt::Debug for ProgressObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgressObserver")
    }
}
