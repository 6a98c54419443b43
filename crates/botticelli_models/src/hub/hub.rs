//! The Hub.

use crate::hub::cache::cached_repository::{self, CachedRepository};
use crate::hub::cache::removal;
use crate::hub::dataset;
use crate::hub::file;
use crate::hub::gguf::downloaded::GgufModel;
use crate::hub::model;
use crate::hub::patterns::FileFilter;
use crate::hub::progress::ProgressObserver;
use crate::hub::repository::Repository;
use crate::hub::settings::HubSettings;
use crate::hub::snapshot;
use botticelli_error::BotticelliError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Models and data sets of the Hugging Face Hub, in a cache on the disk.
///
/// The `hf` tools and the Python package `huggingface_hub` use the same cache: each finds the files of the others. Clones share
/// connections and settings.
///
/// A repository is written `org/name`, `datasets/org/name`, or with a revision `org/name@v1.0`. Without one, the revision is that of
/// [`with_revision`](Self::with_revision), else `main`.
#[derive(Clone, Debug)]
pub struct Hub {
    settings: Arc<HubSettings>,
}

impl Hub {
    pub(in crate::hub) fn new(settings: HubSettings) -> Self {
        Self { settings: Arc::new(settings) }
    }

    /// Sets the revision of repositories whose name has none: a branch, a tag or a commit. Default: `main`.
    pub fn with_revision(mut self, revision: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.settings).revision = Some(revision.into());
        self
    }

    /// Sets an observer for the progress of downloads.
    pub fn with_observer(mut self, observer: impl Into<ProgressObserver>) -> Self {
        Arc::make_mut(&mut self.settings).observer = Some(observer.into());
        self
    }

    /// Sets the memory for the weights of a model, in bytes. [`download_gguf`](Self::download_gguf) then chooses the largest
    /// quantization that fits. The context needs memory in addition.
    pub fn with_memory_limit(mut self, bytes: u64) -> Self {
        Arc::make_mut(&mut self.settings).memory_limit = Some(bytes);
        self
    }

    /// Returns the folder of the cache.
    pub fn cache(&self) -> &Path {
        &self.settings.cache
    }

    /// Returns whether requests are forbidden. Only complete files in the cache are then found.
    pub fn is_offline(&self) -> bool {
        self.settings.offline.is_some()
    }

    /// Returns the path of a file in the cache, and downloads it if the cache does not have its current version.
    ///
    /// An interrupted download continues with the next call. If the Hub cannot be reached, the cached version is used.
    ///
    /// # Errors
    ///
    /// A [`HubError`](botticelli_error::HubError): an invalid name, no such repository, revision or file, no access, a wrong checksum,
    /// a full disk, or a file that is not in the cache in offline mode. A failed connection.
    pub async fn download(&self, repository: &str, file: &str) -> Result<PathBuf, BotticelliError> {
        file::download(&self.settings, &self.repository(repository)?, file).await
    }

    /// Returns the folder with all files of a repository that a filter includes, and downloads those that the cache does not have.
    ///
    /// All files belong to the same commit. In offline mode the folder is returned only if no file is missing.
    ///
    /// # Errors
    ///
    /// As [`download`](Self::download).
    pub async fn snapshot(&self, repository: &str, filter: FileFilter) -> Result<PathBuf, BotticelliError> {
        snapshot::snapshot(&self.settings, &self.repository(repository)?, &filter).await
    }

    /// Returns a GGUF model in the cache, and downloads it if the cache does not have it.
    ///
    /// `model` is `org/name:quantization`, such as `bartowski/SmolLM2-1.7B-Instruct-GGUF:Q4_K_M`, or `org/name:file.gguf`. Without a
    /// quantization, the largest one within [`with_memory_limit`](Self::with_memory_limit) is chosen; without a limit, `Q4_K_M` or
    /// the next common one. Projectors for images (`mmproj`) are never chosen. All parts of a split model are downloaded.
    ///
    /// # Errors
    ///
    /// The errors of [`download`](Self::download). If the quantization does not exist, the error lists the quantizations of the
    /// repository. If no quantization fits, the error names the smallest one.
    pub async fn download_gguf(&self, model: &str) -> Result<GgufModel, BotticelliError> {
        model::download_gguf(&self.settings, model).await
    }

    /// Returns the Parquet files of a split of a data set, and downloads those that the cache does not have.
    ///
    /// `split` is `split` or `config/split`. The Hub converts data sets of other formats to Parquet, up to a size that it sets.
    ///
    /// # Errors
    ///
    /// As [`download`](Self::download). No such split, or no Parquet files: the error lists the splits of the data set.
    pub async fn dataset(&self, name: &str, split: &str) -> Result<Vec<PathBuf>, BotticelliError> {
        dataset::dataset(&self.settings, name, split).await
    }

    /// Returns the repositories in the cache by kind and name. Reads the folders, and blocks.
    ///
    /// # Errors
    ///
    /// The cache cannot be read.
    pub fn list(&self) -> Result<Vec<CachedRepository>, BotticelliError> {
        cached_repository::list(&self.settings.cache)
    }

    /// Returns the size of the whole cache in bytes, incomplete downloads included. Reads the folders, and blocks.
    ///
    /// # Errors
    ///
    /// The cache cannot be read.
    pub fn size(&self) -> Result<u64, BotticelliError> {
        Ok(self.list()?.iter().map(CachedRepository::size).sum())
    }

    /// Removes a repository from the cache, all revisions and incomplete downloads included. Returns `false` if the cache does not
    /// have it. Blocks.
    ///
    /// # Errors
    ///
    /// An invalid name, a download of the repository that is running, or a cache that cannot be written.
    pub fn remove(&self, repository: &str) -> Result<bool, BotticelliError> {
        removal::remove(&self.settings.folder(&self.repository(repository)?))
    }

    fn repository(&self, name: &str) -> Result<Repository, BotticelliError> {
        Repository::parse(name, self.settings.revision.as_deref())
    }
}
