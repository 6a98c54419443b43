//! One output from all shards.

use crate::journal::{Index, Records, Totals, open_shared, path_of};
use crate::run::{Assembled, Extent, SharedPlan, assemble, blocking};
use crate::{Batch, Shard, Sink, Table};
use botticelli_error::{BotticelliError, BuilderError, DataError, DataErrorKind};
use std::fs::File;
use std::path::PathBuf;

/// The result of [`Batch::merge`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MergeReport {
    /// Rows of the table.
    pub rows: u64,
    /// Rows with an answer.
    pub answered: u64,
    /// Rows that failed, including invalid rows of the input.
    pub failed: u64,
    /// Prompt tokens of all shards.
    pub prompt_tokens: u64,
    /// Completion tokens of all shards.
    pub completion_tokens: u64,
    /// Known cost of all shards in nano-dollars (10⁻⁹ USD).
    pub nano_dollars: u64,
    /// Answers whose cost is unknown.
    pub unknown_costs: u64,
    /// File with the output.
    pub output: PathBuf,
}

impl Batch {
    /// Writes one output from the journals of `count` shards, in the order of the table, whatever the order of the shards.
    ///
    /// The settings, the table and the sink are those of the shards, without [`with_shard`](Self::with_shard). The output has the same
    /// bytes as that of one run over the whole table. The journals remain.
    ///
    /// # Errors
    ///
    /// A [`DataError`]:
    ///
    /// - A journal is missing, in use, or belongs to another run.
    /// - A row has no record, because its shard is not finished.
    /// - A journal has a record of another shard, because it was written with another number of shards.
    pub async fn merge(&self, table: Table, sink: Sink, count: u64) -> Result<MergeReport, BotticelliError> {
        if self.shard.is_some() {
            let remedy = "remove it: a merge reads the journals of all shards";
            return Err(
                BuilderError::refused("Batch", "shard", "set", "a merge has all shards", remedy).into()
            );
        }
        let plan = self.plan(table, sink)?;
        blocking(move || merge(&plan, count)).await
    }
}

fn merge(plan: &SharedPlan, count: u64) -> Result<MergeReport, BotticelliError> {
    let mut journals: Vec<(Index, PathBuf, File)> = Vec::new();
    let mut totals = Totals::default();
    for index in 0..count {
        let shard = Shard::new(index, count)?;
        let path = path_of(&shard.path_of(plan.sink.path()));
        let place = path.display().to_string();
        let (found, sums, run, file) = open_shared(&path)?;
        if let Some(changed) = run.and_then(|run| plan.fingerprint.difference(&run)) {
            return Err(DataError::new("journal", place, DataErrorKind::OtherRun { changed }).into());
        }
        if let Some(key) = found.keys().find(|key| !shard.has(key.number())) {
            let reason = format!("the record {key} belongs to another shard than {index} of {count}");
            return Err(DataError::new("journal", place, DataErrorKind::Damaged { reason }).into());
        }
        totals = totals.plus(sums);
        journals.push((found, path, file));
    }
    // Without any shard, the table has no record, and the first row is missing.
    let parts: Vec<_> = journals.iter().map(|(index, path, file)| (index, path.as_path(), file)).collect();
    let mut records = Records::open(&parts)?;
    let Assembled { path, counts } = assemble(plan, &mut records, Extent::Whole)?;
    Ok(MergeReport {
        rows: counts.rows,
        answered: counts.answered,
        failed: counts.failed,
        prompt_tokens: totals.prompt_tokens,
        completion_tokens: totals.completion_tokens,
        nano_dollars: totals.nano_dollars,
        unknown_costs: totals.unknown_costs,
        output: path,
    })
}
