//! The catalog file, which stores the catalog between runs of a program. The file contains no token.

use botticelli_core::ModelInfo;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// The file that holds the catalog.
#[derive(Clone, Debug)]
pub(in crate::huggingface) struct CatalogFile {
    path: PathBuf,
    /// Hash of the catalog's URL. A file with the catalog of another server is ignored.
    source: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    source: u64,
    /// Seconds since 1970.
    fetched: u64,
    models: Vec<ModelInfo>,
}

/// Maximum size of the file in bytes.
const MAX_SIZE: u64 = 64 << 20;

impl CatalogFile {
    /// Returns a file for the catalog at `address`. The file holds only a hash of the address, which can contain a secret.
    pub(in crate::huggingface) fn new(path: PathBuf, address: &str) -> Self {
        // FNV-1a, because it stays the same between builds.
        let add = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self { path, source: address.bytes().fold(0xcbf2_9ce4_8422_2325, add) }
    }

    pub(in crate::huggingface) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the stored catalog and the time of its fetch; `None` if the file is missing or invalid.
    ///
    /// Only a regular file is opened, because a pipe would wait for a writer, and a device might never end.
    pub(in crate::huggingface) fn read(&self) -> Option<(Vec<ModelInfo>, SystemTime)> {
        let file = File::open(self.target().ok()?).ok()?;
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() || metadata.len() > MAX_SIZE {
            return None;
        }
        // The file may grow while it is read.
        let mut bytes = Vec::new();
        let read = file.take(MAX_SIZE.saturating_add(1)).read_to_end(&mut bytes).ok()?;
        if u64::try_from(read).ok()? > MAX_SIZE {
            return None;
        }
        let stored: Stored = serde_json::from_slice(&bytes).ok()?;
        let fetched = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(stored.fetched))?;
        (stored.source == self.source).then_some((stored.models, fetched))
    }

    /// Writes the catalog with permissions for its owner only. The file is replaced atomically, so that a concurrent reader sees the old
    /// or the new catalog as a whole.
    pub(in crate::huggingface) fn write(&self, models: &[ModelInfo], fetched: SystemTime) -> io::Result<()> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let fetched = fetched.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let stored = Stored { source: self.source, fetched, models: models.to_vec() };
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            create_folder(folder)?;
        }
        let path = self.target()?;
        let name = path.file_name().ok_or(ErrorKind::InvalidFilename)?.to_string_lossy();
        // In the same folder, because a rename works only within one file system.
        let (new, file) = create_new(|| {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            path.with_file_name(format!(".{name}.{}-{number}", std::process::id()))
        })?;
        let written = fill(file, &stored).and_then(|()| {
            // Checked again, because the path may have been replaced in the meantime.
            check_replaceable(&path)?;
            std::fs::rename(&new, &path)
        });
        if written.is_err() {
            // Removes the incomplete file, which `create_new` made. A failure here is ignored, because the caller gets the first error.
            let _ = std::fs::remove_file(&new);
        }
        written
    }

    /// Returns the path of the file. A link to a regular file is followed.
    fn target(&self) -> io::Result<PathBuf> {
        let is_link = std::fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.is_symlink());
        let path = if is_link { std::fs::canonicalize(&self.path)? } else { self.path.clone() };
        check_replaceable(&path)?;
        Ok(path)
    }
}

/// Maximum number of names that are tried for a new file.
const MAX_NAMES: usize = 16;

/// Creates a file with the first unused name. An existing file can belong to a process with the same id in another container, so it is
/// neither written to nor removed.
fn create_new(mut name: impl FnMut() -> PathBuf) -> io::Result<(PathBuf, File)> {
    let mut last = io::Error::from(ErrorKind::AlreadyExists);
    for _ in 0..MAX_NAMES {
        let path = name();
        match create_file(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

fn fill(mut file: File, stored: &Stored) -> io::Result<()> {
    file.write_all(&serde_json::to_vec(stored)?)
}

/// Checks that `path` is a regular file or does not exist. Devices, pipes, folders and links are not replaced.
fn check_replaceable(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => Err(io::Error::new(ErrorKind::InvalidInput, "the path exists and is not a regular file")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn create_file(path: &Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
