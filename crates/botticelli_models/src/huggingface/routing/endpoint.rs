//! The URLs that follow from a base URL.

use crate::huggingface::routing::address::{Address, redact_address};
use crate::huggingface::routing::known_providers::{HF_INFERENCE, KnownProvider};
use crate::huggingface::routing::model_name::check_served_model;
use crate::huggingface::routing::model_route::{ModelRoute, ProviderPolicy};
use crate::huggingface::routing::public_address::public_address;
use crate::transport::Target;
use botticelli_error::BotticelliError;
use reqwest::Url;
use std::borrow::Cow;
use std::fmt;

/// The router of Hugging Face, which selects a provider for the model.
pub(in crate::huggingface) const ROUTER: &str = "https://router.huggingface.co/v1";

/// A server with a chat completions API.
#[derive(Clone)]
pub(in crate::huggingface) struct Endpoint {
    address: Address,
    chat: Chat,
    /// The path of the catalog; `None` if the server has no catalog.
    models: Option<String>,
    /// True if a word after the model's name selects the provider. The router supports that, but not on a single provider's route.
    supports_routes: bool,
}

/// The path of chat completions.
#[derive(Clone)]
enum Chat {
    /// One URL for all models, and the same without secrets.
    Fixed { target: Target, public: Box<str> },
    /// Below the model's path, which follows this path. Hugging Face's own servers have such URLs.
    PerModel(String),
}

impl Chat {
    fn fixed(address: &Address, path: &str) -> Self {
        let url = address.at(path);
        Self::Fixed { public: public_address(&url).into(), target: url.into() }
    }
}

// Shows only the host, because a path or a query can contain a secret.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.address.host()).finish()
    }
}

/// A base URL as the caller wrote it. `Debug` hides the parts that can contain a secret.
#[derive(Clone)]
pub struct BaseUrl(pub(in crate::huggingface) String);

impl<T: Into<String>> From<T> for BaseUrl {
    fn from(base_url: T) -> Self {
        Self(base_url.into())
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BaseUrl").field(&redact_address(&self.0)).finish()
    }
}

const CHAT: &str = "/chat/completions";

const VERSION: &str = "/v1";

/// The path of text completions, next to chat completions.
const TEXT: &str = "/completions";

impl Endpoint {
    /// Returns the endpoint at a base URL.
    ///
    /// The path is completed to the path of chat completions. A path that ends in `/chat/completions` is not changed, and a final
    /// `/completions` is replaced. At the router and at a known provider, the beginning of a known path is completed. Otherwise a
    /// path with a version (`/v1`, `/api/paas/v4`, `/v1beta/openai`) gets `/chat/completions`, and any other path gets
    /// `/v1/chat/completions`. The query is kept.
    ///
    /// `setting` is the setting that holds the base URL, for error messages.
    pub(in crate::huggingface) fn parse(base_url: &str, setting: &str) -> Result<Self, BotticelliError> {
        let address = Address::parse(base_url, setting)?;
        let path = address.path();
        let provider = provider_in(&address);
        if provider.is_some_and(|provider| provider.name == HF_INFERENCE) {
            let hosted = [format!("/{HF_INFERENCE}"), format!("/{HF_INFERENCE}/models")];
            if hosted.iter().any(|hosted| hosted == path) {
                return Self::hosted_models(base_url, setting);
            }
        }
        let chat = match base_path(path) {
            Some(base) => format!("{base}{CHAT}"),
            None => match complete_path(&address, provider) {
                Some(chat) => chat,
                None if has_version(path) => format!("{path}{CHAT}"),
                None => format!("{path}{VERSION}{CHAT}"),
            },
        };
        let models = match provider {
            Some(_) => format!("{VERSION}/models"),
            None => format!("{}/models", chat.strip_suffix(CHAT).unwrap_or_default()),
        };
        let supports_routes = address.is_router() && provider.is_none();
        Ok(Self { chat: Chat::fixed(&address, &chat), address, models: Some(models), supports_routes })
    }

