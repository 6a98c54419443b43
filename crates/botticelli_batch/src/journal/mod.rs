//! The journal of a run: an append-only file next to the output.
//!
//! | file | responsibility |
//! | --- | --- |
//! | `record` | one line: the answer or the failure of a request |
//! | `index` | the places of the records in memory |
//! | `open` | opens, locks and checks a journal, and repairs its end |
//! | `file` | appends records |
//! | `reader`, `records` | read records for the output |
//!
//! The first line is a header with the format version and the identity of the run. Every other line is a record. The last record of a
//! key counts. A process that is killed leaves at most one incomplete line, which the next start removes.
//!
//! A run whose calls end several at once writes zeros after the lines and overwrites them, because the growth of a file takes most of
//! the time of a small write. The end of a run removes the rest of them. What a killed process leaves, the next start removes.

mod file;
mod index;
mod open;
mod reader;
mod record;
mod records;

pub(crate) use file::Journal;
pub(crate) use index::{Index, KeyHashes, Place, Totals};
pub(crate) use open::{JournalMode, open, open_read_only, open_shared, path_of};
pub(crate) use reader::JournalReader;
pub(crate) use record::{Record, RecordedFailure};
pub(crate) use records::Records;
