//! The splits of a data set that were downloaded completely.

use crate::hub::cache::layout::RepositoryFolder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// The splits by the text that named them: `split` or `config/split`.
type Splits = BTreeMap<String, CachedSplit>;

/// A split in the folder of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::hub) struct CachedSplit {
    /// Folder: `config/split`. The same `split` without a configuration can belong to several.
    pub(in crate::hub) folder: String,
    /// Number of files.
    pub(in crate::hub) files: usize,
}

/// Records that a split was downloaded under the text that named it. Failures are ignored: the record only serves offline use.
pub(in crate::hub) fn record(folder: &RepositoryFolder, commit: &str, named: &str, split: &CachedSplit) {
    let mut splits = read(folder, commit);
    let before = splits.clone();
    splits.insert(named.to_owned(), split.clone());
    splits.insert(split.folder.clone(), split.clone());
    if splits != before
        && let Ok(text) = serde_json::to_vec(&splits)
        && let Err(error) = folder.write(&path(folder, commit), &text)
    {
        tracing::debug!(%error, "the split is not recorded");
    }
}

/// Returns the split that `named` names; `None` if it was not downloaded completely under this text.
pub(in crate::hub) fn find(folder: &RepositoryFolder, commit: &str, named: &str) -> Option<CachedSplit> {
    read(folder, commit).remove(named)
}

fn read(folder: &RepositoryFolder, commit: &str) -> Splits {
    let bytes = fs::read(path(folder, commit)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Next to the list of the commit's files. The `hf` tools ignore other names there.
fn path(folder: &RepositoryFolder, commit: &str) -> PathBuf {
    folder.tree(commit).with_extension("splits.json")
}
