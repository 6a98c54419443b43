//! Server addresses, and their owners.

use crate::environment::unquoted;
use botticelli_core::redact;
use botticelli_error::{BotticelliError, ConfigError};
use reqwest::Url;
use std::fmt;
use std::net::IpAddr;

const LOCALHOST: &str = "localhost";

/// The end of the hosts of dedicated endpoints.
const ENDPOINTS: &str = ".endpoints.huggingface.cloud";

/// An http or https address without a user name, password or fragment.
#[derive(Clone)]
pub(crate) struct Address {
    url: Url,
    /// The host without a trailing dot. A name with a trailing dot is the same host, so the dot must not change which token the
    /// host receives.
    host: String,
}

// Shows only the host, because a path or a query can contain a secret.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.host).finish()
    }
}

impl Address {
    /// Parses an address. `setting` is the setting that holds it, for error messages.
    pub(crate) fn parse(text: &str, setting: &str) -> Result<Self, BotticelliError> {
        let invalid = |reason: &str, remedy: &str| -> BotticelliError {
            ConfigError::new(reason, remedy).with_key(setting).into()
        };
        let example = "start it with http:// or https://, as in http://127.0.0.1:8080/v1";
        let mut url = Url::parse(unquoted(text)).map_err(|error| {
            let reason = format!("{:?} is not a URL ({error})", redact_address(text));
            invalid(&reason, example)
        })?;
        let Some(host) = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")) else {
            let reason = format!("{:?} is not an http or https address", redact_address(text));
            return Err(invalid(&reason, example));
        };
        let original = host.to_owned();
        let host = original.trim_end_matches('.').to_owned();
        if !url.username().is_empty() || url.password().is_some() {
            let remedy = "remove them, and pass the token to the driver instead";
            return Err(invalid("the address contains a user name or a password", remedy));
        }
        url.set_fragment(None);
        // With the dot, a name server would resolve `localhost.`, and could return the address of another machine.
        if host == LOCALHOST && host != original {
            url.set_host(Some(&host)).map_err(|_| invalid("the host of the address is invalid", example))?;
        }
        Ok(Self { url, host })
    }

    /// Returns the path without trailing slashes.
    pub(crate) fn path(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// Returns the URL with the same server and query, and another path.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    /// Returns the host, for messages.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Returns whether Hugging Face runs the server.
    pub(crate) fn is_huggingface(&self) -> bool {
        self.is_router() || self.is_endpoint()
    }

    /// Returns whether the server is a dedicated endpoint.
    pub(crate) fn is_endpoint(&self) -> bool {
        self.host.ends_with(ENDPOINTS)
    }

    /// Returns whether the server belongs to Hugging Face and is not a customer's dedicated endpoint. Only these servers parse
    /// routes, and they accept only Hugging Face tokens.
    pub(crate) fn is_router(&self) -> bool {
        self.host == "huggingface.co" || self.host.ends_with(".huggingface.co")
    }

    /// Returns whether a token that the caller did not choose for this server may be sent to it.
    pub(crate) fn accepts_implicit_tokens(&self) -> bool {
        self.is_loopback() || (self.is_huggingface() && self.is_secure())
    }

    /// Returns whether requests cannot be read on the network: they are encrypted, or stay on this machine.
    pub(crate) fn is_secure(&self) -> bool {
        self.url.scheme() == "https" || self.is_loopback()
    }

    /// Returns whether calls of the server have no price, because it is on this machine or on a private network, or because
    /// Hugging Face bills it by the hour.
    pub(crate) fn is_free(&self) -> bool {
        if let Some(address) = self.ip() {
            return is_private(address);
        }
        let ends_with = |endings: &[&str]| endings.iter().any(|ending| self.host.ends_with(ending));
        let is_local = ends_with(&[".localhost", ".local", ".docker.internal", ".containers.internal"]);
        is_local || !self.host.contains('.') || self.host.ends_with(ENDPOINTS)
    }

    /// Returns whether the server is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.host == LOCALHOST || self.ip().is_some_and(|address| address.is_loopback())
    }

    fn ip(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

/// Returns whether an address belongs to this machine or to a private network.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified()
        }
    }
}

/// Returns an address for messages, without a user name, password, query and fragment, which can contain secrets.
pub(crate) fn redact_address(address: &str) -> String {
    let end = address.rsplit_once('@').map_or(address, |(_, host)| host);
    redact::tokens(end.split(['?', '#']).next().unwrap_or_default())
}
