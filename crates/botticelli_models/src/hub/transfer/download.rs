//! Downloads a content into its part, and completes it.

use crate::hub::cache::layout::{RepositoryFolder, shown, unique};
use crate::hub::cache::lock::ContentLock;
use crate::hub::progress::{DownloadStep, Progress};
use crate::hub::settings::HubSettings;
use crate::hub::transfer::checksum::Checksum;
use crate::hub::transfer::part::Part;
use crate::hub::transfer::source::{Opened, Source};
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, HubErrorKind};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Bytes between two attempts that count as progress. A server that sends less each time is given up.
const LEAST_PROGRESS: u64 = 1 << 16;
/// Maximum number of times that a content is downloaded from its beginning.
const MOST_RESTARTS: u32 = 2;
/// Maximum number of bytes allocated for a range ahead of their arrival.
const ROOM: usize = 16 << 20;
/// Bytes between two reports of the progress.
const REPORT: u64 = 1 << 20;

/// The download of one content.
#[derive(Debug)]
pub(in crate::hub) struct Download<'a> {
    pub(in crate::hub) settings: &'a HubSettings,
    pub(in crate::hub) folder: &'a RepositoryFolder,
    pub(in crate::hub) source: Source<'a>,
}

/// The end of an attempt.
enum Attempt {
    Complete,
    /// The content must be downloaded from its beginning, with or without ranges at the same time.
    Restart {
        in_parallel: bool,
    },
}

