//! Where a request goes: the addresses that follow from a base URL.

use super::address::{Address, shown};
use super::model_route::{ModelRoute, Route, invalid};
use super::providers::KnownProvider;
use botticelli_core::AuthConfig;
use botticelli_error::BotticelliError;
use reqwest::Url;
use std::fmt;

/// The router of Hugging Face: it finds a provider for the model.
pub(super) const ROUTER: &str = "https://router.huggingface.co/v1";

/// A server that speaks chat completions.
#[derive(Clone)]
pub(super) struct Endpoint {
    address: Address,
    chat: String,
}

/// The host alone: a path or a query may hold a secret.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.address.host()).finish()
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

impl Endpoint {
    /// The endpoint behind a base URL: `…/chat/completions` is taken as it is, `…/v1` gets that added, and anything
    /// else gets `/v1` as well. A query survives.
    ///
    /// `setting` is where it stands, for messages.
    pub(super) fn parse(base_url: &str, setting: &str) -> Result<Self, BotticelliError> {
        let address = Address::parse(base_url, setting)?;
        let chat = match address.path() {
            whole if whole.ends_with(CHAT) => whole.to_owned(),
            versioned if versioned.ends_with("/v1") => format!("{versioned}{CHAT}"),
            other => format!("{other}/v1{CHAT}"),
        };
        Ok(Self { address, chat })
    }

    /// Where it is.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Where chat completions are asked for.
    pub(super) fn chat(&self) -> Url {
        self.address.at(&self.chat)
    }

    /// Where the catalogue's entry for `model` is.
    pub(super) fn model(&self, model: &str) -> Url {
        let base = self.chat.strip_suffix(CHAT).unwrap_or_default();
        let mut url = self.address.at(&format!("{base}/models"));
        if let Ok(mut path) = url.path_segments_mut() {
            // Pushed one by one, so that nothing in a name can leave its segment.
            path.extend(self.listed(model).split('/'));
        }
        url
    }

    /// Refuses a name that this server cannot know.
    pub(super) fn check(&self, model: &str) -> Result<(), BotticelliError> {
        check_model(model)?;
        // Elsewhere a colon is a part of the name, as in `llama3:8b`.
        if self.address.is_router() { model.parse::<ModelRoute>().map(drop) } else { Ok(()) }
    }

    /// The name of `model` in the server's catalogue: without a route, where it is one.
    fn listed<'m>(&self, model: &'m str) -> &'m str {
        let Some((name, word)) = model.split_once(':') else { return model };
        let is_route = self.address.is_router()
            || KnownProvider::find(word).is_some()
            || [Route::Fastest, Route::Cheapest, Route::Preferred].iter().any(|r| r.as_str() == Some(word));
        if is_route { name } else { model }
    }
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
    Err(invalid(model, reason))
}