    /// Returns the endpoint of the provider `name` behind the router at `root`. `chat` is the path after the provider's name.
    pub(in crate::huggingface) fn routed(
        root: &str,
        setting: &str,
        (name, chat): (&str, &str),
    ) -> Result<Self, BotticelliError> {
        let provider_path = format!("/{name}{}", chat.strip_suffix(CHAT).unwrap_or_default());
        let (address, root) = router_at(root, setting, &provider_path)?;
        let models = Some(format!("{root}{VERSION}/models"));
        let chat = Chat::fixed(&address, &format!("{root}/{name}{chat}"));
        Ok(Self { chat, supports_routes: address.is_router(), address, models })
    }

    /// Returns the endpoint of Hugging Face's own servers behind the router at `root`.
    pub(in crate::huggingface) fn hosted_models(root: &str, setting: &str) -> Result<Self, BotticelliError> {
        let (address, root) = router_at(root, setting, &format!("/{HF_INFERENCE}/models"))?;
        // The base URL may end with the model, which the driver adds itself.
        let root = root.split_once(&format!("/{HF_INFERENCE}")).map_or(&*root, |(root, _)| root).to_owned();
        let models = Some(format!("{root}{VERSION}/models"));
        let chat = Chat::PerModel(format!("{root}/{HF_INFERENCE}/models"));
        Ok(Self { chat, supports_routes: address.is_router(), address, models })
    }

    /// Returns the endpoint of a provider that is called with its own key. `chat` is the path there. The provider's model list is not
    /// Hugging Face's catalog, so the endpoint has no catalog.
    ///
    /// The base URL may contain the provider's path, or a part of it, which is not repeated. A version in the base URL replaces
    /// the version of `chat`.
    pub(in crate::huggingface) fn direct(
        root: &str,
        setting: &str,
        chat: &str,
    ) -> Result<Self, BotticelliError> {
        let address = Address::parse(root, setting)?;
        let path = address.path();
        let provider_path = chat.strip_suffix(CHAT).unwrap_or_default();
        let chat = match (base_path(path), without_overlap(path, provider_path)) {
            (Some(base), _) => format!("{base}{CHAT}"),
            (None, Some(root)) => format!("{root}{chat}"),
            (None, None) if has_version(path) => format!("{path}{CHAT}"),
            (None, None) => format!("{path}{chat}"),
        };
        Ok(Self { chat: Chat::fixed(&address, &chat), address, models: None, supports_routes: false })
    }

    /// Returns the address of the server.
    pub(in crate::huggingface) fn address(&self) -> &Address {
        &self.address
    }

    /// Returns the URL of chat completions for `model`.
    pub(in crate::huggingface) fn chat(&self, model: &str) -> Target {
        match &self.chat {
            Chat::Fixed { target, .. } => target.clone(),
            Chat::PerModel(path) => {
                append_path(self.address.at(path), &format!("{model}{VERSION}{CHAT}")).into()
            }
        }
    }

    /// Returns the URL of chat completions for `model`, without the parts that can be secrets.
    pub(in crate::huggingface) fn public_chat(&self, model: &str) -> Cow<'_, str> {
        match &self.chat {
            Chat::Fixed { public, .. } => Cow::Borrowed(public),
            Chat::PerModel(_) => public_address(self.chat(model).url()).into(),
        }
    }

    /// Returns the URL of the catalog; `None` if the server has no catalog.
    pub(in crate::huggingface) fn models(&self) -> Option<Url> {
        Some(self.address.at(self.models.as_ref()?))
    }

    /// Returns the URL of the catalog entry of `model`; `None` if the server has no catalog.
    pub(in crate::huggingface) fn model(&self, model: &str) -> Option<Url> {
        Some(append_path(self.address.at(self.models.as_ref()?), self.catalog_name(model)))
    }

    /// Returns whether a word after the model's name selects the provider.
    pub(in crate::huggingface) fn supports_routes(&self) -> bool {
        self.supports_routes
    }

    /// Rejects a model name that is invalid for this server.
    pub(in crate::huggingface) fn check(&self, model: &str) -> Result<(), BotticelliError> {
        if self.supports_routes {
            return model.parse::<ModelRoute>().map(drop);
        }
        // On other servers, a colon or a space is part of the name, as in `llama3:8b`.
        check_served_model(model)
    }

    /// Returns the provider that the route of `model` names. `None` without a route, and for a policy.
    pub(in crate::huggingface) fn pinned_provider<'m>(&self, model: &'m str) -> Option<&'m str> {
        let word = model.strip_prefix(self.catalog_name(model))?.strip_prefix(':')?;
        (!ProviderPolicy::is_policy(word)).then_some(word)
    }

    /// Returns the name of `model` in the server's catalog, which is the name without a route.
    pub(in crate::huggingface) fn catalog_name<'m>(&self, model: &'m str) -> &'m str {
        let Some((name, word)) = model.split_once(':') else { return model };
        let is_route =
            self.supports_routes || KnownProvider::find(word).is_some() || ProviderPolicy::is_policy(word);
        if is_route { name } else { model }
    }
}

