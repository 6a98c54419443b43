//! Files of lines.

use super::read::{io_error, unsupported};
use botticelli_error::DataError;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// The lines of a file, each of at most `limit` bytes.
#[derive(Debug)]
pub(super) struct Lines {
    reader: BufReader<File>,
    limit: usize,
    number: u64,
}

/// The next line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The line is in the buffer, with its end.
    Read,
    /// The line is longer than the limit. It was skipped.
    TooLong,
    /// The file has no further line.
    End,
}

impl Lines {
    pub(super) fn open(path: &Path, limit: usize) -> Result<Self, DataError> {
        let mut reader = open_text(path)?;
        skip_byte_order_mark(&mut reader).map_err(|error| io_error(path, error))?;
        Ok(Self { reader, limit, number: 0 })
    }

    /// Returns the number of the line that was read last, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Reads the next line into `text`.
    pub(super) fn next(&mut self, text: &mut Vec<u8>) -> std::io::Result<Line> {
        text.clear();
        let limit = u64::try_from(self.limit).unwrap_or(u64::MAX);
        let count = self.reader.by_ref().take(limit.saturating_add(1)).read_until(b'\n', text)?;
        if count == 0 {
            return Ok(Line::End);
        }
        self.number = self.number.saturating_add(1);
        if count > self.limit && text.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n')?;
            return Ok(Line::TooLong);
        }
        Ok(Line::Read)
    }
}

/// Opens a text file. Fails if its first bytes belong to something else.
pub(super) fn open_text(path: &Path) -> Result<BufReader<File>, DataError> {
    let file = File::open(path).map_err(|error| io_error(path, error))?;
    let mut reader = BufReader::with_capacity(64 << 10, file);
    let start = reader.fill_buf().map_err(|error| io_error(path, error))?;
    let utf8 = "Convert it to UTF-8, for example with `iconv -f UTF-16 -t UTF-8`.";
    let refused = match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(("is UTF-16", utf8)),
        [0, second, ..] if *second != 0 => Some(("is UTF-16 without a byte order mark", utf8)),
        [_, 0, _, 0, ..] => Some(("is UTF-16 without a byte order mark", utf8)),
        [0x1f, 0x8b, ..] => Some(("is compressed with gzip", "Decompress it with `gunzip`.")),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(("is compressed with zstd", "Decompress it with `unzstd`.")),
        [b'P', b'K', 3, 4, ..] => Some(("is a ZIP archive", "Extract its files.")),
        [b'P', b'A', b'R', b'1', ..] => Some(("is a Parquet file", "Name it `.parquet`.")),
        _ => None,
    };
    match refused {
        Some((reason, remedy)) => Err(unsupported(path, reason, remedy)),
        None => Ok(reader),
    }
}

fn skip_byte_order_mark(reader: &mut BufReader<File>) -> std::io::Result<()> {
    if reader.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    Ok(())
}
