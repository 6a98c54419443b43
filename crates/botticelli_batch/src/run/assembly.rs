//! The second pass: writes the output.

use super::plan::SharedPlan;
use super::rows::PlannedRows;
use crate::journal::{Index, JournalReader};
use crate::shard::with_infix;
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use std::path::{Path, PathBuf};

/// The rows of a run by their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) rows: u64,
    pub(super) answered: u64,
    pub(super) failed: u64,
    pub(super) unanswered: u64,
}

/// The rows that an output has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All rows of the first pass, of which this is the number.
    Complete(u64),
    /// The rows with a record.
    Partial,
}

/// Writes the output in the order of the rows, and returns the path and the counts. Blocks on files.
pub(super) fn assemble(
    plan: &SharedPlan,
    index: &Index,
    journal: &Path,
    extent: Extent,
) -> Result<(PathBuf, Counts), BotticelliError> {
    let partial = with_infix(plan.sink.path(), "partial");
    let sink = match extent {
        Extent::Complete(_) => plan.sink.clone(),
        Extent::Partial => plan.sink.at(&partial),
    };
    let mut rows = PlannedRows::whole(plan.clone())?;
    let mut records = JournalReader::open(journal)?;
    let mut writer = sink.writer(&plan.table, &plan.output.columns())?;
    let mut counts = Counts::default();
    loop {
        if extent == Extent::Complete(counts.rows) {
            // Rows that were added meanwhile belong to a later run.
            break;
        }
        let Some(planned) = rows.next().transpose()? else { break };
        counts.rows += 1;
        let values = match &planned.rendered {
            Ok(prepared) => match records.read(index, &prepared.key)? {
                Some(record) => {
                    let is_failed = record.error.is_some();
                    counts.failed += u64::from(is_failed);
                    counts.answered += u64::from(!is_failed);
                    plan.output.values(record)
                }
                None if extent == Extent::Partial => {
                    counts.unanswered += 1;
                    continue;
                }
                None => return Err(changed(plan)),
            },
            Err(failure) => {
                counts.failed += 1;
                plan.output.failed(&failure.reason)
            }
        };
        writer.write(planned.row.as_ref(), &values)?;
    }
    if let Extent::Complete(rows) = extent
        && counts.rows < rows
    {
        return Err(changed(plan));
    }
    writer.finish()?;
    if extent != Extent::Partial {
        // The complete output replaces the part of an earlier run.
        let _ = std::fs::remove_file(partial);
    }
    Ok((sink.path().to_owned(), counts))
}

fn changed(plan: &SharedPlan) -> BotticelliError {
    let reason = "it changed during the run".to_owned();
    let place = plan.table.files().first().map(|path| path.display().to_string()).unwrap_or_default();
    DataError::new("input", place, DataErrorKind::Failed { reason }).into()
}
