//! Files that appear under their name when they are complete.

use super::write::{io_error, unsupported};
use botticelli_error::DataError;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The disk gets the content in parts of this size, so that the end of a large output has little to wait for.
const PART: usize = 8 << 20;

/// Links that a path may follow, as in Linux.
const MAX_LINKS: usize = 40;

/// A file that is written under a temporary name. It is removed unless it is finished.
#[derive(Debug)]
pub(super) struct TemporaryFile {
    /// The path that the user gave, for messages.
    path: PathBuf,
    /// The temporary file and its final place. `None` if the file is in its place.
    places: Option<(PathBuf, PathBuf)>,
    /// `true` for a device or a pipe.
    is_special: bool,
    file: File,
    /// Bytes written since the disk got the last part.
    unsynced: usize,
}

impl TemporaryFile {
    pub(super) fn create(path: &Path) -> Result<Self, DataError> {
        check(path)?;
        let is_special = std::fs::metadata(path).is_ok_and(|found| !found.is_file());
        let places = (!is_special).then(|| {
            let place = place_of(path);
            (temporary(&place), place)
        });
        let created = match &places {
            Some((temporary, _)) => File::create(temporary),
            None => File::options().write(true).open(path),
        };
        let file = created.map_err(|error| io_error(path, error))?;
        Ok(Self { path: path.to_owned(), places, is_special, file, unsynced: 0 })
    }

    /// Returns the path that the user gave.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the file to its place before it is complete. Later writes go to the same file.
    pub(super) fn publish(&mut self) -> Result<(), DataError> {
        if let Some((temporary, place)) = &self.places {
            std::fs::rename(temporary, place).map_err(|error| io_error(&self.path, error))?;
            self.places = None;
        }
        Ok(())
    }

    /// Waits until the content is on the disk, and moves the file to its place.
    pub(super) fn finish(&mut self) -> Result<(), DataError> {
        if self.is_special {
            return Ok(());
        }
        self.file.sync_all().map_err(|error| io_error(&self.path, error))?;
        if let Some((temporary, place)) = &self.places {
            rename(temporary, place).map_err(|error| io_error(&self.path, error))?;
            self.places = None;
        }
        Ok(())
    }
}

/// Renames a file, and waits until the disk has the new name.
pub(super) fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::rename(from, to)?;
    // The new name survives a power failure once the folder is written. Not every system can do that.
    if let Some(folder) = to.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}

impl Write for TemporaryFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.unsynced += written;
        if self.unsynced >= PART && !self.is_special {
            self.unsynced = 0;
            self.file.sync_data()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if let Some((temporary, _)) = &self.places {
            // A leftover file is overwritten by the next run.
            let _ = std::fs::remove_file(temporary);
        }
    }
}

/// Fails if the path cannot be written.
pub(super) fn check(path: &Path) -> Result<(), DataError> {
    if let Ok(found) = std::fs::metadata(path) {
        if found.is_dir() {
            return Err(unsupported(path, "is a folder", "Give the name of a file."));
        }
        if found.permissions().readonly() {
            return Err(io_error(path, std::io::ErrorKind::PermissionDenied.into()));
        }
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            let reason = format!("is in the folder {}, which does not exist", folder.display());
            Err(unsupported(path, reason, "Create the folder."))
        }
        _ => Ok(()),
    }
}

/// Returns the file to which a path leads, so that a link keeps pointing to the output. The file need not exist.
pub(super) fn place_of(path: &Path) -> PathBuf {
    if let Ok(place) = std::fs::canonicalize(path) {
        return place;
    }
    let mut place = path.to_owned();
    for _ in 0..MAX_LINKS {
        // A relative target starts at the folder of the link.
        let Ok(target) = std::fs::read_link(&place) else { break };
        place = place.parent().unwrap_or(Path::new("")).join(target);
    }
    place
}

/// Returns the path of the temporary file of an output.
pub(super) fn temporary(place: &Path) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    place.with_file_name(name)
}
