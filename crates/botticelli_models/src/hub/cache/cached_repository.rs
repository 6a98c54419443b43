//! The content of the cache.

use crate::hub::cache::folder::{files, names};
use crate::hub::cache::layout::{INCOMPLETE, io_error};
use crate::hub::repository::RepositoryKind;
use botticelli_error::BotticelliError;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A repository in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedRepository {
    id: String,
    kind: RepositoryKind,
    path: PathBuf,
    size: u64,
    incomplete: u64,
    revisions: Vec<CachedRevision>,
}

/// A commit of a repository in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedRevision {
    commit: String,
    names: Vec<String>,
    path: PathBuf,
    files: Vec<String>,
}

impl CachedRepository {
    /// Returns the name of the repository: `org/name`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the kind of the repository.
    pub const fn kind(&self) -> RepositoryKind {
        self.kind
    }

    /// Returns the folder of the repository.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the size on the disk in bytes, with the beginnings of incomplete downloads. A content of several revisions counts once.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the bytes of incomplete downloads.
    pub const fn incomplete(&self) -> u64 {
        self.incomplete
    }

    /// Returns the commits.
    pub fn revisions(&self) -> &[CachedRevision] {
        &self.revisions
    }
}

impl CachedRevision {
    /// Returns the commit.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Returns the branches and tags of the commit.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the folder of the commit.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the files, with `/` between the parts of a name.
    pub fn files(&self) -> &[String] {
        &self.files
    }
}

/// Returns the repositories in the cache by name. A missing cache is empty.
pub(in crate::hub) fn list(cache: &Path) -> Result<Vec<CachedRepository>, BotticelliError> {
    let failed = |error| io_error("the cache", cache, error);
    let mut found = Vec::new();
    for name in names(cache).map_err(failed)? {
        if let Some((kind, id)) = parse_folder(&name) {
            let path = cache.join(&name);
            found.push(read(kind, id, &path).map_err(|error| io_error("the cache", &path, error))?);
        }
    }
    found.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    Ok(found)
}

fn read(kind: RepositoryKind, id: String, path: &Path) -> io::Result<CachedRepository> {
    let mut references: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let refs = path.join("refs");
    for name in files(&refs)? {
        let commit = fs::read_to_string(refs.join(&name))?;
        references.entry(commit.trim().to_owned()).or_default().push(name);
    }
    let snapshots = path.join("snapshots");
    let mut revisions = Vec::new();
    let mut size = 0_u64;
    for commit in names(&snapshots)? {
        let folder = snapshots.join(&commit);
        let files = files(&folder)?;
        for file in &files {
            // Without links, the content is here and not among the blobs.
            let facts = fs::symlink_metadata(folder.join(file))?;
            size = size.saturating_add(if facts.is_symlink() { 0 } else { facts.len() });
        }
        let names = references.remove(&commit).unwrap_or_default();
        revisions.push(CachedRevision { commit, names, path: folder, files });
    }
    let mut incomplete = 0_u64;
    let blobs = path.join("blobs");
    for name in names(&blobs)? {
        let length = fs::metadata(blobs.join(&name)).map_or(0, |facts| facts.len());
        size = size.saturating_add(length);
        if name.ends_with(INCOMPLETE) {
            incomplete = incomplete.saturating_add(length);
        }
    }
    Ok(CachedRepository { id, kind, path: path.to_owned(), size, incomplete, revisions })
}

/// Returns the kind and the name of a repository from the name of its folder.
fn parse_folder(name: &str) -> Option<(RepositoryKind, String)> {
    let (kind, id) = name.split_once("--")?;
    let kind = RepositoryKind::ALL.into_iter().find(|known| known.as_str() == kind)?;
    Some((kind, id.replace("--", "/")))
}
