//! The second pass: writes the output.

use super::plan::SharedPlan;
use super::rows::{PlannedRow, PlannedRows};
use crate::journal::Records;
use crate::shard::with_infix;
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use std::path::PathBuf;

/// The rows of a run by their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) rows: u64,
    pub(crate) answered: u64,
    pub(crate) failed: u64,
    pub(crate) unanswered: u64,
}

/// The rows that an output has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All rows of the first pass, of which this is the number.
    Complete(u64),
    /// All rows of the table. A row without a record is an error.
    Whole,
    /// The rows with a record.
    Partial,
}

/// An output that is written.
#[derive(Clone, Debug)]
pub(crate) struct Assembled {
    pub(crate) path: PathBuf,
    pub(crate) counts: Counts,
}

/// Writes the output in the order of the rows, and returns its path and the counts. Blocks on files.
pub(crate) fn assemble(
    plan: &SharedPlan,
    records: &mut Records<'_>,
    extent: Extent,
) -> Result<Assembled, BotticelliError> {
    let partial = with_infix(plan.sink.path(), "partial");
    let sink = match extent {
        Extent::Complete(_) | Extent::Whole => plan.sink.clone(),
        Extent::Partial => plan.sink.at(&partial),
    };
    let mut rows = PlannedRows::whole(plan.clone())?;
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
            Ok(prepared) => match records.read(&prepared.key)? {
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
                None if extent == Extent::Whole => return Err(missing(plan, &planned)),
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
    Ok(Assembled { path: sink.path().to_owned(), counts })
}

/// Returns the error of a row that no shard has answered.
fn missing(plan: &SharedPlan, planned: &PlannedRow) -> BotticelliError {
    let reason = match &planned.rendered {
        Ok(prepared) => format!(
            "no shard has an answer for the row in {}:{}",
            prepared.content.file.display(),
            prepared.content.line
        ),
        Err(failure) => failure.reason.clone(),
    };
    let place = plan.sink.path().display().to_string();
    DataError::new("output", place, DataErrorKind::Failed { reason }).into()
}

pub(super) fn changed(plan: &SharedPlan) -> BotticelliError {
    let reason = "it changed during the run".to_owned();
    let place = plan.table.files().first().map(|path| path.display().to_string()).unwrap_or_default();
    DataError::new("input", place, DataErrorKind::Failed { reason }).into()
}
