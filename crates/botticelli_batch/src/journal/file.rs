//! Appends records.

use super::index::{Index, Place, Totals};
use super::record::Record;
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Memory that stays for the next lines, at most.
const BUFFER: usize = 256 << 10;

/// An open journal. The lock of the file ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Arc<File>,
    /// Length of the file: the place of the next line.
    length: u64,
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
        Self { path, file: Arc::new(file), length, index, earlier, is_torn: false, lines: Vec::new() }
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
            self.file.set_len(self.length).map_err(|error| self.failed(error))?;
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
        let mut file = self.file.as_ref();
        if let Err(error) = file.write_all(lines) {
            // A part may be written. Without it, a later run finds a whole journal.
            self.is_torn = file.set_len(self.length).is_err();
            return Err(self.failed(error));
        }
        self.length += u64::try_from(lines.len()).unwrap_or(u64::MAX);
        for (record, place) in records.iter().zip(places) {
            self.index.insert(record.key, place);
        }
        Ok(())
    }

    /// Returns a function that waits until the disk has all records. It blocks.
    pub(crate) fn sync(&self) -> impl FnOnce() -> Result<(), BotticelliError> + Send + 'static {
        let (file, path) = (self.file.clone(), self.path.clone());
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
