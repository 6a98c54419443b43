//! The server that has a content: whole, or a range of it.

use crate::hub::client::{Follow, HubClient, as_idle};
use crate::hub::metadata::{FileLookup, FileMetadata, look_up};
use crate::hub::refusal::refusal;
use crate::hub::repository::Repository;
use crate::hub::transfer::range::{ContentRange, range_header};
use crate::transport::{HttpResponse, Pieces};
use botticelli_error::{BotticelliError, HubErrorKind};
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_RANGE, RANGE,
};
use reqwest::{Method, Url};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file on a server.
#[derive(Debug)]
pub(in crate::hub) struct Source<'a> {
    pub(in crate::hub) client: &'a HubClient,
    pub(in crate::hub) repository: &'a Repository,
    pub(in crate::hub) file: &'a str,
    pub(in crate::hub) metadata: FileMetadata,
    state: Mutex<SourceState>,
}

#[derive(Debug)]
struct SourceState {
    location: Url,
    /// Entity tag of the content at its location, after the first response.
    validator: Option<String>,
}

/// The response to a request for a range.
#[derive(Debug)]
pub(in crate::hub) enum Opened {
    /// The range that was requested.
    Range(Pieces),
    /// The whole content, and its size.
    Whole(Pieces, Option<u64>),
    /// The content at the server is not the one that was begun.
    Changed,
}

impl<'a> Source<'a> {
    pub(in crate::hub) fn new(
        client: &'a HubClient,
        repository: &'a Repository,
        file: &'a str,
        metadata: FileMetadata,
    ) -> Self {
        let state = SourceState { location: metadata.location.clone(), validator: None };
        Self { client, repository, file, metadata, state: Mutex::new(state) }
    }

    /// Requests the bytes from `start` to `end`, which is not included.
    pub(in crate::hub) async fn open(&self, start: u64, end: Option<u64>) -> Result<Opened, BotticelliError> {
        if let Ok(opened) = self.request(start, end).await? {
            return Ok(opened);
        }
        // The address of a content expires. The Hub gives another one.
        self.find_again().await?;
        match self.request(start, end).await? {
            Ok(opened) => Ok(opened),
            Err(response) => Err(self.refusal(response).await),
        }
    }

    /// Forgets the entity tag, before the content is downloaded from its beginning.
    pub(in crate::hub) fn forget(&self) {
        self.state().validator = None;
    }

    /// Sends one request. The inner error is a refusal of another server than the Hub.
    async fn request(
        &self,
        start: u64,
        end: Option<u64>,
    ) -> Result<Result<Opened, HttpResponse>, BotticelliError> {
        let (url, validator) = {
            let state = self.state();
            (state.location.clone(), state.validator.clone())
        };
        let mut headers = HeaderMap::new();
        if let Some(range) = range_header(start, end) {
            insert(&mut headers, RANGE, &range);
            // On the Hub itself, the entity tag is the name of the content.
            let own = || self.client.is_hub(&url).then(|| format!("\"{}\"", self.metadata.etag));
            if let Some(validator) = validator.clone().or_else(own).filter(|_| start > 0) {
                insert(&mut headers, IF_RANGE, &validator);
            }
        }
        let timeouts = self.client.transfer_timeouts();
        let sent = self.client.send(Method::GET, &url, &headers, Follow::All, self.repository, timeouts);
        let answer = sent.await.map_err(as_idle)?;
        let response = answer.response;
        let is_ours = self.client.is_hub(&answer.url);
        match response.status() {
            206 => self.range(response, start, validator.as_deref()).map(Ok),
            200 => {
                let length = response.header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
                self.check_encoding(&response)?;
                self.state().validator = strong(response.header(ETAG));
                Ok(Ok(Opened::Whole(response.into_pieces(self.client.idle), length)))
            }
            416 => Ok(Ok(Opened::Changed)),
            400 | 401 | 403 | 404 | 410 if !is_ours => Ok(Err(response)),
            _ => Err(self.refusal(response).await),
        }
    }

    fn range(
        &self,
        response: HttpResponse,
        start: u64,
        validator: Option<&str>,
    ) -> Result<Opened, BotticelliError> {
        self.check_encoding(&response)?;
        let range = response.header(CONTENT_RANGE).and_then(ContentRange::parse);
        let tag = strong(response.header(ETAG));
        let is_requested = range.is_some_and(|range| range.start == start);
        let has_size =
            range.and_then(|range| range.total).zip(self.metadata.size).is_none_or(|(a, b)| a == b);
        let is_same = validator.zip(tag.as_deref()).is_none_or(|(before, now)| before == now);
        if !is_requested {
            let reason = "the server sent another range than the requested one".to_owned();
            return Err(self.unusable(reason));
        }
        if !has_size || !is_same {
            return Ok(Opened::Changed);
        }
        self.state().validator = tag.or_else(|| validator.map(str::to_owned));
        Ok(Opened::Range(response.into_pieces(self.client.idle)))
    }

    /// Asks the Hub for the address again, at the same commit.
    async fn find_again(&self) -> Result<(), BotticelliError> {
        let fixed = self.repository.at(&self.metadata.commit);
        let url = self.client.url(&fixed.resolve_path(self.file));
        let found = match look_up(self.client, &url, &fixed, self.file).await? {
            FileLookup::Found(found) => found,
            FileLookup::Missing { error, .. } => return Err(error),
        };
        if found.etag != self.metadata.etag {
            return Err(self.unusable("the content of the commit has changed".to_owned()));
        }
        self.state().location = found.location;
        Ok(())
    }

    fn check_encoding(&self, response: &HttpResponse) -> Result<(), BotticelliError> {
        match response.encoding() {
            Some(encoding) => Err(self.unusable(format!("the server compressed the content ({encoding:?})"))),
            None => Ok(()),
        }
    }

    pub(in crate::hub) fn unusable(&self, reason: String) -> BotticelliError {
        self.error(HubErrorKind::UnusableResponse { reason })
    }

    pub(in crate::hub) fn error(&self, kind: HubErrorKind) -> BotticelliError {
        self.repository.error(kind).with_file(self.file).into()
    }

    async fn refusal(&self, response: HttpResponse) -> BotticelliError {
        let page = self.client.page(self.repository);
        let asked = self.client.asked(self.repository, Some(self.file), &page);
        refusal(response, asked, self.client.http.clock().wall_time()).await
    }

    fn state(&self) -> MutexGuard<'_, SourceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns an entity tag that identifies the bytes. A weak one does not.
fn strong(etag: Option<&str>) -> Option<String> {
    etag.map(str::trim).filter(|etag| etag.starts_with('"')).map(str::to_owned)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
