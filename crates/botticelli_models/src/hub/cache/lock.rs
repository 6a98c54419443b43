//! The lock of a content, which all tools of Hugging Face use.

use crate::hub::cache::layout::RepositoryFolder;
use botticelli_error::BotticelliError;
use botticelli_interface::Clock;
use fs4::fs_std::FileExt;
use std::fs::{File, OpenOptions};
use std::path::Path;
use std::time::Duration;

/// Wait between two attempts to lock.
const POLL: Duration = Duration::from_millis(200);

/// A lock, or the knowledge that the file system has none.
#[derive(Debug)]
pub(in crate::hub) enum ContentLock {
    /// Unlocked when it is dropped.
    Held { _file: File },
    /// The file system does not support locks, as some network file systems.
    Unsupported,
}

impl ContentLock {
    /// Locks a content. While another process or task has the lock, calls `waiting` once, and tries again until it is free.
    pub(in crate::hub) async fn acquire(
        folder: &RepositoryFolder,
        etag: &str,
        clock: &dyn Clock,
        waiting: impl Fn(),
    ) -> Result<Self, BotticelliError> {
        let path = folder.lock(etag);
        folder.create_parent(&path)?;
        let file = open(&path).map_err(|error| folder.failed(&path, error))?;
        let mut has_waited = false;
        loop {
            match file.try_lock_exclusive() {
                Ok(true) => return Ok(Self::Held { _file: file }),
                Ok(false) => {
                    if !std::mem::replace(&mut has_waited, true) {
                        waiting();
                    }
                    clock.sleep(POLL).await;
                }
                Err(error) => {
                    tracing::debug!(%error, path = %path.display(), "the file system has no locks");
                    return Ok(Self::Unsupported);
                }
            }
        }
    }
}

/// Returns whether another process or task has the lock at `path`.
pub(in crate::hub) fn is_locked(path: &Path) -> bool {
    open(path).is_ok_and(|file| matches!(file.try_lock_exclusive(), Ok(false)))
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}
