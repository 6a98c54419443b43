//! Where a request goes: the model's name, and the addresses that follow from a base URL.

use super::PROVIDER;
use botticelli_core::AuthConfig;
use botticelli_error::{
    BotticelliError, ConfigError, HuggingFaceErrorKind, ModelsError, ModelsErrorKind, Refusal,
};
use reqwest::Url;
use std::fmt;
use std::net::IpAddr;

/// The router of Hugging Face: it finds a provider for the model.
pub(super) const ROUTER: &str = "https://router.huggingface.co/v1";

/// A server that speaks chat completions.
#[derive(Clone)]
pub(super) struct Endpoint {
    chat: Url,
    host: String,
}

/// The host alone: a path or a query may hold a secret.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.host).finish()
    }
}

/// A base URL as it was given. `Debug` shows no part of it that may be a secret.
#[derive(Clone)]
pub struct BaseUrl(pub(super) String);

impl<T: Into<String>> From<T> for BaseUrl {
    fn from(base_url: T) -> Self {
        Self(base_url.into())
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BaseUrl").field(&shown(&self.0)).finish()
    }
}

const CHAT: &str = "/chat/completions";
/// Its neighbour, for text.
const TEXT: &str = "/completions";

impl Endpoint {
    /// The endpoint behind a base URL: `…/chat/completions` is taken as it is (and `…/completions` is its neighbour), `…/v1`
    /// gets that added, and anything else gets `/v1` as well. A query survives.
    ///
    /// `setting` is where it stands, for messages.
    pub(super) fn parse(base_url: &str, setting: &str) -> Result<Self, BotticelliError> {
        let refused = |reason: &str, remedy: &str| -> BotticelliError {
            ConfigError::new(reason, remedy).with_key(setting).into()
        };
        let example = "write it with http:// or https:// in front, as http://127.0.0.1:8080/v1";
        let mut chat = Url::parse(base_url.trim()).map_err(|error| {
            let reason = format!("{:?} is not a URL ({error})", shown(base_url));
            refused(&reason, example)
        })?;
        let Some(host) = chat.host_str().filter(|_| matches!(chat.scheme(), "http" | "https")) else {
            let reason = format!("{:?} is not an http or https address", shown(base_url));
            return Err(refused(&reason, example));
        };
        let host = host.to_owned();
        if !chat.username().is_empty() || chat.password().is_some() {
            let remedy = "take them out and give the driver the token instead";
            return Err(refused("a user name or a password stands in the address", remedy));
        }
        chat.set_fragment(None);
        let path = chat.path().trim_end_matches('/');
        let path = match path {
            whole if whole.ends_with(CHAT) => whole.to_owned(),
            text if text.ends_with(TEXT) => format!("{}{CHAT}", text.strip_suffix(TEXT).unwrap_or_default()),
            versioned if versioned.ends_with("/v1") => format!("{versioned}{CHAT}"),
            other => format!("{other}/v1{CHAT}"),
        };
        chat.set_path(&path);
        Ok(Self { chat, host })
    }

    /// Where chat completions are asked for.
    pub(super) fn chat(&self) -> &Url {
        &self.chat
    }

    /// Where the catalogue's entry for `model` is.
    pub(super) fn model(&self, model: &str) -> Url {
        let mut url = self.chat.clone();
        let base = url.path().strip_suffix(CHAT).unwrap_or_default().to_owned();
        url.set_path(&format!("{base}/models"));
        if let Ok(mut path) = url.path_segments_mut() {
            // Pushed one by one, so that nothing in a name can leave its segment.
            path.extend(without_route(model).split('/'));
        }
        url
    }

    /// The host, for messages.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is run by Hugging Face.
    pub(super) fn is_huggingface(&self) -> bool {
        self.host == "huggingface.co"
            || self.host.ends_with(".huggingface.co")
            || self.host.ends_with(".endpoints.huggingface.cloud")
    }

    /// Whether a token that the caller did not mean for it may go there.
    pub(super) fn takes_found_tokens(&self) -> bool {
        self.is_loopback() || (self.is_huggingface() && self.is_private())
    }

    /// Whether nobody on the way can read what is sent.
    pub(super) fn is_private(&self) -> bool {
        self.chat.scheme() == "https" || self.is_loopback()
    }

    fn is_loopback(&self) -> bool {
        let address = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// A name without its route: `org/model` of `org/model:cheapest`.
pub(super) fn without_route(model: &str) -> &str {
    model.split_once(':').map_or(model, |(name, _)| name)
}

/// Refuses what cannot be the name of a model, before it travels.
pub(super) fn check_model(model: &str) -> Result<(), BotticelliError> {
    let (name, route) = model.split_once(':').map_or((model, None), |(name, route)| (name, Some(route)));
    let reason = match () {
        () if model.is_empty() => "is empty",
        // Whoever swaps the two arguments of `new` must not send the token as a model, or read it in an error.
        () if !name.contains('/') && AuthConfig::looks_like_a_token(name) => "is a token",
        () if model.contains(char::is_control) => "has a control character in it",
        () if model.contains(char::is_whitespace) => "has a blank in it",
        () if model.contains(['?', '#', '\\', '%']) => "has one of ? # % \\ in it",
        () if name.split('/').any(|part| part == ".." || part == ".") => "has .. or . for a part",
        () if name.is_empty() => "has nothing before its colon",
        () if route == Some("") => "has nothing after its colon",
        () => return Ok(()),
    };
    let mut refusal = Refusal::by(PROVIDER);
    refusal.model = Some(AuthConfig::hide_tokens(model));
    let kind = HuggingFaceErrorKind::InvalidModelName { reason };
    Err(ModelsError::new(ModelsErrorKind::HuggingFace(kind), refusal).into())
}

/// A model's name for `Debug`: whoever swaps it with the token must not read that.
pub(super) fn shown_model(model: &str) -> String {
    if model.contains('/') { model.to_owned() } else { AuthConfig::hide_tokens(model) }
}

/// What may stand in a message: whatever is before a query or an @, which may hold secrets.
fn shown(base_url: &str) -> String {
    let end = base_url.rsplit_once('@').map_or(base_url, |(_, host)| host);
    AuthConfig::hide_tokens(end.split(['?', '#']).next().unwrap_or_default())
}
