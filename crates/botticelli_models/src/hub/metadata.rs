//! The facts of a file before it is downloaded.

use crate::hub::client::{Answer, Follow, HubClient, redirect_target};
use crate::hub::refusal::refusal;
use crate::hub::repository::{Repository, is_commit};
use botticelli_error::{BotticelliError, HubErrorKind};
use reqwest::header::{CONTENT_LENGTH, ETAG, HeaderMap};
use reqwest::{Method, Url};

/// The facts of a file: commit, checksum, size and address.
#[derive(Clone, Debug)]
pub(in crate::hub) struct FileMetadata {
    pub(in crate::hub) commit: String,
    /// Name of the content in the cache. For large files it is their SHA-256, for small ones the hash of git.
    pub(in crate::hub) etag: String,
    pub(in crate::hub) size: Option<u64>,
    /// Address of the content, on the Hub or on the server that it redirects to.
    pub(in crate::hub) location: Url,
}

/// The response of the Hub to the question for a file.
#[derive(Debug)]
pub(in crate::hub) enum FileLookup {
    Found(Box<FileMetadata>),
    /// The file does not exist at this commit.
    Missing {
        commit: Option<String>,
        error: BotticelliError,
    },
}

/// Asks the Hub for the facts of the file at `url`. The request follows redirects inside the Hub only.
pub(in crate::hub) async fn look_up(
    client: &HubClient,
    url: &Url,
    repository: &Repository,
    file: &str,
) -> Result<FileLookup, BotticelliError> {
    let page = client.page(repository);
    let attempt = |timeouts| {
        let page = &page;
        async move {
            let headers = HeaderMap::new();
            let answer =
                client.send(Method::HEAD, url, &headers, Follow::InsideHub, repository, timeouts).await?;
            let target = redirect_target(&answer.response, &answer.url);
            if answer.response.is_success() || target.is_some() {
                let found = read(answer, target, client, repository, file)?;
                return Ok(FileLookup::Found(Box::new(found)));
            }
            let commit = answer.response.header("x-repo-commit").filter(|commit| is_commit(commit));
            let commit = commit.map(str::to_owned);
            let asked = client.asked(repository, Some(file), page);
            let error = refusal(answer.response, asked, client.http.clock().wall_time()).await;
            if is_missing_file(&error) { Ok(FileLookup::Missing { commit, error }) } else { Err(error) }
        }
    };
    client.retried(attempt).await
}

fn is_missing_file(error: &BotticelliError) -> bool {
    matches!(error.kind(), botticelli_error::BotticelliErrorKind::Hub(hub)
        if matches!(hub.kind(), HubErrorKind::FileNotFound { .. }))
}

/// Reads the headers of the response, and of the redirects before it. The Hub sends the facts with the first redirect.
fn read(
    answer: Answer,
    target: Option<Url>,
    client: &HubClient,
    repository: &Repository,
    file: &str,
) -> Result<FileMetadata, BotticelliError> {
    let Answer { response, url, redirects } = answer;
    let all = || redirects.iter().chain([&response]);
    let first = |name: &str| all().find_map(|response| response.header(name)).map(str::to_owned);
    let missing = |reason: String| {
        repository
            .error(HubErrorKind::UnusableResponse { reason })
            .with_file(file)
            .with_status(response.host().to_string(), response.status())
    };
    let absent = |name: &str| BotticelliError::from(missing(format!("the header {name} is missing")));
    let commit = first("x-repo-commit").ok_or_else(|| absent("X-Repo-Commit"))?;
    if !is_commit(&commit) {
        return Err(missing("the header X-Repo-Commit has no commit".into()).into());
    }
    let stated = first("x-linked-etag").or_else(|| response.header(ETAG).map(str::to_owned));
    let etag = normalized(&stated.ok_or_else(|| absent("ETag"))?).to_owned();
    if !is_file_name(&etag) {
        return Err(missing("the header ETag is not usable as the name of a file".into()).into());
    }
    let length = || {
        let is_plain = response.is_success() && response.encoding().is_none();
        response.header(CONTENT_LENGTH).filter(|_| is_plain).map(str::to_owned)
    };
    let size = first("x-linked-size").or_else(length).and_then(|size| size.trim().parse().ok());
    if let Some(target) = &target {
        client.check_target(target, repository)?;
    }
    Ok(FileMetadata { commit, etag, size, location: target.unwrap_or(url) })
}

/// Returns an entity tag without quotes and without the mark of a weak one.
fn normalized(etag: &str) -> &str {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}

fn is_file_name(etag: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=128).contains(&etag.len()) && !etag.starts_with('.') && etag.bytes().all(is_allowed)
}
