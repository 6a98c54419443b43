//! The beginning of a content, on the disk.

use crate::hub::cache::layout::{RepositoryFolder, shown};
use crate::hub::cache::lock::ContentLock;
use botticelli_error::{BotticelliError, HubError, HubErrorKind};
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes that are written at once.
const BUFFER: usize = 1 << 20;

/// The beginning of a content, on the disk. It has no gap, so that any tool can continue it.
#[derive(Debug)]
pub(in crate::hub) struct Part {
    path: PathBuf,
    file: Arc<File>,
    folder: RepositoryFolder,
    /// Bytes on the disk.
    written: u64,
    buffer: Vec<u8>,
    /// Kept until the last write has ended, even if the download is dropped.
    lock: Arc<ContentLock>,
}

impl Part {
    /// Opens or creates a part.
    pub(in crate::hub) fn open(
        folder: &RepositoryFolder,
        path: PathBuf,
        lock: Arc<ContentLock>,
    ) -> Result<Self, BotticelliError> {
        folder.create_parent(&path)?;
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = opened.map_err(|error| folder.failed(&path, error))?;
        let written = file.metadata().map_err(|error| folder.failed(&path, error))?.len();
        Ok(Self { path, file: Arc::new(file), folder: folder.clone(), written, buffer: Vec::new(), lock })
    }

    /// Returns the number of bytes, those in memory included.
    pub(in crate::hub) fn length(&self) -> u64 {
        self.written.saturating_add(u64::try_from(self.buffer.len()).unwrap_or(u64::MAX))
    }

    pub(in crate::hub) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends bytes.
    pub(in crate::hub) async fn append(
        &mut self,
        bytes: &[u8],
        total: Option<u64>,
    ) -> Result<(), BotticelliError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER { self.flush(total).await } else { Ok(()) }
    }

    /// Writes the bytes in memory. `total` is the size of the content, for the message if the disk is full.
    pub(in crate::hub) async fn flush(&mut self, total: Option<u64>) -> Result<(), BotticelliError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let (buffer, offset) = (std::mem::take(&mut self.buffer), self.written);
        let length = u64::try_from(buffer.len()).unwrap_or_default();
        let written = self.blocking(move |mut file| {
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(&buffer)
        });
        match written.await {
            Ok(()) => {
                self.written = self.written.saturating_add(length);
                Ok(())
            }
            Err(error) => {
                self.written = self.file.metadata().map_or(offset, |facts| facts.len());
                Err(self.write_error(error, total))
            }
        }
    }

    /// Removes all bytes.
    pub(in crate::hub) async fn clear(&mut self) -> Result<(), BotticelliError> {
        self.buffer.clear();
        self.written = 0;
        self.blocking(|file| file.set_len(0)).await.map_err(|error| self.folder.failed(&self.path, error))
    }

    /// Writes everything to the disk itself.
    pub(in crate::hub) async fn sync(&mut self) -> Result<(), BotticelliError> {
        self.flush(None).await?;
        self.blocking(File::sync_all).await.map_err(|error| self.folder.failed(&self.path, error))
    }

    /// Runs a file operation on a thread for blocking work, which keeps the lock.
    async fn blocking(
        &self,
        operation: impl FnOnce(&File) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let (file, lock) = (self.file.clone(), self.lock.clone());
        let done = tokio::task::spawn_blocking(move || {
            let result = operation(&file);
            drop(lock);
            result
        });
        done.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    fn write_error(&self, error: io::Error, total: Option<u64>) -> BotticelliError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                let missing = total.unwrap_or_default().saturating_sub(self.written);
                let folder = shown(self.folder.cache());
                let kind = HubErrorKind::DiskFull { folder, missing };
                HubError::new(kind, self.folder.repository()).with_source(error).into()
            }
            _ => self.folder.failed(&self.path, error),
        }
    }
}
