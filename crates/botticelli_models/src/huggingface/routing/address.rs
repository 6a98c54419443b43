//! An address that was given, and whose it is.

use crate::environment::unquoted;
use botticelli_core::AuthConfig;
use botticelli_error::{BotticelliError, ConfigError};
use reqwest::Url;
use std::fmt;
use std::net::IpAddr;

const LOCALHOST: &str = "localhost";

/// An http or https address without a user, a password or a fragment.
#[derive(Clone)]
pub(in crate::huggingface) struct Address {
    url: Url,
    /// Without a dot at its end, which names the same host: no rule about who gets which key depends on it.
    host: String,
}

/// The host alone: a path or a query may hold a secret.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.host).finish()
    }
}

impl Address {
    /// Reads an address. `setting` is where it stands, for messages.
    pub(in crate::huggingface) fn parse(text: &str, setting: &str) -> Result<Self, BotticelliError> {
        let refused = |reason: &str, remedy: &str| -> BotticelliError {
            ConfigError::new(reason, remedy).with_key(setting).into()
        };
        let example = "write it with http:// or https:// in front, as http://127.0.0.1:8080/v1";
        let mut url = Url::parse(unquoted(text)).map_err(|error| {
            let reason = format!("{:?} is not a URL ({error})", shown(text));
            refused(&reason, example)
        })?;
        let Some(host) = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")) else {
            let reason = format!("{:?} is not an http or https address", shown(text));
            return Err(refused(&reason, example));
        };
        let whole = host.to_owned();
        let host = whole.trim_end_matches('.').to_owned();
        if !url.username().is_empty() || url.password().is_some() {
            let remedy = "take them out and give the driver the token instead";
            return Err(refused("a user name or a password stands in the address", remedy));
        }
        url.set_fragment(None);
        // With the dot, a name server would be asked, which may say that this machine is another.
        if host == LOCALHOST && host != whole {
            url.set_host(Some(&host)).map_err(|_| refused("its host cannot be read", example))?;
        }
        Ok(Self { url, host })
    }

    /// The path, without slashes at its end.
    pub(in crate::huggingface) fn path(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// The same server and query, at `path`.
    pub(in crate::huggingface) fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    /// The host, for messages.
    pub(in crate::huggingface) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is run by Hugging Face.
    pub(in crate::huggingface) fn is_huggingface(&self) -> bool {
        self.is_router() || self.host.ends_with(".endpoints.huggingface.cloud")
    }

    /// Whether it is Hugging Face itself, rather than a customer's endpoint there: it reads routes, and knows no key but
    /// its own.
    pub(in crate::huggingface) fn is_router(&self) -> bool {
        self.host == "huggingface.co" || self.host.ends_with(".huggingface.co")
    }

    /// Whether a token that the caller did not mean for it may go there.
    pub(in crate::huggingface) fn takes_found_tokens(&self) -> bool {
        self.is_loopback() || (self.is_huggingface() && self.is_private())
    }

    /// Whether nobody on the way can read what is sent.
    pub(in crate::huggingface) fn is_private(&self) -> bool {
        self.url.scheme() == "https" || self.is_loopback()
    }

    fn is_loopback(&self) -> bool {
        let address = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == LOCALHOST || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// What may stand in a message: whatever is before a query or an @, which may hold secrets.
pub(in crate::huggingface) fn shown(address: &str) -> String {
    let end = address.rsplit_once('@').map_or(address, |(_, host)| host);
    AuthConfig::hide_tokens(end.split(['?', '#']).next().unwrap_or_default())
}
