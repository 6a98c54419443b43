//! One file: from the cache, or from the Hub.

use crate::hub::cache::layout::RepositoryFolder;
use crate::hub::cache::link::{Content, link};
use crate::hub::cache::lock::ContentLock;
use crate::hub::metadata::{FileLookup, FileMetadata, look_up};
use crate::hub::progress::DownloadStep;
use crate::hub::repository::{Repository, check_file};
use crate::hub::settings::HubSettings;
use crate::hub::transfer::download::Download;
use crate::hub::transfer::source::Source;
use botticelli_error::{BotticelliError, ErrorCategory, HubErrorKind};
use reqwest::Url;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Returns the path of a file in the cache, and downloads it if the cache does not have it.
pub(in crate::hub) async fn download(
    settings: &HubSettings,
    repository: &Repository,
    file: &str,
) -> Result<PathBuf, BotticelliError> {
    check_file(file)?;
    let folder = settings.folder(repository);
    if let Some(offline) = &settings.offline {
        return folder
            .cached_at(&repository.revision, file)
            .ok_or_else(|| not_cached(repository, file, offline));
    }
    // A commit never changes.
    if repository.is_commit()
        && let Some(path) = folder.cached(&repository.revision, file)
    {
        return Ok(path);
    }
    let url = settings.client.url(&repository.resolve_path(file));
    // If the cache has the file, an unreachable Hub is asked only once.
    let is_cached = folder.cached_at(&repository.revision, file).is_some();
    let client = settings.client_for(is_cached);
    let found = match look_up(&client, &url, repository, file).await {
        Ok(FileLookup::Found(found)) => *found,
        Ok(FileLookup::Missing { commit, error }) => {
            if let Some(commit) = commit {
                folder.set_missing(&commit, file);
            }
            return Err(error);
        }
        Err(error) => return cached_instead(&folder, repository, file, error),
    };
    store(settings, &folder, repository, file, found).await
}

/// Returns the cached file if the Hub cannot be reached. A refusal of the Hub is an error.
fn cached_instead(
    folder: &RepositoryFolder,
    repository: &Repository,
    file: &str,
    error: BotticelliError,
) -> Result<PathBuf, BotticelliError> {
    match folder.cached_at(&repository.revision, file).filter(|_| is_unreachable(&error)) {
        Some(path) => {
            tracing::warn!(%error, file, "the Hub cannot be reached, and the cached file is used");
            Ok(path)
        }
        None => Err(error),
    }
}

/// Returns the path of a file whose facts are known, and downloads its content if the cache does not have it.
pub(in crate::hub) async fn store(
    settings: &HubSettings,
    folder: &RepositoryFolder,
    repository: &Repository,
    file: &str,
    found: FileMetadata,
) -> Result<PathBuf, BotticelliError> {
    let (commit, etag) = (found.commit.clone(), found.etag.clone());
    if let Some(path) = folder.cached(&commit, file) {
        // The file is complete, so a cache that cannot be written does not matter.
        if let Err(error) = folder.set_commit(&repository.revision, &commit) {
            tracing::debug!(%error, "the commit is not recorded");
        }
        return Ok(path);
    }
    folder.set_commit(&repository.revision, &commit)?;
    let (pointer, blob) = (folder.pointer(&commit, file), folder.blob(&etag));
    let source = Source::new(&settings.client, repository, file, found);
    let download = Download { settings, folder, source };
    let size = download.source.metadata.size;
    let clock = settings.client.http.clock().clone();
    let has_waited = AtomicBool::new(false);
    let waiting = || {
        has_waited.store(true, Ordering::Relaxed);
        download.report(DownloadStep::Waiting, 0, size, 0);
    };
    let lock = Arc::new(ContentLock::acquire(folder, &etag, &*clock, waiting).await?);
    let mut content = Content::Shared;
    if !blob.is_file() && !pointer.is_file() {
        download.run(lock.clone()).await?;
        content = Content::New;
    } else if has_waited.into_inner() {
        let length = size.unwrap_or_default();
        download.report(DownloadStep::Complete, length, size, length);
    }
    if !pointer.is_file() {
        link(folder, &etag, &pointer, content, settings.has_links)?;
    }
    drop(lock);
    Ok(pointer)
}

/// Returns the path of the file at `url`, which is below an API of the Hub, as file `name` at the revision of `repository`.
pub(in crate::hub) async fn download_from(
    settings: &HubSettings,
    repository: &Repository,
    name: &str,
    url: &Url,
) -> Result<PathBuf, BotticelliError> {
    check_file(name)?;
    let folder = settings.folder(repository);
    let found = match look_up(&settings.client, url, repository, name).await? {
        FileLookup::Found(found) => *found,
        FileLookup::Missing { error, .. } => return Err(error),
    };
    store(settings, &folder, repository, name, found).await
}

/// Returns whether the Hub gave no answer, so that the cache may help.
pub(in crate::hub) fn is_unreachable(error: &BotticelliError) -> bool {
    matches!(error.category(), ErrorCategory::Connection | ErrorCategory::Timeout | ErrorCategory::Server)
}

fn not_cached(repository: &Repository, file: &str, offline: &str) -> BotticelliError {
    let kind = HubErrorKind::Offline { setting: offline.to_owned(), missing: Vec::new() };
    repository.error(kind).with_file(file).into()
}
