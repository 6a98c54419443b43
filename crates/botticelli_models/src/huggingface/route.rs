//! Where a request goes: the addresses that follow from a base URL.

use super::address::{Address, shown};
use super::model_route::{ModelRoute, Route, invalid};
use super::providers::{HF_INFERENCE, KnownProvider};
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
    chat: Chat,
    /// Where the catalogue is; `None` where there is none.
    models: Option<String>,
}

/// The path of chat completions.
#[derive(Clone)]
enum Chat {
    /// For every model.
    At(Box<Url>),
    /// Below that of the model, as Hugging Face's own servers have it.
    Below(String),
}

impl Chat {
    fn at(address: &Address, path: &str) -> Self {
        Self::At(Box::new(address.at(path)))
    }
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
const VERSION: &str = "/v1";
/// Its neighbour, for text.
const TEXT: &str = "/completions";

impl Endpoint {
    /// The endpoint behind a base URL: `…/chat/completions` is taken as it is (and `…/completions` is its neighbour), `…/v1`
    /// gets that added, and anything else gets `/v1` as well. A query survives.
    ///
    /// `setting` is where it stands, for messages.
    pub(super) fn parse(base_url: &str, setting: &str) -> Result<Self, BotticelliError> {
        let address = Address::parse(base_url, setting)?;
        let chat = match address.path() {
            whole if whole.ends_with(CHAT) => whole.to_owned(),
            text if text.ends_with(TEXT) => format!("{}{CHAT}", text.strip_suffix(TEXT).unwrap_or_default()),
            versioned if versioned.ends_with(VERSION) => format!("{versioned}{CHAT}"),
            other => format!("{other}{VERSION}{CHAT}"),
        };
        let models = format!("{}/models", chat.strip_suffix(CHAT).unwrap_or_default());
        Ok(Self { chat: Chat::at(&address, &chat), address, models: Some(models) })
    }

    /// A provider's route through the router at `root`; `chat` is its path there.
    pub(super) fn of_provider(root: &str, setting: &str, chat: &str) -> Result<Self, BotticelliError> {
        let (address, root) = at_root(root, setting)?;
        let models = Some(format!("{root}{VERSION}/models"));
        Ok(Self { chat: Chat::at(&address, &format!("{root}{chat}")), address, models })
    }

    /// Hugging Face's own servers, behind the router at `root`.
    pub(super) fn of_hosted_models(root: &str, setting: &str) -> Result<Self, BotticelliError> {
        let (address, root) = at_root(root, setting)?;
        let models = Some(format!("{root}{VERSION}/models"));
        Ok(Self { address, chat: Chat::Below(format!("{root}/{HF_INFERENCE}/models")), models })
    }

    /// A provider itself; `chat` is its path there. What it lists is none of Hugging Face's catalogue.
    pub(super) fn of_provider_itself(root: &str, setting: &str, chat: &str) -> Result<Self, BotticelliError> {
        let (address, root) = at_root(root, setting)?;
        Ok(Self { chat: Chat::at(&address, &format!("{root}{chat}")), address, models: None })
    }

    /// Where it is.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Where chat completions of `model` are asked for.
    pub(super) fn chat(&self, model: &str) -> Url {
        match &self.chat {
            Chat::At(url) => (**url).clone(),
            Chat::Below(path) => below(self.address.at(path), &format!("{model}{VERSION}{CHAT}")),
        }
    }

    /// Where the catalogue is; `None` where there is none.
    pub(super) fn models(&self) -> Option<Url> {
        Some(self.address.at(self.models.as_ref()?))
    }

    /// Where the catalogue's entry for `model` is; `None` where there is no catalogue.
    pub(super) fn model(&self, model: &str) -> Option<Url> {
        Some(below(self.address.at(self.models.as_ref()?), self.listed(model)))
    }

    /// Refuses a name that this server cannot know.
    pub(super) fn check(&self, model: &str) -> Result<(), BotticelliError> {
        check_model(model)?;
        // Elsewhere a colon is a part of the name, as in `llama3:8b`.
        if self.address.is_router() { model.parse::<ModelRoute>().map(drop) } else { Ok(()) }
    }

    /// The name of `model` in the server's catalogue: without a route, where it is one.
    pub(super) fn listed<'m>(&self, model: &'m str) -> &'m str {
        let Some((name, word)) = model.split_once(':') else { return model };
        let is_route = self.address.is_router()
            || KnownProvider::find(word).is_some()
            || [Route::Fastest, Route::Cheapest, Route::Preferred].iter().any(|r| r.as_str() == Some(word));
        if is_route { name } else { model }
    }
}

/// The address `root`, and its path without what belongs to chat completions.
fn at_root(root: &str, setting: &str) -> Result<(Address, String), BotticelliError> {
    let address = Address::parse(root, setting)?;
    let path = address.path();
    let path = path.strip_suffix(CHAT).unwrap_or(path);
    let path = path.strip_suffix(VERSION).unwrap_or(path).to_owned();
    Ok((address, path))
}

/// `path` below `url`, part by part, so that nothing in a name can leave its part.
fn below(mut url: Url, path: &str) -> Url {
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.extend(path.split('/'));
    }
    url
}

/// Refuses what cannot be the name of a model, before it travels.
pub(super) fn check_model(model: &str) -> Result<(), BotticelliError> {
    let (name, route) = model.split_once(':').map_or((model, None), |(name, route)| (name, Some(route)));
    let is_odd = |byte: u8| !byte.is_ascii_graphic() || b"?#\\%".contains(&byte);
    let reason = match () {
        () if model.is_empty() => "is empty",
        // Whoever swaps the two arguments of `new` must not send the token as a model, or read it in an error.
        () if !name.contains('/') && AuthConfig::looks_like_a_token(name) => "is a token",
        () if name.split('/').any(|part| part == ".." || part == ".") => "has .. or . for a part",
        () if name.is_empty() => "has nothing before its colon",
        () if route == Some("") => "has nothing after its colon",
        () if !model.bytes().any(is_odd) => return Ok(()),
        () if model.contains(char::is_control) => "has a control character in it",
        () if model.contains(char::is_whitespace) => "has a blank in it",
        () if model.contains(['?', '#', '\\', '%']) => "has one of ? # % \\ in it",
        () => return Ok(()),
    };
    Err(invalid(model, reason))
}

/// A model's name for `Debug`: whoever swaps it with the token must not read that.
pub(super) fn shown_model(model: &str) -> String {
    if model.contains('/') { model.to_owned() } else { AuthConfig::hide_tokens(model) }
}
