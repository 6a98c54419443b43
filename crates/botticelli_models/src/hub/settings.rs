//! The settings of a [`Hub`](crate::hub::Hub).

use crate::hub::cache::layout::RepositoryFolder;
use crate::hub::client::HubClient;
use crate::hub::progress::ProgressObserver;
use crate::hub::repository::Repository;
use botticelli_core::redact;
use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// The settings of a [`Hub`](crate::hub::Hub).
#[derive(Clone)]
pub(in crate::hub) struct HubSettings {
    pub(in crate::hub) client: HubClient,
    pub(in crate::hub) cache: PathBuf,
    /// Default revision.
    pub(in crate::hub) revision: Option<String>,
    /// Setting that forbids requests; `None` if they are allowed.
    pub(in crate::hub) offline: Option<String>,
    pub(in crate::hub) observer: Option<ProgressObserver>,
    /// Number of ranges of one file, and of files of one snapshot, at the same time.
    pub(in crate::hub) concurrency: usize,
    /// Bytes of a range.
    pub(in crate::hub) range_size: u64,
    pub(in crate::hub) has_links: bool,
    /// Memory for the weights of a model, in bytes.
    pub(in crate::hub) memory_limit: Option<u64>,
}

impl HubSettings {
    /// Returns the client, without retries if the cache can replace the answer.
    pub(in crate::hub) fn client_for(&self, is_cached: bool) -> Cow<'_, HubClient> {
        if !is_cached {
            return Cow::Borrowed(&self.client);
        }
        let mut client = self.client.clone();
        client.retrier.config = client.retrier.config.with_max_retries(0);
        Cow::Owned(client)
    }

    pub(in crate::hub) fn folder(&self, repository: &Repository) -> RepositoryFolder {
        RepositoryFolder::new(&self.cache, repository)
    }
}

// A path or a revision may contain a token by mistake.
impl fmt::Debug for HubSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubSettings")
            .field("client", &self.client)
            .field("cache", &redact_path(&self.cache))
            .field("revision", &self.revision.as_deref().map(redact::tokens))
            .field("offline", &self.offline)
            .field("concurrency", &self.concurrency)
            .field("range_size", &self.range_size)
            .field("memory_limit", &self.memory_limit)
            .finish_non_exhaustive()
    }
}

/// Returns a path for `Debug`.
pub(in crate::hub) fn redact_path(path: &Path) -> String {
    redact::tokens(&path.to_string_lossy())
}
