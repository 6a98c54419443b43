//! The catalogue on the disk, between one run of a program and the next. No token stands in it.

use botticelli_core::ModelInfo;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Where the catalogue is kept.
#[derive(Clone, Debug)]
pub(super) struct CatalogFile {
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
    pub(super) fn new(path: PathBuf, address: &str) -> Self {
        // FNV-1a: it stays the same from one build to the next.
        let mark = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self { path, source: address.bytes().fold(0xcbf2_9ce4_8422_2325, mark) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is kept, and when it was fetched; `None` where nothing is, or nothing that can be read.
    pub(super) fn read(&self) -> Option<(Vec<ModelInfo>, SystemTime)> {
        if std::fs::metadata(&self.path).ok()?.len() > LARGEST {
            return None;
        }
        let stored: Stored = serde_json::from_slice(&std::fs::read(&self.path).ok()?).ok()?;
        let fetched = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(stored.fetched))?;
        (stored.source == self.source).then_some((stored.models, fetched))
    }

    /// Keeps the catalogue, for its owner's eyes only. Whoever reads meanwhile finds the old one or the new one, whole.
    pub(super) fn write(&self, models: &[ModelInfo], fetched: SystemTime) -> io::Result<()> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let fetched = fetched.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let stored = Stored { source: self.source, fetched, models: models.to_vec() };
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            create_folder(folder)?;
        }
        let name = self.path.file_name().ok_or(io::ErrorKind::InvalidFilename)?.to_string_lossy();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // Beside the other one: a rename works within one file system.
        let new = self.path.with_file_name(format!(".{name}.{}-{number}", std::process::id()));
        let written = create_file(&new).and_then(|mut file| {
            file.write_all(&serde_json::to_vec(&stored)?)?;
            std::fs::rename(&new, &self.path)
        });
        if written.is_err() {
            // Half a file is of no use; the failure itself is told.
            let _ = std::fs::remove_file(&new);
        }
        written
    }
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn create_file(path: &Path) -> io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
