//! The columns of tables without a header.

use super::read::{ReadError, ReadRows};
use botticelli_error::BotticelliError;
use std::collections::HashSet;

/// Returns the names in the first `limit` valid rows, in the order in which they occur.
pub(super) fn in_rows(rows: &mut dyn ReadRows, limit: usize) -> Result<Vec<String>, BotticelliError> {
    let mut names = Vec::new();
    let mut known = HashSet::new();
    let mut count = 0_usize;
    while count < limit {
        match rows.next_row() {
            None => break,
            Some(Err(ReadError::Row { .. })) => {}
            Some(Err(ReadError::Fatal(error))) => return Err(error),
            Some(Ok(row)) => {
                count = count.saturating_add(1);
                for name in row.columns().keys() {
                    if known.insert(name.clone()) {
                        names.push(name.clone());
                    }
                }
            }
        }
    }
    Ok(names)
}