/// Returns the part of a path before `/chat/completions` or `/completions`; `None` if the path ends differently.
fn base_path(path: &str) -> Option<&str> {
    path.strip_suffix(CHAT).or_else(|| path.strip_suffix(TEXT))
}

/// Returns the provider that `address` names, if it is a provider's route behind the router.
pub(in crate::huggingface) fn provider_in(address: &Address) -> Option<KnownProvider> {
    let name = address.path().split('/').nth(1)?;
    KnownProvider::find(name).filter(|provider| address.is_router() && provider.chat.is_some())
}

/// Returns the known path of chat completions that begins with the path of `address`.
fn complete_path(address: &Address, provider: Option<KnownProvider>) -> Option<String> {
    let (name, chat) = match provider {
        Some(provider) => (format!("/{}", provider.name), provider.chat?),
        None => (String::new(), KnownProvider::at(address.host())?.chat?),
    };
    let known_path = format!("{name}{}", chat.strip_suffix(CHAT).unwrap_or_default());
    let is_beginning = without_overlap(address.path(), &known_path).is_some_and(|root| root.is_empty());
    is_beginning.then(|| format!("{name}{chat}"))
}

/// Returns the address of the router at `root`, and the path of the router's root there. That path excludes the router's version, and
/// `provider_path`, the path of a provider, or the beginning of it.
pub(in crate::huggingface) fn router_at(
    root: &str,
    setting: &str,
    provider_path: &str,
) -> Result<(Address, String), BotticelliError> {
    let address = Address::parse(root, setting)?;
    let path = base_path(address.path()).unwrap_or(address.path());
    let root = without_overlap(path, provider_path)
        .filter(|root| root.len() < path.len())
        .unwrap_or_else(|| path.strip_suffix(VERSION).unwrap_or(path).to_owned());
    Ok((address, root))
}

/// Returns `path` without the longest end that is also the beginning of `next`, compared part by part; `None` without an overlap.
/// An empty path is returned as it is.
fn without_overlap(path: &str, next: &str) -> Option<String> {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let next: Vec<_> = next.split('/').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return Some(String::new());
    }
    let shared =
        (1..=next.len()).rev().find(|count| parts.ends_with(next.get(..*count).unwrap_or_default()))?;
    let count = parts.len().saturating_sub(shared);
    Some(parts.iter().take(count).flat_map(|part| ["/", part]).collect())
}

/// Returns whether a part of a path is a version: `v1`, `v4`, `v1beta`, `v1.1`.
pub(in crate::huggingface) fn has_version(path: &str) -> bool {
    path.split('/').any(|part| {
        let Some(rest) = part.strip_prefix('v') else { return false };
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let stage = rest.trim_end_matches(|c: char| c.is_ascii_digit());
        part.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
            && ["", "alpha", "beta", "rc", "preview"].contains(&stage)
    })
}

/// Appends `path` to `url` part by part, so that a model name cannot change the other parts.
pub(in crate::huggingface) fn append_path(mut url: Url, path: &str) -> Url {
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.extend(path.split('/'));
    }
    url
}
