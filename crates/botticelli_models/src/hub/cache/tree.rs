//! The list of a commit's files, in the format of the `hf` tools.

use crate::hub::cache::folder::files;
use crate::hub::cache::layout::RepositoryFolder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Version of the format.
const VERSION: u32 = 1;

/// The files of a commit by name.
pub(in crate::hub) type Tree = BTreeMap<String, TreeEntry>;

/// A file of a commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::hub) struct TreeEntry {
    pub(in crate::hub) size: u64,
    blob_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lfs_sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lfs_size: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    xet_hash: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct TreeFile {
    format_version: u32,
    files: Tree,
}

/// An entry of the Hub's response.
#[derive(Debug, Deserialize)]
pub(in crate::hub) struct ListedEntry {
    #[serde(rename = "type")]
    kind: String,
    pub(in crate::hub) path: String,
    #[serde(default)]
    oid: String,
    #[serde(default)]
    size: u64,
    lfs: Option<ListedLfs>,
    #[serde(rename = "xetHash")]
    xet_hash: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ListedLfs {
    oid: String,
    size: u64,
}

impl ListedEntry {
    pub(in crate::hub) fn is_file(&self) -> bool {
        self.kind == "file"
    }

    pub(in crate::hub) fn into_entry(self) -> (String, TreeEntry) {
        let (lfs_sha256, lfs_size) = self.lfs.map(|lfs| (lfs.oid, lfs.size)).unzip();
        let Self { path, oid: blob_id, size, xet_hash, .. } = self;
        (path, TreeEntry { size, blob_id, lfs_sha256, lfs_size, xet_hash })
    }
}

impl TreeEntry {
    /// Returns the name of the content in the cache.
    pub(in crate::hub) fn etag(&self) -> &str {
        self.lfs_sha256.as_deref().unwrap_or(&self.blob_id)
    }

    /// Returns the size of the content in bytes.
    pub(in crate::hub) fn content_size(&self) -> u64 {
        self.lfs_size.unwrap_or(self.size)
    }
}

/// Returns the list of a commit's files from the cache. A damaged list counts as missing.
pub(in crate::hub) fn read(folder: &RepositoryFolder, commit: &str) -> Option<Tree> {
    let bytes = fs::read(folder.tree(commit)).ok()?;
    let file: TreeFile = serde_json::from_slice(&bytes).ok()?;
    (file.format_version == VERSION).then_some(file.files)
}

/// Writes the list of a commit's files. Failures are ignored: the list only saves requests.
pub(in crate::hub) fn write(folder: &RepositoryFolder, commit: &str, files: &Tree) {
    let file = TreeFile { format_version: VERSION, files: files.clone() };
    let written = serde_json::to_vec_pretty(&file).map(|text| folder.write(&folder.tree(commit), &text));
    if let Ok(Err(error)) = written {
        tracing::debug!(%error, "the list of files is not stored");
    }
}

/// Returns the files below the folder of a commit, with their sizes; `None` if the folder does not exist.
pub(in crate::hub) fn of_files(snapshot: &Path) -> Option<Tree> {
    let names = files(snapshot).ok().filter(|_| snapshot.is_dir())?;
    let entry = |name: String| {
        let size = fs::metadata(snapshot.join(&name)).ok()?.len();
        let entry =
            TreeEntry { size, blob_id: String::new(), lfs_sha256: None, lfs_size: None, xet_hash: None };
        Some((name, entry))
    };
    Some(names.into_iter().filter_map(entry).collect())
}
