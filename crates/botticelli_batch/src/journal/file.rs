//! Appends records.

use super::index::{Index, Place, Totals};
use super::record::Record;
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Memory that stays for the next lines, at most.
const BUFFER: usize = 256 << 10;
/// Zeros that are written ahead of the lines. To overwrite them costs a fifth of the time that the growth of the file takes.
static ROOM: [u8; 128 << 10] = [0; 128 << 10];

/// An open journal. The lock of the file ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Arc<File>,
    /// Length of the lines: the place of the next one.
    length: u64,
    /// End of the zeros after the lines. They are removed when the journal is dropped.
    room_end: u64,
    /// `false` after the disk had no place for zeros.
    makes_room: bool,
    /// Length of the lines that the disk has, or is about to have.
    synced: u64,
    index: Index,
    /// Sums over the records before this run.
    earlier: Totals,
    /// `true` if a part of a failed write is after `length`.
    is_torn: bool,
    /// The lines of one write. It is empty between writes.
    lines: Vec<u8>,
}

impl Journal {
    pub(super) fn new(path: PathBuf, file: File, length: u64, index: Index, earlier: Totals) -> Self {
        Self {
            path,
            file: Arc::new(file),
            length,
            room_end: length,
            makes_room: true,
            synced: length,
            index,
            earlier,
            is_torn: false,
            lines: Vec::new(),
        }
    }

    /// Returns the places of the records.
    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// Returns the sums over the records before this run.
    pub(crate) fn earlier(&self) -> Totals {
        self.earlier
    }

    /// Returns the file, which holds the lock.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Returns the length: all records so far have smaller offsets.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Returns the path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends records with one write. After an error, the journal has none of them, and further records may be appended.
    pub(crate) fn append(&mut self, records: &[Box<Record>]) -> Result<(), BotticelliError> {
        if self.is_torn {
            self.cut().map_err(|error| self.failed(error))?;
            self.is_torn = false;
        }
        let mut lines = std::mem::take(&mut self.lines);
        let appended = self.append_lines(records, &mut lines);
        lines.clear();
        lines.shrink_to(BUFFER);
        self.lines = lines;
        appended
    }

    fn append_lines(&mut self, records: &[Box<Record>], lines: &mut Vec<u8>) -> Result<(), BotticelliError> {
        let mut places = Vec::with_capacity(records.len());
        for record in records {
            let offset = self.length + u64::try_from(lines.len()).unwrap_or(u64::MAX);
            let length = record.write_line(lines);
            let length = length.map_err(|error| self.failed(std::io::Error::from(error)))?;
            let length = u32::try_from(length).map_err(|_| {
                let reason = "an answer is longer than 4 GB".to_owned();
                let kind = DataErrorKind::Failed { reason };
                DataError::new("journal", self.path.display().to_string(), kind)
            })?;
            places.push(Place { offset, length, is_failed: record.error.is_some(), is_cut: record.is_cut() });
        }
        if lines.is_empty() {
            return Ok(());
        }
        let end = self.length + u64::try_from(lines.len()).unwrap_or(u64::MAX);
        // A run whose calls end one by one has time for the growth, and a file without zeros is easier to look at.
        if end > self.room_end && records.len() > 1 && self.makes_room {
            self.make_room();
        }
        if let Err(error) = write_at(&self.file, lines, self.length) {
            // A part may be written. Without it, a later run finds a whole journal.
            self.is_torn = self.cut().is_err();
            return Err(self.failed(error));
        }
        self.length = end;
        self.room_end = self.room_end.max(end);
        for (record, place) in records.iter().zip(places) {
            self.index.insert(record.key, place);
        }
        Ok(())
    }

    /// Writes zeros after the lines. A failure has no consequence: the lines themselves may still have a place.
    fn make_room(&mut self) {
        if write_at(&self.file, &ROOM, self.room_end).is_ok() {
            self.room_end += u64::try_from(ROOM.len()).unwrap_or(u64::MAX);
        } else {
            self.makes_room = false;
            self.is_torn = self.cut().is_err();
        }
    }

    /// Removes the zeros after the lines. Zeros that stay have no consequence: a later run ignores them.
    pub(crate) fn end(&mut self) {
        if self.room_end > self.length {
            let _ = self.cut();
        }
    }

    /// Removes everything after the lines.
    fn cut(&mut self) -> std::io::Result<()> {
        self.file.set_len(self.length)?;
        self.room_end = self.length;
        Ok(())
    }

    /// Returns the number of bytes that were written since the disk began to receive the last ones.
    pub(crate) fn unsynced(&self) -> u64 {
        self.length.saturating_sub(self.synced)
    }

    /// Returns a function that waits until the disk has all records. It blocks.
    pub(crate) fn sync(&mut self) -> impl FnOnce() -> Result<(), BotticelliError> + Send + 'static {
        let (file, path) = (self.file.clone(), self.path.clone());
        self.synced = self.length;
        move || {
            file.sync_data()
                .map_err(|error| DataError::io("journal", path.display().to_string(), error).into())
        }
    }

    fn failed(&self, error: std::io::Error) -> BotticelliError {
        let place = self.path.display().to_string();
        let failed = DataError::io("journal", place.as_str(), error);
        let DataErrorKind::Failed { reason } = failed.kind() else { return failed.into() };
        let reason = format!("cannot be written ({reason})");
        let remedy = "Make room for the file, and run again: the answers before are kept.";
        let kind = DataErrorKind::Unsupported { reason, remedy };
        DataError::new("journal", place, kind).with_source(failed).into()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.end();
    }
}

/// Writes at an offset.
#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

/// Writes at an offset.
#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        let written = match std::os::windows::fs::FileExt::seek_write(file, bytes, offset) {
            Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
            Ok(written) => written,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(error),
        };
        bytes = bytes.get(written..).unwrap_or_default();
        offset += u64::try_from(written).unwrap_or(u64::MAX);
    }
    Ok(())
}
