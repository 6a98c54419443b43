//! Reads records for the output.

use super::index::Place;
use super::record::Record;
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Bytes that one read takes. Records of neighboring rows are close to each other.
const WINDOW: usize = 256 << 10;

/// A reader of records in any order.
#[derive(Debug)]
pub(crate) struct JournalReader {
    path: PathBuf,
    file: File,
    window: Vec<u8>,
    /// Offset of the window in the file.
    start: u64,
    /// Length of the journal, as far as it is known. What follows may be written meanwhile, so it must not stay in the window.
    end: u64,
}

impl JournalReader {
    /// Returns a reader of an open journal. `end` is the length so far. On Windows, only the file that holds the lock can be read.
    pub(crate) fn new(path: &Path, file: &File, end: u64) -> Result<Self, BotticelliError> {
        let file =
            file.try_clone().map_err(|error| DataError::io("journal", path.display().to_string(), error))?;
        Ok(Self { path: path.to_owned(), file, window: Vec::new(), start: 0, end })
    }

    /// Takes the length of a journal that has grown. A read then takes more records at once.
    pub(crate) fn set_end(&mut self, end: u64) {
        self.end = end;
    }

    /// Returns the record at a place.
    pub(crate) fn read_at(&mut self, place: Place) -> Result<Record, BotticelliError> {
        if self.inside(place).is_none() {
            self.load(place)
                .map_err(|error| DataError::io("journal", self.path.display().to_string(), error))?;
        }
        let line = self.inside(place).unwrap_or_default();
        serde_json::from_slice(line).map_err(|error| {
            let kind = DataErrorKind::Damaged { reason: error.to_string() };
            DataError::new("journal", self.path.display().to_string(), kind).into()
        })
    }

    fn inside(&self, place: Place) -> Option<&[u8]> {
        let begin = usize::try_from(place.offset.checked_sub(self.start)?).ok()?;
        let end = begin.checked_add(usize::try_from(place.length).ok()?)?;
        self.window.get(begin..end)
    }

    fn load(&mut self, place: Place) -> std::io::Result<()> {
        self.end = self.end.max(place.offset.saturating_add(place.length.into()));
        let size = u64::from(place.length).max(u64::try_from(WINDOW).unwrap_or(u64::MAX));
        // A part of the window is before the record, because answers finish in nearly the order of their rows.
        self.start = place.offset.saturating_sub(size / 4);
        let count = (place.offset - self.start).saturating_add(size).min(self.end.saturating_sub(self.start));
        self.window.clear();
        self.window.resize(usize::try_from(count).unwrap_or(usize::MAX), 0);
        let mut filled = 0;
        while let Some(rest) = self.window.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let offset = self.start.saturating_add(u64::try_from(filled).unwrap_or(u64::MAX));
            match read_part(&self.file, rest, offset) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.window.clear();
                    return Err(error);
                }
            }
        }
        self.window.truncate(filled);
        Ok(())
    }
}

/// Reads at an offset. The position of the file belongs to the run, which appends records meanwhile.
#[cfg(unix)]
fn read_part(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

/// Reads at an offset.
#[cfg(windows)]
fn read_part(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}
