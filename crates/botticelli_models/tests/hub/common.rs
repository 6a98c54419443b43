//! A Hub for a sandbox, with a cache of its own.

use botticelli_core::RetryConfig;
use botticelli_error::{BotticelliError, BotticelliErrorKind, HubErrorKind};
use botticelli_models::Environment;
use botticelli_models::hub::{Hub, HubBuilder, Progress};
use botticelli_sandbox::{HubFault, ReceivedRequest, Repository, Sandbox};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

pub(crate) const ID: &str = "org/name";

/// A sandbox, and a folder for the cache.
pub(crate) struct Place {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) async fn with(repository: Repository) -> Self {
        let sandbox = Sandbox::builder().with_repository(repository).start().await.unwrap();
        Self { sandbox, folder: TempDir::new().unwrap() }
    }

    /// A Hub without a token, with nothing from the environment of the tests, and with short waits.
    pub(crate) fn builder(&self) -> HubBuilder {
        Hub::builder()
            .with_endpoint(self.sandbox.hub_url())
            .with_cache(self.cache())
            .with_environment(Environment::empty())
            .with_retry(RetryConfig::default().with_base_delay(Duration::from_millis(1)))
    }

    pub(crate) fn hub(&self) -> Hub {
        self.builder().build().unwrap()
    }

    pub(crate) fn offline(&self) -> Hub {
        self.builder().with_offline(true).build().unwrap()
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("hub")
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.cache().join("models--org--name")
    }

    pub(crate) fn inject(&self, fault: &str) {
        self.sandbox.inject_hub_fault(fault.parse::<HubFault>().unwrap());
    }

    /// The requests for contents.
    pub(crate) fn contents(&self) -> Vec<ReceivedRequest> {
        self.sandbox.requests().into_iter().filter(|request| request.method() == "GET").collect()
    }
}

/// Bytes that differ everywhere.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    })
    .take(count)
    .collect()
}

pub(crate) fn kind(error: &BotticelliError) -> &HubErrorKind {
    match error.kind() {
        BotticelliErrorKind::Hub(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

/// Asserts that a path has these bytes, and that it is below the cache.
pub(crate) fn assert_file(path: &Path, content: &[u8]) {
    let read = std::fs::read(path).unwrap();
    assert_eq!(read.len(), content.len(), "{}", path.display());
    assert!(read == content, "{} has other bytes", path.display());
}

/// Asserts that the blobs of the repository are these, by name.
pub(crate) fn blobs(place: &Place) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(place.repository().join("blobs")) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A Hub that records its progress.
pub(crate) fn observed(hub: Hub) -> (Hub, Arc<Mutex<Vec<Progress>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let shared = seen.clone();
    let hub = hub.with_observer(move |progress: &Progress| shared.lock().unwrap().push(progress.clone()));
    (hub, seen)
}
