//! A repository and its files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::git_hash::git_hash;
use super::sha256::sha256;
use crate::fingerprint::Fingerprint;

/// A repository of the Hub: a model or a data set with files.
///
/// ```
/// use botticelli_sandbox::{Repository, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let repository = Repository::model("org/name")
///     .with_file("config.json", "{}")
///     .with_large_file("model.gguf", vec![0; 100_000]);
/// let sandbox = Sandbox::builder().with_repository(repository).start().await?;
/// println!("{}/org/name/resolve/main/config.json", sandbox.hub_url());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Repository {
    /// `models` or `datasets`.
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) files: BTreeMap<String, HubFile>,
    /// Contents by `config` and `split`.
    pub(super) splits: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Other names of the current commit.
    pub(super) references: Vec<String>,
    pub(super) access: RepositoryAccess,
    /// The name to which the Hub redirects, if the repository was renamed.
    pub(super) renamed_to: Option<String>,
}

/// Readers of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RepositoryAccess {
    Public,
    /// Requires the sandbox's token.
    Private,
    /// No account has access.
    Gated,
}

/// A file and its facts.
#[derive(Clone, Debug)]
pub(super) struct HubFile {
    pub(super) content: Arc<[u8]>,
    /// Large files are on the second server.
    pub(super) is_large: bool,
    /// Checksum of the content: SHA-256 for large files, the hash of git for others.
    pub(super) checksum: String,
    /// Size that the Hub states.
    pub(super) size: u64,
}

impl Repository {
    /// Returns an empty model repository.
    pub fn model(id: impl Into<String>) -> Self {
        Self::new("models", id.into())
    }

    /// Returns an empty data set.
    pub fn dataset(id: impl Into<String>) -> Self {
        Self::new("datasets", id.into())
    }

    fn new(kind: &'static str, id: String) -> Self {
        Self {
            kind,
            id,
            files: BTreeMap::new(),
            splits: BTreeMap::new(),
            references: vec!["main".to_owned()],
            access: RepositoryAccess::Public,
            renamed_to: None,
        }
    }

    /// Adds a small file, which the Hub sends itself.
    pub fn with_file(self, name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.add(name.into(), content.into(), false)
    }

    /// Adds a large file, for which the Hub redirects to a second server.
    pub fn with_large_file(self, name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.add(name.into(), content.into(), true)
    }

    /// Sets the size that the Hub states for a file, which differs from its content.
    pub fn with_stated_size(mut self, name: &str, size: u64) -> Self {
        if let Some(file) = self.files.get_mut(name) {
            file.size = size;
        }
        self
    }

    /// Adds a Parquet file to a split of a data set. The data set then has the branch `refs/convert/parquet`.
    pub fn with_parquet(mut self, config: &str, split: &str, content: impl Into<Vec<u8>>) -> Self {
        let files = self.splits.entry(config.to_owned()).or_default().entry(split.to_owned()).or_default();
        let name = format!("{config}/{split}/{:04}.parquet", files.len());
        files.push(name.clone());
        self.with_reference("refs/convert/parquet").with_large_file(name, content)
    }

    /// Adds a branch or tag of the commit, in addition to `main`.
    pub fn with_reference(mut self, name: impl Into<String>) -> Self {
        self.references.push(name.into());
        self
    }

    /// Makes the repository private: only the sandbox's token has access.
    pub fn private(mut self) -> Self {
        self.access = RepositoryAccess::Private;
        self
    }

    /// Makes the repository gated: no account has access.
    pub fn gated(mut self) -> Self {
        self.access = RepositoryAccess::Gated;
        self
    }

    /// Renames the repository: requests for the old name are redirected.
    pub fn renamed_to(mut self, id: impl Into<String>) -> Self {
        self.renamed_to = Some(id.into());
        self
    }

    /// Returns the commit, which depends on the names and contents of all files.
    pub fn commit(&self) -> String {
        let files: Vec<String> =
            self.files.iter().map(|(name, file)| format!("{name} {}", file.checksum)).collect();
        let text = format!("{}/{} {}", self.kind, self.id, files.join(" "));
        let hex = Fingerprint::of(text.as_bytes()).hex();
        hex.chars().cycle().take(40).collect()
    }

    /// Returns the checksum that the Hub states for a file: SHA-256 for a large one, the hash of git for others.
    pub fn checksum(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(|file| file.checksum.as_str())
    }

    fn add(mut self, name: String, content: Vec<u8>, is_large: bool) -> Self {
        let checksum = if is_large { sha256(&content) } else { git_hash(&content) };
        let size = u64::try_from(content.len()).unwrap_or_default();
        self.files.insert(name, HubFile { content: content.into(), is_large, checksum, size });
        self
    }
}
