//! Several files of one commit.

use crate::hub::cache::layout::{RepositoryFolder, shown};
use crate::hub::cache::tree;
use crate::hub::file::{self, is_unreachable};
use crate::hub::listing::{Listing, list_files};
use crate::hub::patterns::FileFilter;
use crate::hub::repository::Repository;
use crate::hub::settings::HubSettings;
use botticelli_error::{BotticelliError, HubErrorKind};
use futures::{StreamExt, TryStreamExt, stream};
use std::path::PathBuf;

/// Returns the folder of a commit, with all files that the filter includes.
pub(in crate::hub) async fn snapshot(
    settings: &HubSettings,
    repository: &Repository,
    filter: &FileFilter,
) -> Result<PathBuf, BotticelliError> {
    let folder = settings.folder(repository);
    if let Some(offline) = &settings.offline {
        return complete_snapshot(&folder, repository, filter, offline);
    }
    let listing = match list_files(settings, repository).await {
        Ok(listing) => listing,
        Err(error) if is_unreachable(&error) => {
            let reason = "the unreachable Hub";
            return complete_snapshot(&folder, repository, filter, reason).map_err(|_| error);
        }
        Err(error) => return Err(error),
    };
    let files: Vec<&str> =
        listing.files.keys().map(String::as_str).filter(|file| filter.includes(file)).collect();
    download_all(settings, repository, &listing, &files).await?;
    let path = folder.snapshot(&listing.commit);
    // A snapshot without a file still has its folder.
    folder.create_parent(&path.join("file"))?;
    Ok(path)
}

/// Downloads files of a listing, several at the same time, and returns their paths in order.
pub(in crate::hub) async fn download_all(
    settings: &HubSettings,
    repository: &Repository,
    listing: &Listing,
    files: &[&str],
) -> Result<Vec<PathBuf>, BotticelliError> {
    let folder = settings.folder(repository);
    let missing: u64 = files
        .iter()
        .filter(|file| folder.cached(&listing.commit, file).is_none())
        .filter_map(|file| listing.files.get(*file))
        .map(|entry| entry.content_size().saturating_sub(folder.on_disk(entry.etag())))
        .fold(0, u64::saturating_add);
    check_space(&folder, repository, missing)?;
    let fixed = repository.at(&listing.commit);
    // Collected, because a closure in the stream would make the future of this function not `Send`.
    let downloads: Vec<_> = files.iter().map(|file| file::download(settings, &fixed, file)).collect();
    let paths = stream::iter(downloads).buffered(settings.concurrency.max(1)).try_collect().await?;
    folder.set_commit(&repository.revision, &listing.commit)?;
    Ok(paths)
}

/// Rejects files for which the disk has no space, before the first one is downloaded.
fn check_space(
    folder: &RepositoryFolder,
    repository: &Repository,
    needed: u64,
) -> Result<(), BotticelliError> {
    if needed == 0 {
        return Ok(());
    }
    folder.create_parent(&folder.path().join("file"))?;
    let Ok(free) = fs4::available_space(folder.path()) else { return Ok(()) };
    match needed.saturating_sub(free) {
        0 => Ok(()),
        missing => {
            let kind = HubErrorKind::DiskFull { folder: shown(folder.cache()), missing };
            Err(repository.error(kind).into())
        }
    }
}

/// Returns the folder of a commit in the cache, if it has all files that the filter includes.
///
/// Without a list of the files, the folder counts as complete. An older tool downloaded it.
fn complete_snapshot(
    folder: &RepositoryFolder,
    repository: &Repository,
    filter: &FileFilter,
    offline: &str,
) -> Result<PathBuf, BotticelliError> {
    let incomplete = |missing| -> BotticelliError {
        repository.error(HubErrorKind::Offline { setting: offline.to_owned(), missing }).into()
    };
    let commit = folder.commit(&repository.revision).ok_or_else(|| incomplete(Vec::new()))?;
    let path = folder.snapshot(&commit);
    if let Some(files) = tree::read(folder, &commit) {
        let is_missing = |file: &&String| folder.cached(&commit, file).is_none();
        let missing: Vec<String> =
            files.keys().filter(|file| filter.includes(file)).filter(is_missing).cloned().collect();
        return if missing.is_empty() { Ok(path) } else { Err(incomplete(missing)) };
    }
    if path.is_dir() { Ok(path) } else { Err(incomplete(Vec::new())) }
}
