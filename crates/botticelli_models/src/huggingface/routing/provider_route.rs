//! A direct route to one provider, without a selection by the router. Calls go through Hugging Face, or directly to the provider.

use crate::huggingface::Dialect;
use crate::huggingface::routing::endpoint::{Endpoint, ROUTER};
use crate::huggingface::routing::known_providers::{CHAT, HF_INFERENCE, KnownProvider, OPENAI, ZAI};
use crate::huggingface::routing::model_route::ModelRoute;
use botticelli_core::redact;
use botticelli_error::{BotticelliError, ConfigError};
use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderName, HeaderValue};

/// The provider that the user set, and the route to it.
#[derive(Clone, Debug)]
pub(in crate::huggingface) struct ProviderRoute {
    name: String,
    known: Option<KnownProvider>,
    /// True if the provider is called directly, with its own key.
    is_direct: bool,
}

/// The model names that a provider uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) enum ModelNaming {
    /// The name on the Hub.
    Hub,
    /// The provider's own name, which the Hub's provider mapping lists.
    Mapped,
    /// The name on the Hub without `openai/`.
    WithoutOpenAi,
}

impl ProviderRoute {
    /// Returns the route to the provider `name`.
    ///
    /// `is_hf_token` is true for a Hugging Face token, false for another one, and `None` without a token.
    pub(in crate::huggingface) fn new(
        name: &str,
        is_hf_token: Option<bool>,
    ) -> Result<Self, BotticelliError> {
        let route = Self::for_tasks(name, is_hf_token)?;
        if route.known.is_some_and(|known| known.chat.is_none()) {
            let remedy = format!("use one of {}", KnownProvider::names_with_chat());
            return Err(rejected(format!("{} does not serve chat models", route.name), remedy));
        }
        Ok(route)
    }

    /// Returns the route to the provider `name`, which may serve no chat models.
    pub(in crate::huggingface) fn for_tasks(
        name: &str,
        is_hf_token: Option<bool>,
    ) -> Result<Self, BotticelliError> {
        let name = name.trim();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !name.chars().all(is_plain) || name.chars().all(|c| c == '.') {
            let reason = format!("{:?} is not a valid provider id", redact::tokens(name));
            return Err(rejected(reason, "write the provider's id, such as groq or fireworks-ai"));
        }
        if redact::is_token_not_identifier(name) {
            return Err(rejected(
                "the setting contains a token".into(),
                "write the provider's id, such as groq",
            ));
        }
        let known = KnownProvider::find(name);
        if name == OPENAI && is_hf_token == Some(true) {
            let remedy = "pass an OpenAI key, or use a model that other providers serve, such as openai/gpt-oss-20b with groq";
            return Err(rejected("openai cannot be called through Hugging Face".into(), remedy));
        }
        let is_direct = (is_hf_token == Some(false) && name != HF_INFERENCE) || name == OPENAI;
        Ok(Self { name: name.to_owned(), known, is_direct })
    }

    /// Returns the address for calls with the provider's own key.
    pub(in crate::huggingface) fn base(&self) -> Result<&'static str, BotticelliError> {
        self.known.and_then(|known| known.base).ok_or_else(|| {
            let reason =
                format!("the address of {} for calls with the provider's own key is unknown", self.name);
            let remedy =
                "set `base_url`, or pass a Hugging Face token to call the provider through the router";
            rejected(reason, remedy)
        })
    }

    pub(in crate::huggingface) fn name(&self) -> &str {
        &self.name
    }

    pub(in crate::huggingface) fn is_direct(&self) -> bool {
        self.is_direct
    }

    /// Returns the endpoint of the route. `base_url`, with the setting that holds it, replaces the root of the router or of the provider.
    pub(in crate::huggingface) fn endpoint(
        &self,
        base_url: Option<(&str, &str)>,
    ) -> Result<Endpoint, BotticelliError> {
        let chat = self.known.and_then(|known| known.chat).unwrap_or(CHAT);
        if !self.is_direct {
            let (root, setting) = base_url.unwrap_or((ROUTER, "base_url"));
            return match self.name.as_str() {
                HF_INFERENCE => Endpoint::hosted_models(root, setting),
                name => Endpoint::routed(root, setting, (name, chat)),
            };
        }
        match base_url {
            Some((root, setting)) => Endpoint::direct(root, setting, chat),
            None => Endpoint::direct(self.base()?, "provider", chat),
        }
    }

    pub(in crate::huggingface) fn model_naming(&self) -> ModelNaming {
        match self.name.as_str() {
            HF_INFERENCE => ModelNaming::Hub,
            OPENAI => ModelNaming::WithoutOpenAi,
            _ => ModelNaming::Mapped,
        }
    }

    /// Returns the headers that the provider requires in addition to the usual ones.
    pub(in crate::huggingface) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.name == ZAI {
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en-US,en"));
            let source = HeaderName::from_static("x-source-channel");
            headers.insert(source, HeaderValue::from_static("hugging_face"));
        }
        headers
    }
}

impl Dialect {
    /// Returns the dialect of a provider on its own route.
    ///
    /// ```
    /// use botticelli_models::huggingface::Dialect;
    ///
    /// assert_eq!(Dialect::of_provider("cohere"), Dialect::SchemaInObject);
    /// assert_eq!(Dialect::of_provider("future-provider"), Dialect::OpenAi);
    /// ```
    pub fn of_provider(name: &str) -> Self {
        match name {
            HF_INFERENCE => Self::Tgi,
            "cohere" | "fireworks-ai" => Self::SchemaInObject,
            "together" => Self::Together,
            _ => Self::OpenAi,
        }
    }
}

/// Rejects an invalid model name, and one with a route, because the provider is already set.
pub(in crate::huggingface) fn check(model: &str) -> Result<(), BotticelliError> {
    ModelRoute::new(model, crate::huggingface::ProviderPolicy::Default).map(drop)
}

fn rejected(reason: String, remedy: impl Into<String>) -> BotticelliError {
    ConfigError::new(reason, remedy).with_key("provider").into()
}
