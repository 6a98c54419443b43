//! The second pass: writes the output.

use super::plan::SharedPlan;
use super::rows::{PlannedRow, PlannedRows};
use crate::journal::{Record, Records};
use crate::prompt::RowKey;
use crate::shard::with_infix;
use crate::sink::WriteRows;
use crate::{Row, Sink};
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

/// An output in the order of the rows, while it is written. Its temporary file is removed unless it is finished.
pub(super) struct Assembly {
    plan: SharedPlan,
    path: PathBuf,
    /// The rows of the table, opened when one of them is read again, and the number of those that were read.
    rows: Option<PlannedRows>,
    read: u64,
    out: Box<dyn WriteRows>,
    counts: Counts,
}

impl Assembly {
    /// Begins a complete output.
    pub(super) fn open(plan: &SharedPlan) -> Result<Self, BotticelliError> {
        Self::at(plan, &plan.sink)
    }

    fn at(plan: &SharedPlan, sink: &Sink) -> Result<Self, BotticelliError> {
        Ok(Self {
            rows: None,
            read: 0,
            out: sink.writer(&plan.table, &plan.output.columns())?,
            path: sink.path().to_owned(),
            plan: plan.clone(),
            counts: Counts::default(),
        })
    }

    /// Writes the next row with the record that `find` returns for its key. Returns `false` at the end of the table.
    pub(super) fn write_next(
        &mut self,
        extent: Extent,
        find: impl FnOnce(&RowKey) -> Result<Option<Record>, BotticelliError>,
    ) -> Result<bool, BotticelliError> {
        let Some(planned) = self.read_next()? else { return Ok(false) };
        let outcome = match &planned.rendered {
            Ok(prepared) => match find(&prepared.key)? {
                Some(record) => Ok(record),
                None if extent == Extent::Partial => {
                    self.counts.rows += 1;
                    self.counts.unanswered += 1;
                    return Ok(true);
                }
                None if extent == Extent::Whole => return Err(missing(&self.plan, &planned)),
                None => return Err(changed(&self.plan)),
            },
            Err(failure) => Err(failure.reason.as_str()),
        };
        self.write(planned.row.as_ref(), outcome)?;
        Ok(true)
    }

    /// Writes the next row, which is in memory, with its record, or with the reason why it has no request.
    pub(super) fn write(
        &mut self,
        row: Option<&Row>,
        outcome: Result<Record, &str>,
    ) -> Result<(), BotticelliError> {
        let is_failed = outcome.as_ref().map_or(true, |record| record.error.is_some());
        self.counts.rows += 1;
        self.counts.failed += u64::from(is_failed);
        self.counts.answered += u64::from(!is_failed);
        let values = match outcome {
            Ok(record) => self.plan.output.values(record),
            Err(reason) => self.plan.output.failed(reason),
        };
        self.out.write(row, &values)
    }

    /// Reads the next row of the output from the table. Rows that were in memory are skipped.
    fn read_next(&mut self) -> Result<Option<PlannedRow>, BotticelliError> {
        let rows = match &mut self.rows {
            Some(rows) => rows,
            None => self.rows.insert(PlannedRows::whole(self.plan.clone())?),
        };
        while self.read < self.counts.rows {
            self.read += 1;
            if rows.next().transpose()?.is_none() {
                return Ok(None);
            }
        }
        self.read += 1;
        rows.next().transpose()
    }

    /// Ends the output. Blocks on files.
    pub(super) fn finish(mut self, extent: Extent) -> Result<Assembled, BotticelliError> {
        if let Extent::Complete(rows) = extent
            && self.counts.rows < rows
        {
            return Err(changed(&self.plan));
        }
        self.out.finish()?;
        if extent != Extent::Partial {
            // The complete output replaces the part of an earlier run.
            let _ = std::fs::remove_file(partial_of(&self.plan));
        }
        Ok(Assembled { path: self.path, counts: self.counts })
    }
}

/// Writes the output in the order of the rows, and returns its path and the counts. Blocks on files.
pub(crate) fn assemble(
    plan: &SharedPlan,
    records: &mut Records<'_>,
    extent: Extent,
) -> Result<Assembled, BotticelliError> {
    let mut assembly = match extent {
        Extent::Complete(_) | Extent::Whole => Assembly::open(plan)?,
        Extent::Partial => Assembly::at(plan, &plan.sink.at(&partial_of(plan)))?,
    };
    // Rows that were added meanwhile belong to a later run.
    while extent != Extent::Complete(assembly.counts.rows)
        && assembly.write_next(extent, |key| records.read(key))?
    {}
    assembly.finish(extent)
}

fn partial_of(plan: &SharedPlan) -> PathBuf {
    with_infix(plan.sink.path(), "partial")
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
