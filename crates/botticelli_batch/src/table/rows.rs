//! The rows of a table as an iterator.

use super::read::{ReadError, ReadRows};
use crate::Row;
use botticelli_error::BotticelliError;
use std::fmt;

/// The rows of a [`Table`](crate::Table), read while they are used.
///
/// An invalid row is an error with [`DataErrorKind::InvalidRow`](botticelli_error::DataErrorKind::InvalidRow), and the next item
/// is the next row. Any other error is the last item.
pub struct Rows {
    reader: Option<Box<dyn ReadRows>>,
}

impl Rows {
    pub(super) fn new(reader: Box<dyn ReadRows>) -> Self {
        Self { reader: Some(reader) }
    }
}

impl Iterator for Rows {
    type Item = Result<Row, BotticelliError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.reader.as_mut()?.next_row();
        if matches!(row, None | Some(Err(ReadError::Fatal(_)))) {
            self.reader = None;
        }
        row.map(|row| row.map_err(BotticelliError::from))
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}
