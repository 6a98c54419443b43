//! The list of a repository's files.

use crate::hub::cache::tree::{self, ListedEntry, Tree};
use crate::hub::repository::{Repository, is_commit, path_problem};
use crate::hub::settings::HubSettings;
use botticelli_core::redact;
use botticelli_error::{BotticelliError, HubErrorKind};
use reqwest::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Maximum number of pages of a list.
const MOST_PAGES: usize = 1_000;

/// The files of a repository at a commit.
#[derive(Debug)]
pub(in crate::hub) struct Listing {
    pub(in crate::hub) commit: String,
    pub(in crate::hub) files: Tree,
}

#[derive(Deserialize)]
struct RevisionInfo {
    sha: String,
}

/// Asks the Hub for the files of a repository, or takes the list from the cache.
pub(in crate::hub) async fn list_files(
    settings: &HubSettings,
    repository: &Repository,
) -> Result<Listing, BotticelliError> {
    let folder = settings.folder(repository);
    let is_cached = folder.commit(&repository.revision).is_some_and(|commit| folder.tree(&commit).is_file());
    let client = settings.client_for(is_cached);
    let commit = if repository.is_commit() {
        repository.revision.clone()
    } else {
        let url = client.url(&repository.revision_path("revision"));
        let info: RevisionInfo = parse(&client.lookup(&url, repository).await?.0, repository)?;
        if !is_commit(&info.sha) {
            return Err(unusable(repository, "the Hub states no commit".to_owned()));
        }
        info.sha
    };
    if let Some(files) = tree::read(&folder, &commit) {
        return Ok(Listing { commit, files });
    }
    let mut url = client.url(&repository.at(&commit).revision_path("tree"));
    url.set_query(Some("recursive=true&expand=false"));
    let files = pages(settings, repository, url).await?;
    tree::write(&folder, &commit, &files);
    Ok(Listing { commit, files })
}

async fn pages(settings: &HubSettings, repository: &Repository, first: Url) -> Result<Tree, BotticelliError> {
    let mut files = Tree::new();
    let mut next = Some(first);
    for _ in 0..MOST_PAGES {
        let Some(url) = next else { return Ok(files) };
        let (body, following) = settings.client.lookup(&url, repository).await?;
        let entries: Vec<ListedEntry> = parse(&body, repository)?;
        for entry in entries.into_iter().filter(ListedEntry::is_file) {
            if path_problem(&entry.path).is_some() {
                let kind = HubErrorKind::UnsafeName { name: redact::tokens(&entry.path) };
                return Err(repository.error(kind).into());
            }
            files.extend([entry.into_entry()]);
        }
        next = following;
    }
    Err(unusable(repository, "the list of files does not end".to_owned()))
}

/// Parses a response of the Hub.
pub(in crate::hub) fn parse<T: DeserializeOwned>(
    body: &[u8],
    repository: &Repository,
) -> Result<T, BotticelliError> {
    serde_json::from_slice(body).map_err(|error| {
        let reason = format!("the response is not the JSON that was expected (line {})", error.line());
        unusable(repository, reason)
    })
}

pub(in crate::hub) fn unusable(repository: &Repository, reason: String) -> BotticelliError {
    repository.error(HubErrorKind::UnusableResponse { reason }).into()
}
