//! A part of a table, for one of several machines.

use botticelli_error::{BotticelliError, BuilderError};
use std::path::{Path, PathBuf};

/// A part of a table: shard `index` of `count`.
///
/// A stable hash of the request selects the shard of a row. Equal rows are therefore in one shard, and a row does not move if
/// rows are added.
///
/// ```
/// use botticelli_batch::Shard;
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// // The second of four Slurm tasks.
/// let environment = |name: &str| match name {
///     "SLURM_ARRAY_TASK_ID" => Some("1".to_owned()),
///     "SLURM_ARRAY_TASK_COUNT" => Some("4".to_owned()),
///     _ => None,
/// };
/// assert_eq!(Shard::from_variables(environment)?, Some(Shard::new(1, 4)?));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shard {
    index: u64,
    count: u64,
}

impl Shard {
    /// Returns shard `index` of `count`. The first index is 0.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the index is not below the count.
    #[track_caller]
    pub fn new(index: u64, count: u64) -> Result<Self, BotticelliError> {
        if index < count {
            return Ok(Self { index, count });
        }
        let reason = format!("the index of a shard is below the number of shards, {count}");
        let remedy = "count shards from 0";
        Err(BuilderError::refused("Shard", "index", index.to_string(), reason, remedy).into())
    }

    /// Returns the shard that the environment of the process names, or `None` without such variables.
    ///
    /// The variables are those of Kubernetes' indexed jobs (`JOB_COMPLETION_INDEX`, and `JOB_COMPLETIONS`, which the manifest sets) and of
    /// Slurm's job arrays (`SLURM_ARRAY_TASK_ID`, `SLURM_ARRAY_TASK_COUNT`, `SLURM_ARRAY_TASK_MIN` and
    /// `SLURM_ARRAY_TASK_STEP`).
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if a variable is not a number, or if the other one is missing.
    #[track_caller]
    pub fn from_env() -> Result<Option<Self>, BotticelliError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// Does the same as [`from_env`](Self::from_env) with other variables.
    ///
    /// # Errors
    ///
    /// The same as for [`from_env`](Self::from_env).
    #[track_caller]
    pub fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, BotticelliError> {
        let number = |name: &'static str| match variable(name) {
            None => Ok(None),
            Some(text) => text.trim().parse::<u64>().map(Some).map_err(|_| {
                let text: String = text.chars().take(40).collect();
                refused(name, &format!("{text:?}"), "it is not a number", "give a number from 0")
            }),
        };
        let missing = |index: &'static str, count: &'static str| {
            let remedy = format!("{index} is set: set {count} to the number of shards");
            BotticelliError::from(BuilderError::missing("Shard", count, remedy))
        };
        if let Some(index) = number("JOB_COMPLETION_INDEX")? {
            let count = number("JOB_COMPLETIONS")?;
            let count = count.ok_or_else(|| missing("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"))?;
            return Self::new(index, count).map(Some);
        }
        if let Some(id) = number("SLURM_ARRAY_TASK_ID")? {
            let count = number("SLURM_ARRAY_TASK_COUNT")?;
            let count = count.ok_or_else(|| missing("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT"))?;
            let first = number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0);
            // `--array=0-12:4` has the ids 0, 4, 8 and 12.
            let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
            return Self::new(id.saturating_sub(first) / step, count).map(Some);
        }
        Ok(None)
    }

    /// Returns the index, from 0.
    pub fn index(self) -> u64 {
        self.index
    }

    /// Returns the number of shards.
    pub fn count(self) -> u64 {
        self.count
    }

    /// Returns whether the shard has the row with this hash.
    pub(crate) fn has(self, hash: u64) -> bool {
        hash.checked_rem(self.count) == Some(self.index)
    }

    /// Returns the path of the shard's output: `labels.shard-1-of-4.jsonl` for `labels.jsonl`.
    pub(crate) fn path_of(self, output: &Path) -> PathBuf {
        with_infix(output, &format!("shard-{}-of-{}", self.index, self.count))
    }
}

/// Returns the path with a word before its extension: `labels.partial.jsonl`.
pub(crate) fn with_infix(path: &Path, infix: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(".");
    name.push(infix);
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[track_caller]
fn refused(name: &'static str, value: &str, reason: &str, remedy: &'static str) -> BotticelliError {
    BuilderError::refused("Shard", name, value.to_owned(), reason.to_owned(), remedy).into()
}
