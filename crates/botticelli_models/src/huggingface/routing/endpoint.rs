//! Where a request goes: the addresses that follow from a base URL.

use crate::huggingface::routing::address::{Address, shown};
use crate::huggingface::routing::known_providers::{HF_INFERENCE, KnownProvider};
use crate::huggingface::routing::model_name::check_served_model;
use crate::huggingface::routing::model_route::{ModelRoute, ProviderPolicy};
use botticelli_error::BotticelliError;
use reqwest::Url;
use std::fmt;

/// The router of Hugging Face: it finds a provider for the model.
pub(in crate::huggingface) const ROUTER: &str = "https://router.huggingface.co/v1";

/// A server that speaks chat completions.
#[derive(Clone)]
pub(in crate::huggingface) struct Endpoint {
    address: Address,
    chat: Chat,
    /// Where the catalogue is; `None` where there is none.
    models: Option<String>,
    /// Whether a word after the model's name says who serves it: at the router, but not on the route of one provider.
    reads_routes: bool,
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
pub struct BaseUrl(pub(in crate::huggingface) String);

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
    /// Returns the endpoint behind a base URL.
    ///
    /// `…/chat/completions` stays as it is, and `…/completions` becomes its neighbor. A path with a version in it (`/v1`,
    /// `/api/paas/v4`, `/v1beta/openai`) gets `/chat/completions`, and any other one gets `/v1/chat/completions`. At the
    /// router and at a known provider, the beginning of a known path is completed. A query survives.
    ///
    /// `setting` is where the base URL stands, for messages.
    pub(in crate::huggingface) fn parse(base_url: &str, setting: &str) -> Result<Self, BotticelliError> {
        let address = Address::parse(base_url, setting)?;
        let path = address.path();
        let provider = provider_in(&address);
        if provider.is_some_and(|provider| provider.name == HF_INFERENCE) {
            let hosted = [format!("/{HF_INFERENCE}"), format!("/{HF_INFERENCE}/models")];
            if hosted.iter().any(|hosted| hosted == path) {
                return Self::of_hosted_models(base_url, setting);
            }
        }
        let chat = match base_of(path) {
            Some(base) => format!("{base}{CHAT}"),
            None => match completed(&address, provider) {
                Some(chat) => chat,
                None if has_version(path) => format!("{path}{CHAT}"),
                None => format!("{path}{VERSION}{CHAT}"),
            },
        };
        let models = match provider {
            Some(_) => format!("{VERSION}/models"),
            None => format!("{}/models", chat.strip_suffix(CHAT).unwrap_or_default()),
        };
        let reads_routes = address.is_router() && provider.is_none();
        Ok(Self { chat: Chat::at(&address, &chat), address, models: Some(models), reads_routes })
    }

    /// Returns the route of the provider `name` through the router at `root`; `chat` is its path there, after its name.
    pub(in crate::huggingface) fn of_provider(
        root: &str,
        setting: &str,
        (name, chat): (&str, &str),
    ) -> Result<Self, BotticelliError> {
        let own = format!("/{name}{}", chat.strip_suffix(CHAT).unwrap_or_default());
        let (address, root) = router_at(root, setting, &own)?;
        let models = Some(format!("{root}{VERSION}/models"));
        let chat = Chat::at(&address, &format!("{root}/{name}{chat}"));
        Ok(Self { chat, reads_routes: address.is_router(), address, models })
    }

    /// Returns the route to Hugging Face's own servers, behind the router at `root`.
    pub(in crate::huggingface) fn of_hosted_models(
        root: &str,
        setting: &str,
    ) -> Result<Self, BotticelliError> {
        let (address, root) = router_at(root, setting, &format!("/{HF_INFERENCE}/models"))?;
        // A base URL may go on with the model, which the driver names itself.
        let root = root.split_once(&format!("/{HF_INFERENCE}")).map_or(&*root, |(root, _)| root).to_owned();
        let models = Some(format!("{root}{VERSION}/models"));
        let chat = Chat::Below(format!("{root}/{HF_INFERENCE}/models"));
        Ok(Self { chat, reads_routes: address.is_router(), address, models })
    }

    /// Returns the route to a provider itself; `chat` is its path there. What it lists is none of Hugging Face's catalogue.
    ///
    /// A base URL may hold the provider's own path, or a part of it: neither is doubled. A version in it is the version.
    pub(in crate::huggingface) fn of_provider_itself(
        root: &str,
        setting: &str,
        chat: &str,
    ) -> Result<Self, BotticelliError> {
        let address = Address::parse(root, setting)?;
        let path = address.path();
        let own = chat.strip_suffix(CHAT).unwrap_or_default();
        let chat = match (base_of(path), without_overlap(path, own)) {
            (Some(base), _) => format!("{base}{CHAT}"),
            (None, Some(root)) => format!("{root}{chat}"),
            (None, None) if has_version(path) => format!("{path}{CHAT}"),
            (None, None) => format!("{path}{chat}"),
        };
        Ok(Self { chat: Chat::at(&address, &chat), address, models: None, reads_routes: false })
    }

