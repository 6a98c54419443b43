//! The entry of a file in the folder of a commit.

use crate::hub::cache::layout::{RepositoryFolder, unique};
use botticelli_error::BotticelliError;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The state of a content before its entry is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hub) enum Content {
    /// Just downloaded: no other entry uses it.
    New,
    /// Other entries may use it.
    Shared,
}

/// Makes the entry of a file: a relative link to its content. Without links, new content is moved there, and shared content is
/// copied.
pub(in crate::hub) fn link(
    folder: &RepositoryFolder,
    etag: &str,
    pointer: &Path,
    content: Content,
    has_links: bool,
) -> Result<(), BotticelliError> {
    let blob = folder.blob(etag);
    folder.create_parent(pointer)?;
    let failed = |error| folder.failed(pointer, error);
    // A broken link or an entry of a removed content is in the way.
    match fs::remove_file(pointer) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    if has_links {
        match symlink(&relative(folder, etag, pointer), pointer) {
            Ok(()) => return Ok(()),
            // Another task was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && pointer.is_file() => return Ok(()),
            Err(error) => tracing::debug!(%error, "the file system has no symbolic links"),
        }
    }
    match content {
        Content::New => fs::rename(&blob, pointer).map_err(failed),
        Content::Shared => {
            let temporary = folder.path().join("blobs").join(format!("{etag}.{}.tmp", unique()));
            let copied = fs::copy(&blob, &temporary).and_then(|_| fs::rename(&temporary, pointer));
            copied.map_err(|error| {
                let _ = fs::remove_file(&temporary);
                failed(error)
            })
        }
    }
}

/// Returns the path of a content relative to the folder of the entry, so that the cache can be moved.
fn relative(folder: &RepositoryFolder, etag: &str, pointer: &Path) -> PathBuf {
    let root = folder.path();
    let below = pointer.parent().and_then(|parent| parent.strip_prefix(&root).ok());
    let depth = below.map_or(0, |below| below.components().count());
    let up: PathBuf = std::iter::repeat_n("..", depth).collect();
    up.join("blobs").join(etag)
}

#[cfg(unix)]
fn symlink(target: &Path, pointer: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, pointer)
}

#[cfg(windows)]
fn symlink(target: &Path, pointer: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, pointer)
}

#[cfg(not(any(unix, windows)))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