impl Download<'_> {
    /// Downloads the content, and returns when it is complete, correct and among the contents of the cache.
    pub(in crate::hub) async fn run(&self, lock: Arc<ContentLock>) -> Result<(), BotticelliError> {
        let etag = &self.source.metadata.etag;
        let part = match &*lock {
            ContentLock::Held { .. } => self.folder.part(etag),
            // Two processes without a lock must not write to the same file.
            ContentLock::Unsupported => self.folder.part(&format!("{etag}.{}", unique())),
        };
        let is_unshared = matches!(&*lock, ContentLock::Unsupported);
        let mut part = Part::open(self.folder, part, lock)?;
        let done = self.complete(&mut part).await;
        if done.is_err() && is_unshared {
            remove(part.path());
        }
        done
    }

    /// Downloads the rest of the content, verifies it, and moves it among the contents of the cache.
    async fn complete(&self, part: &mut Part) -> Result<(), BotticelliError> {
        let etag = &self.source.metadata.etag;
        if self.source.metadata.size.is_some_and(|size| part.length() > size) {
            part.clear().await?;
        }
        self.check_space(part.length())?;
        let resumed = part.length();
        self.fill(part, resumed).await?;
        if let Err(error) = self.verify(part, resumed).await {
            part.clear().await?;
            if resumed == 0 {
                remove(part.path());
                return Err(error);
            }
            // The beginning was damaged, for example by a power failure.
            tracing::debug!(%error, "the file is downloaded from its beginning");
            self.source.forget();
            self.fill(part, 0).await?;
            if let Err(error) = self.verify(part, 0).await {
                remove(part.path());
                return Err(error);
            }
        }
        part.sync().await?;
        let blob = self.folder.blob(etag);
        let completed = fs::rename(part.path(), &blob);
        completed.map_err(|error| self.folder.failed(&blob, error))?;
        sync_parent(&blob);
        self.report(DownloadStep::Complete, part.length(), self.source.metadata.size, resumed);
        Ok(())
    }

    /// Rejects a content for which the disk has no space.
    fn check_space(&self, on_disk: u64) -> Result<(), BotticelliError> {
        let Some(size) = self.source.metadata.size else { return Ok(()) };
        // If the space is unknown, the write decides.
        let Ok(free) = fs4::available_space(self.folder.path()) else { return Ok(()) };
        let missing = size.saturating_sub(on_disk).saturating_sub(free);
        if missing == 0 {
            return Ok(());
        }
        let folder = shown(self.folder.cache());
        Err(self.source.error(HubErrorKind::DiskFull { folder, missing }))
    }

    /// Downloads the rest of the content. An interruption is repaired as long as there is progress.
    async fn fill(&self, part: &mut Part, resumed: u64) -> Result<(), BotticelliError> {
        let (mut failures, mut restarts, mut in_parallel) = (0, 0, true);
        let mut total = self.source.metadata.size;
        loop {
            if total.is_some_and(|total| part.length() == total) {
                return part.flush(total).await;
            }
            let before = part.length();
            let left = total.map(|total| total.saturating_sub(before));
            let is_large = left.is_some_and(|left| left > self.settings.range_size.saturating_mul(2));
            let attempt = if in_parallel && is_large && self.settings.concurrency > 1 {
                self.ranges(part, total.unwrap_or_default(), resumed).await
            } else {
                self.rest(part, &mut total, resumed).await
            };
            // The bytes that arrived are kept, whatever happened.
            part.flush(total).await?;
            match attempt {
                Ok(Attempt::Complete) => return Ok(()),
                Ok(Attempt::Restart { in_parallel: next }) => {
                    in_parallel = next;
                    restarts += 1;
                    if restarts > MOST_RESTARTS {
                        return Err(self.source.unusable("the content changes during the download".into()));
                    }
                    self.source.forget();
                    part.clear().await?;
                }
                Err(error) => {
                    let progress = part.length().saturating_sub(before);
                    failures = if progress >= LEAST_PROGRESS { 0 } else { failures + 1 };
                    self.pause(error, failures).await?;
                }
            }
        }
    }

    /// Downloads the rest of the content in one response.
    async fn rest(
        &self,
        part: &mut Part,
        total: &mut Option<u64>,
        resumed: u64,
    ) -> Result<Attempt, BotticelliError> {
        let mut pieces = match self.source.open(part.length(), None).await? {
            Opened::Range(pieces) => pieces,
            Opened::Whole(pieces, length) => {
                if part.length() > 0 {
                    part.clear().await?;
                }
                *total = total.or(length);
                pieces
            }
            Opened::Changed => return Ok(Attempt::Restart { in_parallel: false }),
        };
        let mut reported = 0;
        self.report(DownloadStep::Downloading, part.length(), *total, resumed.min(part.length()));
        while let Some(bytes) = pieces.next().await? {
            part.append(&bytes, *total).await?;
            let length = part.length();
            if let Some(expected) = total.filter(|total| length > *total) {
                part.clear().await?;
                return Err(self.source.error(HubErrorKind::SizeMismatch { expected, actual: length }));
            }
            if length.saturating_sub(reported) >= REPORT {
                reported = length;
                self.report(DownloadStep::Downloading, length, *total, resumed.min(length));
            }
        }
        match total {
            Some(total) if part.length() < *total => Err(self.broken()),
            _ => Ok(Attempt::Complete),
        }
    }

    /// Downloads the rest of the content in several ranges at the same time. They are written in order, so that the part has no gap.
    async fn ranges(&self, part: &mut Part, total: u64, resumed: u64) -> Result<Attempt, BotticelliError> {
        let (size, first) = (self.settings.range_size.max(1), part.length());
        let starts = std::iter::successors(Some(first), |start| start.checked_add(size));
        let starts = starts.take_while(|start| *start < total);
        let range = |start: u64| self.range(start, start.saturating_add(size).min(total));
        let mut ranges = stream::iter(starts).map(range).buffered(self.settings.concurrency);
        self.report(DownloadStep::Downloading, first, Some(total), resumed);
        while let Some(range) = ranges.next().await {
            match range? {
                Ok(bytes) => part.append(&bytes, Some(total)).await?,
                Err(restart) => return Ok(restart),
            }
            self.report(DownloadStep::Downloading, part.length(), Some(total), resumed.min(part.length()));
        }
        Ok(Attempt::Complete)
    }

    /// Downloads one range into memory. An interruption is repaired as long as there is progress.
    async fn range(&self, start: u64, end: u64) -> Result<Result<Bytes, Attempt>, BotticelliError> {
        let room = usize::try_from(end.saturating_sub(start)).unwrap_or(ROOM).min(ROOM);
        let mut bytes = BytesMut::with_capacity(room);
        let mut failures = 0;
        let length = |bytes: &BytesMut| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        loop {
            let before = length(&bytes);
            let attempt = async {
                let mut pieces = match self.source.open(start.saturating_add(before), Some(end)).await? {
                    Opened::Range(pieces) => pieces,
                    Opened::Whole(..) => return Ok(Err(Attempt::Restart { in_parallel: false })),
                    Opened::Changed => return Ok(Err(Attempt::Restart { in_parallel: true })),
                };
                while let Some(piece) = pieces.next().await? {
                    bytes.extend_from_slice(&piece);
                    if start.saturating_add(length(&bytes)) > end {
                        break;
                    }
                }
                Ok::<_, BotticelliError>(Ok(()))
            };
            let ended = attempt.await;
            let arrived = length(&bytes);
            let error = match ended {
                Ok(Err(restart)) => return Ok(Err(restart)),
                Ok(Ok(())) if start.saturating_add(arrived) == end => return Ok(Ok(bytes.freeze())),
                Ok(Ok(())) if start.saturating_add(arrived) > end => {
                    let expected = end.saturating_sub(start);
                    return Err(self.source.error(HubErrorKind::SizeMismatch { expected, actual: arrived }));
                }
                Ok(Ok(())) => self.broken(),
                Err(error) => error,
            };
            failures = if arrived.saturating_sub(before) >= LEAST_PROGRESS { 0 } else { failures + 1 };
            self.pause(error, failures).await?;
        }
    }

    /// Waits before the next attempt, or returns the error if no attempt is left.
    async fn pause(&self, error: BotticelliError, failures: u32) -> Result<(), BotticelliError> {
        let retrier = &self.source.client.retrier;
        let config = &retrier.config;
        let hint = error.retry_after();
        if !error.is_retryable() || failures > config.max_retries() || hint > Some(config.max_hint()) {
            return Err(error.with_attempts(failures.max(1)));
        }
        tracing::debug!(%error, failures, "the download continues");
        let doubled = 2_u32.checked_pow(failures.saturating_sub(1));
        let longest = doubled.and_then(|factor| config.base_delay().checked_mul(factor));
        let longest = longest.unwrap_or(config.max_delay()).min(config.max_delay());
        let wait = match (hint, failures) {
            (Some(hint), _) => hint,
            // After progress, nothing is wrong with the server.
            (None, 0) => Duration::ZERO,
            (None, _) => longest.mul_f64(retrier.random_source.fraction().clamp(0.0, 1.0)),
        };
        if !wait.is_zero() {
            retrier.clock.sleep(wait).await;
        }
        Ok(())
    }

    /// Compares size and checksum with those that the Hub states.
    async fn verify(&self, part: &mut Part, resumed: u64) -> Result<(), BotticelliError> {
        let (size, etag) = (self.source.metadata.size, &self.source.metadata.etag);
        let actual = part.length();
        if let Some(expected) = size.filter(|size| *size != actual) {
            return Err(self.source.error(HubErrorKind::SizeMismatch { expected, actual }));
        }
        let Some(checksum) = Checksum::of(etag) else { return Ok(()) };
        self.report(DownloadStep::Verifying, actual, Some(actual), resumed);
        let path = part.path().to_owned();
        let computed = tokio::task::spawn_blocking(move || checksum.compute(&path)).await;
        let computed = computed.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let computed = computed.map_err(|error| self.folder.failed(part.path(), error))?;
        if computed == *etag {
            return Ok(());
        }
        Err(self.source.error(HubErrorKind::ChecksumMismatch { expected: etag.clone(), actual: computed }))
    }

    /// Returns the error of a body that ended too early.
    fn broken(&self) -> BotticelliError {
        let host = self.source.client.endpoint.host();
        HttpError::new(HttpErrorKind::Disconnected, host).into()
    }

    pub(in crate::hub) fn report(&self, step: DownloadStep, received: u64, total: Option<u64>, resumed: u64) {
        if let Some(observer) = &self.settings.observer {
            observer.notify(&Progress {
                repository: self.source.repository.name(),
                file: self.source.file.to_owned(),
                step,
                received,
                total,
                resumed_from: resumed,
            });
        }
    }
}

/// Removes a damaged file. If that fails, the checksum fails again.
fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::debug!(%error, "a damaged file stays in the cache");
    }
}

/// Writes the entry of a renamed file to the disk, on systems on which folders can be opened.
fn sync_parent(path: &Path) {
    if let Some(folder) = path.parent().and_then(|parent| fs::File::open(parent).ok()) {
        let _ = folder.sync_all();
    }
}
