//! Bounded reading of little-endian values.

use botticelli_error::{BotticelliError, ModelFileError, ModelFileErrorKind};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

/// Reads values from a file, and never reserves more memory than the file has bytes left.
#[derive(Debug)]
pub(super) struct Reader {
    source: BufReader<File>,
    path: String,
    position: u64,
    size: u64,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, BotticelliError> {
        let name = path.display().to_string();
        let unreadable = |error: std::io::Error| -> BotticelliError {
            ModelFileError::new(&name, ModelFileErrorKind::Unreadable).with_source(error).into()
        };
        let file = File::open(path).map_err(unreadable)?;
        let details = file.metadata().map_err(unreadable)?;
        if !details.is_file() {
            let reason = std::io::Error::new(ErrorKind::InvalidInput, "not a regular file");
            return Err(unreadable(reason));
        }
        Ok(Self { source: BufReader::new(file), path: name, position: 0, size: details.len() })
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the number of bytes after the position.
    pub(super) const fn remaining(&self) -> u64 {
        self.size.saturating_sub(self.position)
    }

    pub(super) fn damaged(&self, reason: impl Into<String>) -> BotticelliError {
        ModelFileError::damaged(&self.path, reason).into()
    }

    fn truncated(&self, wanted: u64) -> BotticelliError {
        let expected = self.position.saturating_add(wanted);
        ModelFileError::new(&self.path, ModelFileErrorKind::Truncated { expected, found: self.size }).into()
    }

    /// Checks that `count` elements of at least `size` bytes fit into the rest of the file, and returns the count.
    pub(super) fn count(&self, count: u64, size: u64) -> Result<usize, BotticelliError> {
        match count.checked_mul(size) {
            Some(bytes) if bytes <= self.remaining() => {
                usize::try_from(count).map_err(|_| self.truncated(bytes))
            }
            bytes => Err(self.truncated(bytes.unwrap_or(u64::MAX))),
        }
    }

    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>, BotticelliError> {
        let length = self.count(length, 1)?;
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), BotticelliError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.source.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => self.truncated(length),
            _ => ModelFileError::new(&self.path, ModelFileErrorKind::Unreadable).with_source(error).into(),
        })?;
        self.position = self.position.saturating_add(length);
        Ok(())
    }

    /// Reads a string. Invalid UTF-8 is replaced, because vocabularies may contain it.
    pub(super) fn string(&mut self) -> Result<String, BotticelliError> {
        let length = self.u64()?;
        let bytes = self.bytes(length)?;
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    pub(super) fn seek(&mut self, position: u64) -> Result<(), BotticelliError> {
        self.source.seek(SeekFrom::Start(position)).map_err(|error| -> BotticelliError {
            ModelFileError::new(&self.path, ModelFileErrorKind::Unreadable).with_source(error).into()
        })?;
        self.position = position;
        Ok(())
    }
}

macro_rules! read_numbers {
    ($($name:ident: $type:ty),+) => {
        impl Reader {
            $(
                pub(super) fn $name(&mut self) -> Result<$type, BotticelliError> {
                    let mut bytes = [0; size_of::<$type>()];
                    self.fill(&mut bytes)?;
                    Ok(<$type>::from_le_bytes(bytes))
                }
            )+
        }
    };
}

read_numbers!(u8: u8, i8: i8, u16: u16, i16: i16, u32: u32, i32: i32, u64: u64, i64: i64, f32: f32, f64: f64);
