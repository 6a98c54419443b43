//! The catalogue on the disk, between one run of a program and the next. No token stands in it.

use botticelli_core::ModelInfo;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Where the catalogue is kept.
#[derive(Clone, Debug)]
pub(in crate::huggingface) struct CatalogFile {
    path: PathBuf,
    /// Marks the address that the catalogue comes from: that of another server is none of ours.
    source: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    source: u64,
    /// Seconds since 1970.
    fetched: u64,
    models: Vec<ModelInfo>,
}

/// The most bytes that are read.
const LARGEST: u64 = 64 << 20;

impl CatalogFile {
    /// A file for the catalogue at `address`, of which nothing can be read in it: a path may hold a secret.
    pub(in crate::huggingface) fn new(path: PathBuf, address: &str) -> Self {
        // FNV-1a: it stays the same from one build to the next.
        let mark = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self { path, source: address.bytes().fold(0xcbf2_9ce4_8422_2325, mark) }
    }

    pub(in crate::huggingface) fn path(&self) -> &Path {
        &self.path
    }

    /// What is kept, and when it was fetched; `None` where nothing is, or nothing that can be read. Only a regular file is
    /// opened: a pipe would wait for whoever writes to it, and a device might never end.
    pub(in crate::huggingface) fn read(&self) -> Option<(Vec<ModelInfo>, SystemTime)> {
        let file = File::open(self.target().ok()?).ok()?;
        let found = file.metadata().ok()?;
        if !found.is_file() || found.len() > LARGEST {
            return None;
        }
        // It may grow while it is read.
        let mut bytes = Vec::new();
        let read = file.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes).ok()?;
        if u64::try_from(read).ok()? > LARGEST {
            return None;
        }
        let stored: Stored = serde_json::from_slice(&bytes).ok()?;
        let fetched = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(stored.fetched))?;
        (stored.source == self.source).then_some((stored.models, fetched))
    }

    /// Keeps the catalogue, for its owner's eyes only. Whoever reads meanwhile finds the old one or the new one, whole.
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
        // Beside the other one: a rename works within one file system.
        let (new, file) = create_new(|| {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            path.with_file_name(format!(".{name}.{}-{number}", std::process::id()))
        })?;
        let written = fill(file, &stored).and_then(|()| {
            // Once more: something else may stand there by now.
            regular_or_nothing(&path)?;
            std::fs::rename(&new, &path)
        });
        if written.is_err() {
            // Half a file is of no use; the failure itself is told. The file is ours: `create_new` made it.
            let _ = std::fs::remove_file(&new);
        }
        written
    }

    /// Where it really is: behind the link, where the path is one to a regular file.
    fn target(&self) -> io::Result<PathBuf> {
        let is_link = std::fs::symlink_metadata(&self.path).is_ok_and(|found| found.is_symlink());
        let path = if is_link { std::fs::canonicalize(&self.path)? } else { self.path.clone() };
        regular_or_nothing(&path)?;
        Ok(path)
    }
}

/// How many names are tried for a new file.
const TRIES: usize = 16;

/// Creates a file under the first name that nobody has taken. One that is there already belongs to somebody else, as a
/// process with the same id in another container: it is neither written to nor removed.
fn create_new(mut name: impl FnMut() -> PathBuf) -> io::Result<(PathBuf, File)> {
    let mut last = io::Error::from(ErrorKind::AlreadyExists);
    for _ in 0..TRIES {
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

/// An error where anything but a regular file stands at `path`: a device, a pipe, a folder or a link is not replaced.
fn regular_or_nothing(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => {
            Err(io::Error::new(ErrorKind::InvalidInput, "something stands there that is no regular file"))
        }
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
