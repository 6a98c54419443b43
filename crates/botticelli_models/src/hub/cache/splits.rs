//! The splits of a data set that were downloaded completely.

use crate::hub::cache::layout::RepositoryFolder;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Number of files by `config/split`.
type Splits = BTreeMap<String, usize>;

/// Records that a split was downloaded. Failures are ignored: the record only serves offline use.
pub(in crate::hub) fn record(folder: &RepositoryFolder, commit: &str, split: &str, count: usize) {
    let mut splits = read(folder, commit);
    if splits.insert(split.to_owned(), count) != Some(count)
        && let Ok(text) = serde_json::to_vec(&splits)
        && let Err(error) = folder.write(&path(folder, commit), &text)
    {
        tracing::debug!(%error, "the split is not recorded");
    }
}

/// Returns the number of files of a split; `None` if it was not downloaded completely.
pub(in crate::hub) fn count(folder: &RepositoryFolder, commit: &str, split: &str) -> Option<usize> {
    read(folder, commit).get(split).copied()
}

fn read(folder: &RepositoryFolder, commit: &str) -> Splits {
    let bytes = fs::read(path(folder, commit)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Next to the list of the commit's files. The `hf` tools ignore other names there.
fn path(folder: &RepositoryFolder, commit: &str) -> PathBuf {
    folder.tree(commit).with_extension("splits.json")
}
