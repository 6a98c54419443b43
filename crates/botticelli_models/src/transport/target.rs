//! The address of a request.

use reqwest::Url;
use std::fmt;
use std::sync::Arc;

/// The address of a request, and the parts of it that error messages name. Clones are cheap.
#[derive(Clone)]
pub(crate) struct Target(Arc<Parts>);

struct Parts {
    url: Url,
    /// Host and port. The rest of the address is left out of most messages, because its query may be a secret.
    host: Arc<str>,
    path: Arc<str>,
}

impl Target {
    /// Returns the URL.
    pub(crate) fn url(&self) -> &Url {
        &self.0.url
    }

    /// Returns host and port.
    pub(crate) fn host(&self) -> &Arc<str> {
        &self.0.host
    }

    /// Returns the path, without the query.
    pub(crate) fn path(&self) -> &Arc<str> {
        &self.0.path
    }
}

impl From<Url> for Target {
    fn from(url: Url) -> Self {
        let authority = url.authority();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = if host.is_empty() { "the service".into() } else { host.into() };
        let path = url.path().into();
        Self(Arc::new(Parts { url, host, path }))
    }
}

// The path and the query may hold secrets.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(self.host()).finish()
    }
}