    /// Where it is.
    pub(in crate::huggingface) fn address(&self) -> &Address {
        &self.address
    }

    /// Where chat completions of `model` are asked for.
    pub(in crate::huggingface) fn chat(&self, model: &str) -> Url {
        match &self.chat {
            Chat::At(url) => (**url).clone(),
            Chat::Below(path) => below(self.address.at(path), &format!("{model}{VERSION}{CHAT}")),
        }
    }

    /// Where the catalogue is; `None` where there is none.
    pub(in crate::huggingface) fn models(&self) -> Option<Url> {
        Some(self.address.at(self.models.as_ref()?))
    }

    /// Where the catalogue's entry for `model` is; `None` where there is no catalogue.
    pub(in crate::huggingface) fn model(&self, model: &str) -> Option<Url> {
        Some(below(self.address.at(self.models.as_ref()?), self.listed(model)))
    }

    /// Returns whether a word after the model's name says who serves it.
    pub(in crate::huggingface) fn reads_routes(&self) -> bool {
        self.reads_routes
    }

    /// Refuses a name that this server cannot know.
    pub(in crate::huggingface) fn check(&self, model: &str) -> Result<(), BotticelliError> {
        if self.reads_routes {
            return model.parse::<ModelRoute>().map(drop);
        }
        // Elsewhere a colon is a part of the name, as in `llama3:8b`, and so are blanks.
        check_served_model(model)
    }

    /// The name of `model` in the server's catalogue: without a route, where it is one.
    pub(in crate::huggingface) fn listed<'m>(&self, model: &'m str) -> &'m str {
        let Some((name, word)) = model.split_once(':') else { return model };
        let is_route = self.reads_routes
            || KnownProvider::find(word).is_some()
            || [ProviderPolicy::Fastest, ProviderPolicy::Cheapest, ProviderPolicy::Preferred]
                .iter()
                .any(|r| r.as_str() == Some(word));
        if is_route { name } else { model }
    }
}

/// Returns the base of a path that names chat completions, or text completions next to them; `None` if it names neither.
fn base_of(path: &str) -> Option<&str> {
    path.strip_suffix(CHAT).or_else(|| path.strip_suffix(TEXT))
}

/// Returns the provider whose route behind the router `address` is, if it is one.
fn provider_in(address: &Address) -> Option<KnownProvider> {
    let name = address.path().split('/').nth(1)?;
    KnownProvider::find(name).filter(|provider| address.is_router() && provider.chat.is_some())
}

/// Returns the known path of chat completions that the path of `address` is the beginning of.
fn completed(address: &Address, provider: Option<KnownProvider>) -> Option<String> {
    let (name, chat) = match provider {
        Some(provider) => (format!("/{}", provider.name), provider.chat?),
        None => (String::new(), KnownProvider::at(address.host())?.chat?),
    };
    let own = format!("{name}{}", chat.strip_suffix(CHAT).unwrap_or_default());
    let is_beginning = without_overlap(address.path(), &own).is_some_and(|root| root.is_empty());
    is_beginning.then(|| format!("{name}{chat}"))
}

/// Returns the address of the router at `root`, and the path of its root: without `own`, the path of a provider there, or
/// the beginning of it, and without the router's version.
fn router_at(root: &str, setting: &str, own: &str) -> Result<(Address, String), BotticelliError> {
    let address = Address::parse(root, setting)?;
    let path = base_of(address.path()).unwrap_or(address.path());
    let root = without_overlap(path, own)
        .filter(|root| root.len() < path.len())
        .unwrap_or_else(|| path.strip_suffix(VERSION).unwrap_or(path).to_owned());
    Ok((address, root))
}

/// Returns `path` without the longest end of it that `own` begins with, part by part; `None` if they share nothing.
/// An empty path shares nothing that could be doubled, and is returned.
fn without_overlap(path: &str, own: &str) -> Option<String> {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let own: Vec<_> = own.split('/').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return Some(String::new());
    }
    let shared =
        (1..=own.len()).rev().find(|count| parts.ends_with(own.get(..*count).unwrap_or_default()))?;
    let kept = parts.len().saturating_sub(shared);
    Some(parts.iter().take(kept).flat_map(|part| ["/", part]).collect())
}

/// Returns whether a part of a path is a version: `v1`, `v4`, `v1beta`, `v1.1`.
fn has_version(path: &str) -> bool {
    path.split('/').any(|part| {
        let Some(rest) = part.strip_prefix('v') else { return false };
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let stage = rest.trim_end_matches(|c: char| c.is_ascii_digit());
        part.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
            && ["", "alpha", "beta", "rc", "preview"].contains(&stage)
    })
}

/// `path` below `url`, part by part, so that nothing in a name can leave its part.
fn below(mut url: Url, path: &str) -> Url {
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.extend(path.split('/'));
    }
    url
}
