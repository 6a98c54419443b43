//! GGUF models of a repository.

use crate::hub::cache::tree::{self, Tree};
use crate::hub::file::is_unreachable;
use crate::hub::gguf::candidate::{Candidate, is_gguf};
use crate::hub::gguf::downloaded::GgufModel;
use crate::hub::gguf::selection::select;
use crate::hub::listing::{Listing, list_files};
use crate::hub::repository::Repository;
use crate::hub::settings::HubSettings;
use crate::hub::snapshot::download_all;
use botticelli_error::{BotticelliError, HubErrorKind};

/// Downloads the model `org/name:quantization`, or takes it from the cache.
pub(in crate::hub) async fn download_gguf(
    settings: &HubSettings,
    name: &str,
) -> Result<GgufModel, BotticelliError> {
    let (name, wanted) = split_quantization(name.trim());
    let repository = Repository::parse(&name, settings.revision.as_deref())?;
    let select = |listing: &Listing| select(listing, &repository, wanted.as_deref(), settings.memory_limit);
    if let Some(offline) = &settings.offline {
        let listing = cached_listing(settings, &repository, offline)?;
        return cached_model(settings, &repository, &listing, select(&listing)?, offline);
    }
    match list_files(settings, &repository).await {
        Ok(listing) => {
            let chosen = select(&listing)?;
            let files: Vec<&str> = chosen.files.iter().map(String::as_str).collect();
            let parts = download_all(settings, &repository, &listing, &files).await?;
            Ok(model(chosen, listing.commit, parts))
        }
        Err(error) if is_unreachable(&error) => {
            let cached = cached_listing(settings, &repository, "the unreachable Hub").and_then(|listing| {
                let chosen = select(&listing)?;
                cached_model(settings, &repository, &listing, chosen, "the unreachable Hub")
            });
            cached.map_err(|_| error)
        }
        Err(error) => Err(error),
    }
}

/// Splits `org/name:quantization@revision` and `org/name@revision:quantization` into the name with its revision, and the rest.
fn split_quantization(text: &str) -> (String, Option<String>) {
    let start = text.strip_prefix("hf://").unwrap_or(text);
    let Some((name, rest)) = start.split_once(':') else { return (start.to_owned(), None) };
    match rest.split_once('@') {
        Some((wanted, revision)) => (format!("{name}@{revision}"), Some(wanted.to_owned())),
        None => (name.to_owned(), Some(rest.to_owned())),
    }
}

/// Returns the files of the revision from the cache: all of its list, or those that were downloaded if the list is missing.
fn cached_listing(
    settings: &HubSettings,
    repository: &Repository,
    offline: &str,
) -> Result<Listing, BotticelliError> {
    let folder = settings.folder(repository);
    let missing = || -> BotticelliError {
        let kind = HubErrorKind::Offline { setting: offline.to_owned(), missing: Vec::new() };
        repository.error(kind).into()
    };
    let commit = folder.commit(&repository.revision).ok_or_else(missing)?;
    let files = match tree::read(&folder, &commit) {
        Some(files) => files,
        None => tree::of_files(&folder.snapshot(&commit)).ok_or_else(missing)?,
    };
    Ok(Listing { commit, files: downloaded_first(settings, repository, files) })
}

/// Returns the files of models that are completely in the cache, or all files if none is.
///
/// Without a name, the model that was downloaded is the one to use.
fn downloaded_first(settings: &HubSettings, repository: &Repository, files: Tree) -> Tree {
    let folder = settings.folder(repository);
    let Some(commit) = folder.commit(&repository.revision) else { return files };
    let cached: Tree = files
        .iter()
        .filter(|(name, _)| folder.cached(&commit, name).is_some())
        .map(|(name, entry)| (name.clone(), entry.clone()))
        .collect();
    let has_model = cached.keys().any(|name| is_gguf(name));
    if has_model { cached } else { files }
}

fn cached_model(
    settings: &HubSettings,
    repository: &Repository,
    listing: &Listing,
    chosen: Candidate,
    offline: &str,
) -> Result<GgufModel, BotticelliError> {
    let folder = settings.folder(repository);
    let paths: Vec<_> = chosen.files.iter().map(|file| folder.cached(&listing.commit, file)).collect();
    let missing: Vec<String> = chosen
        .files
        .iter()
        .zip(&paths)
        .filter(|(_, path)| path.is_none())
        .map(|(file, _)| file.clone())
        .collect();
    if missing.is_empty() {
        return Ok(model(chosen, listing.commit.clone(), paths.into_iter().flatten().collect()));
    }
    let kind = HubErrorKind::Offline { setting: offline.to_owned(), missing };
    Err(repository.error(kind).into())
}

fn model(chosen: Candidate, commit: String, parts: Vec<std::path::PathBuf>) -> GgufModel {
    let file = chosen.name().to_owned();
    GgufModel { parts, commit, file, quantization: chosen.quantization, size: chosen.size }
}
