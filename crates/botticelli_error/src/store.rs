//! Stores that fail: the ledger of a budget, a cache, shared limits.

use std::sync::Arc;

/// A store that fails. Retried by hand: most causes need a change.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct StoreError {
    store: &'static str,
    place: String,
    kind: StoreErrorKind,
    advice: Option<String>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The reason why a store fails.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Another process holds a lock for too long.
    Locked,
    /// The file, its folder or the server is read-only.
    ReadOnly,
    /// The disk or the store is full.
    Full,
    /// A newer version of the library wrote the store.
    NewerVersion {
        /// Version of the store.
        found: u32,
        /// Newest version that this library reads.
        supported: u32,
    },
    /// The file or the server has something else than this store, or damaged data.
    Damaged,
    /// The path is a folder.
    IsDirectory,
    /// Others can read or write the file.
    NotPrivate {
        /// Permission bits of the file.
        mode: u32,
    },
    /// The path or the address is not usable.
    Address {
        /// The reason.
        reason: String,
    },
    /// The server of the store cannot be reached, or the connection broke.
    Unreachable,
    /// The cache has no response to a request, and its mode forbids sending it.
    NoResponse,
    /// Any other failure.
    Failed {
        /// The reason.
        reason: String,
    },
}

impl StoreError {
    /// Returns the error of a store, such as `ledger` or `cache`, at a path or an address. The address must not contain a password.
    pub fn new(store: &'static str, place: impl Into<String>, kind: StoreErrorKind) -> Self {
        Self { store, place: place.into(), kind, advice: None, source: None }
    }

    /// Returns the error with its source.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Returns the error with advice about this store, such as a server. The default is for a file.
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Returns the reason.
    pub fn kind(&self) -> &StoreErrorKind {
        &self.kind
    }

    /// Returns the path or the address of the store.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> String {
        if let Some(advice) = &self.advice {
            return advice.clone();
        }
        match &self.kind {
            StoreErrorKind::Locked => "End the process that holds the lock, or try again.".to_owned(),
            StoreErrorKind::ReadOnly => {
                "Make the file and its folder writable, or use another path.".to_owned()
            }
            StoreErrorKind::Full => "Free some space, or use a path on another disk.".to_owned(),
            StoreErrorKind::NewerVersion { .. } => "Update botticelli, or use another path.".to_owned(),
            StoreErrorKind::Damaged => "Use another path, or move the file away.".to_owned(),
            StoreErrorKind::IsDirectory => "Give the path of a file.".to_owned(),
            StoreErrorKind::NotPrivate { .. } => {
                format!("Run `chmod 600 {}`, or use another path.", self.place)
            }
            StoreErrorKind::Address { .. } => {
                "Write `memory`, `user`, a path, or an address such as `redis://127.0.0.1:6379`.".to_owned()
            }
            StoreErrorKind::Unreachable => "Start the server, or check its address.".to_owned(),
            StoreErrorKind::NoResponse => "Use a cache mode that sends requests.".to_owned(),
            StoreErrorKind::Failed { .. } => "Check the store, or use another one.".to_owned(),
        }
    }

    fn sentence(&self) -> String {
        let Self { store, place, .. } = self;
        let what = match &self.kind {
            StoreErrorKind::Locked => "another process locks it".to_owned(),
            StoreErrorKind::ReadOnly => "it is read-only".to_owned(),
            StoreErrorKind::Full => "it is full".to_owned(),
            StoreErrorKind::NewerVersion { found, supported } => format!(
                "a newer version of botticelli wrote it (format {found}, and this version reads up to {supported})"
            ),
            StoreErrorKind::Damaged => "it is damaged, or of another kind".to_owned(),
            StoreErrorKind::IsDirectory => "it is a folder".to_owned(),
            StoreErrorKind::NotPrivate { mode } => {
                format!("others have access to it (mode {:03o})", mode & 0o777)
            }
            StoreErrorKind::Address { reason } | StoreErrorKind::Failed { reason } => reason.clone(),
            StoreErrorKind::Unreachable => "it cannot be reached".to_owned(),
            StoreErrorKind::NoResponse => {
                "it has no response to this request, and nothing was sent".to_owned()
            }
        };
        format!("{store} {place}: {what}. {}", self.advice())
    }
}
