//! The paths of a repository in the cache.

use crate::hub::repository::{Repository, is_commit, path_problem};
use botticelli_error::{BotticelliError, HubError, HubErrorKind};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folder of the locks, in the cache.
pub(in crate::hub) const LOCKS: &str = ".locks";
/// Suffix of content that is not complete.
pub(in crate::hub) const INCOMPLETE: &str = ".incomplete";
const TAG: &str = "CACHEDIR.TAG";
const TAG_TEXT: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # Everything in this folder can be downloaded again. Backups may skip it (https://bford.info/cachedir/).\n";

/// The folder of one repository in the cache.
#[derive(Clone, Debug)]
pub(in crate::hub) struct RepositoryFolder {
    cache: PathBuf,
    name: String,
    repository: String,
}

impl RepositoryFolder {
    pub(in crate::hub) fn new(cache: &Path, repository: &Repository) -> Self {
        Self { cache: cache.to_owned(), name: repository.folder(), repository: repository.name() }
    }

    /// Returns the folder of the repository.
    pub(in crate::hub) fn path(&self) -> PathBuf {
        self.cache.join(&self.name)
    }

    /// Returns the folder of the repository's locks.
    pub(in crate::hub) fn locks(&self) -> PathBuf {
        self.cache.join(LOCKS).join(&self.name)
    }

    /// Returns the path of the lock of a content.
    pub(in crate::hub) fn lock(&self, etag: &str) -> PathBuf {
        self.locks().join(format!("{etag}.lock"))
    }

    /// Returns the path of a content.
    pub(in crate::hub) fn blob(&self, etag: &str) -> PathBuf {
        self.path().join("blobs").join(etag)
    }

    /// Returns the path of the beginning of a content.
    pub(in crate::hub) fn part(&self, etag: &str) -> PathBuf {
        self.path().join("blobs").join(format!("{etag}{INCOMPLETE}"))
    }

    /// Returns the number of bytes of a content that are on the disk, complete or not.
    pub(in crate::hub) fn on_disk(&self, etag: &str) -> u64 {
        let length = |path: PathBuf| fs::metadata(path).map_or(0, |facts| facts.len());
        length(self.blob(etag)).max(length(self.part(etag)))
    }

    /// Returns the folder of a commit.
    pub(in crate::hub) fn snapshot(&self, commit: &str) -> PathBuf {
        self.path().join("snapshots").join(commit)
    }

    /// Returns the path of a file in the folder of a commit. The name must be valid.
    pub(in crate::hub) fn pointer(&self, commit: &str, file: &str) -> PathBuf {
        joined(self.snapshot(commit), file)
    }

    /// Returns the path of the list of a commit's files.
    pub(in crate::hub) fn tree(&self, commit: &str) -> PathBuf {
        self.path().join("trees").join(format!("{commit}.json"))
    }

    fn reference(&self, revision: &str) -> PathBuf {
        joined(self.path().join("refs"), revision)
    }

    /// Returns the commit of a revision, as far as the cache knows it.
    pub(in crate::hub) fn commit(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let text = fs::read_to_string(self.reference(revision)).ok()?;
        let commit = text.trim();
        is_commit(commit).then(|| commit.to_owned())
    }

    /// Returns the path of a complete file, if the cache has it at this commit.
    pub(in crate::hub) fn cached(&self, commit: &str, file: &str) -> Option<PathBuf> {
        let path = self.pointer(commit, file);
        path.is_file().then_some(path)
    }

    /// Returns the path of a complete file, if the cache has it at the revision.
    pub(in crate::hub) fn cached_at(&self, revision: &str, file: &str) -> Option<PathBuf> {
        self.cached(&self.commit(revision)?, file)
    }

    /// Records the commit of a branch or tag. An equal record is not written again, so that a read-only cache can be used.
    pub(in crate::hub) fn set_commit(&self, revision: &str, commit: &str) -> Result<(), BotticelliError> {
        if is_commit(revision) || self.commit(revision).as_deref() == Some(commit) {
            return Ok(());
        }
        self.write(&self.reference(revision), commit.as_bytes())
    }

    /// Records that the Hub has no such file at the commit. Failures are ignored: the record only saves requests of other tools.
    pub(in crate::hub) fn set_missing(&self, commit: &str, file: &str) {
        let path = joined(self.path().join(".no_exist").join(commit), file);
        if !path.exists()
            && let Err(error) = self.write(&path, b"")
        {
            tracing::debug!(%error, "the missing file is not recorded");
        }
    }

    /// Writes a small file completely or not at all, and creates its folder.
    pub(in crate::hub) fn write(&self, path: &Path, content: &[u8]) -> Result<(), BotticelliError> {
        let temporary = path.with_added_extension_of_process();
        self.create_parent(path)?;
        fs::write(&temporary, content)
            .and_then(|()| fs::rename(&temporary, path))
            .map_err(|error| self.failed(path, error))
    }

    /// Creates the folder of a path, and marks the cache for backup tools.
    pub(in crate::hub) fn create_parent(&self, path: &Path) -> Result<(), BotticelliError> {
        let parent = path.parent().unwrap_or(&self.cache);
        fs::create_dir_all(parent).map_err(|error| self.failed(parent, error))?;
        let tag = self.cache.join(TAG);
        if !tag.exists() {
            // The tag is a courtesy to backup tools.
            let _ = fs::write(tag, TAG_TEXT);
        }
        Ok(())
    }

    /// Returns the error of a file operation in the cache.
    pub(in crate::hub) fn failed(&self, path: &Path, error: io::Error) -> BotticelliError {
        io_error(&self.repository, path, error)
    }

    /// Returns the name of the repository for messages.
    pub(in crate::hub) fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the folder of the whole cache.
    pub(in crate::hub) fn cache(&self) -> &Path {
        &self.cache
    }
}

/// Returns the error of a file operation in the cache.
pub(in crate::hub) fn io_error(repository: &str, path: &Path, error: io::Error) -> BotticelliError {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            HubErrorKind::DiskFull { folder: shown(path.parent().unwrap_or(path)), missing: 0 }
        }
        kind => HubErrorKind::Cache { path: shown(path), reason: kind.to_string() },
    };
    HubError::new(kind, repository).with_source(error).into()
}

/// Returns a path for messages.
pub(in crate::hub) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Appends a name with slashes to a folder. An invalid name is not appended, so that it cannot lead out of the folder.
fn joined(folder: PathBuf, name: &str) -> PathBuf {
    if path_problem(name).is_some() {
        return folder;
    }
    name.split('/').fold(folder, |path, part| path.join(part))
}

trait TemporaryName {
    fn with_added_extension_of_process(&self) -> PathBuf;
}

impl TemporaryName for Path {
    /// Returns a name next to the path that no other process and no other task uses.
    fn with_added_extension_of_process(&self) -> PathBuf {
        let mut name = self.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", unique()));
        self.with_file_name(name)
    }
}

/// Returns a text that no other process and no other task uses at the same time.
pub(in crate::hub) fn unique() -> String {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(std::thread::current().id());
    format!("{}-{:08x}", std::process::id(), random & 0xffff_ffff)
}
