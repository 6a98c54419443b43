//! The records of one journal, or of those of all shards.

use super::index::{Index, Place};
use super::reader::JournalReader;
use super::record::Record;
use crate::prompt::RowKey;
use botticelli_error::BotticelliError;
use std::fs::File;
use std::path::Path;

/// The records of one journal, or of those of all shards.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    parts: Vec<(&'a Index, JournalReader)>,
}

impl<'a> Records<'a> {
    /// Opens the journals for reading. There is one per shard, in order.
    pub(crate) fn open(journals: &[(&'a Index, &Path, &File)]) -> Result<Self, BotticelliError> {
        // No run writes to them meanwhile.
        let end = u64::MAX;
        let parts =
            journals.iter().map(|(index, path, file)| Ok((*index, JournalReader::new(path, file, end)?)));
        Ok(Self { parts: parts.collect::<Result<_, BotticelliError>>()? })
    }

    /// Returns the record of a key. Only the journal of its shard has it.
    pub(crate) fn read(&mut self, key: &RowKey) -> Result<Option<Record>, BotticelliError> {
        let count = u64::try_from(self.parts.len()).unwrap_or(u64::MAX);
        let shard = key.number().checked_rem(count).and_then(|shard| usize::try_from(shard).ok());
        let Some((index, reader)) = shard.and_then(|shard| self.parts.get_mut(shard)) else {
            return Ok(None);
        };
        let found: Option<Place> = index.get(key);
        found.map(|place| reader.read_at(place)).transpose()
    }
}
