//! A provider's own route: past the choice of the router, through Hugging Face or with a key of the provider's own.

use crate::huggingface::Dialect;
use crate::huggingface::routing::endpoint::{Endpoint, ROUTER};
use crate::huggingface::routing::known_providers::{CHAT, HF_INFERENCE, KnownProvider, OPENAI, ZAI};
use crate::huggingface::routing::model_route::ModelRoute;
use botticelli_core::AuthConfig;
use botticelli_error::{BotticelliError, ConfigError};
use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderName, HeaderValue};

/// The provider that was set, and the way to it.
#[derive(Clone, Debug)]
pub(in crate::huggingface) struct ProviderRoute {
    name: String,
    known: Option<KnownProvider>,
    /// With a key of its own, past Hugging Face.
    is_direct: bool,
}

/// Under which name a provider knows a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) enum Naming {
    /// That of the Hub.
    Hub,
    /// A name of its own, which the Hub tells.
    Own,
    /// That of the Hub without `openai/`.
    WithoutOpenAi,
}

impl ProviderRoute {
    /// The way to the provider `name`, for a key that is Hugging Face's (`Some(true)`), another (`Some(false)`), or not
    /// there.
    pub(in crate::huggingface) fn new(
        name: &str,
        is_hf_token: Option<bool>,
    ) -> Result<Self, BotticelliError> {
        let name = name.trim();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !name.chars().all(is_plain) || name.chars().all(|c| c == '.') {
            let reason = format!("{:?} cannot be a provider", AuthConfig::hide_tokens(name));
            return Err(refused(reason, "write its id, as groq or fireworks-ai"));
        }
        if AuthConfig::is_token_not_identifier(name) {
            return Err(refused("a token stands here".into(), "write the provider's id, as groq"));
        }
        let known = KnownProvider::find(name);
        if known.is_some_and(|known| known.chat.is_none()) {
            let remedy = format!("take one that does: {}", KnownProvider::with_chat());
            return Err(refused(format!("{name} serves no chat"), remedy));
        }
        if name == OPENAI && is_hf_token == Some(true) {
            let remedy = "give a key of OpenAI's own, or take a model that others serve, as openai/gpt-oss-20b with groq";
            return Err(refused("openai is not called through Hugging Face".into(), remedy));
        }
        let is_direct = (is_hf_token == Some(false) && name != HF_INFERENCE) || name == OPENAI;
        Ok(Self { name: name.to_owned(), known, is_direct })
    }

    pub(in crate::huggingface) fn name(&self) -> &str {
        &self.name
    }

    pub(in crate::huggingface) fn is_direct(&self) -> bool {
        self.is_direct
    }

    /// Where it is. `base_url` and the setting that it stands in replace the root: that of the router, or the provider's.
    pub(in crate::huggingface) fn endpoint(
        &self,
        base_url: Option<(&str, &str)>,
    ) -> Result<Endpoint, BotticelliError> {
        let chat = self.known.and_then(|known| known.chat).unwrap_or(CHAT);
        if !self.is_direct {
            let (root, setting) = base_url.unwrap_or((ROUTER, "base_url"));
            return match self.name.as_str() {
                HF_INFERENCE => Endpoint::of_hosted_models(root, setting),
                name => Endpoint::of_provider(root, setting, (name, chat)),
            };
        }
        match (base_url, self.known.and_then(|known| known.base)) {
            (Some((root, setting)), _) => Endpoint::of_provider_itself(root, setting, chat),
            (None, Some(root)) => Endpoint::of_provider_itself(root, "provider", chat),
            (None, None) => {
                let reason = format!("nobody knows where {} is called with a key of its own", self.name);
                let remedy =
                    "give its base URL (`base_url`), or a token of Hugging Face's, to go through its router";
                Err(refused(reason, remedy))
            }
        }
    }

    pub(in crate::huggingface) fn naming(&self) -> Naming {
        match self.name.as_str() {
            HF_INFERENCE => Naming::Hub,
            OPENAI => Naming::WithoutOpenAi,
            _ => Naming::Own,
        }
    }

    /// What it wants beside the usual headers.
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
    /// Whose spelling a provider wants on its own route.
    ///
    /// ```
    /// use botticelli_models::huggingface::Dialect;
    ///
    /// assert_eq!(Dialect::of_provider("cohere"), Dialect::SchemaInObject);
    /// assert_eq!(Dialect::of_provider("one-to-come"), Dialect::OpenAi);
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

/// Refuses a model with a route of its own: the provider is set already.
pub(in crate::huggingface) fn check(model: &str) -> Result<(), BotticelliError> {
    ModelRoute::new(model, crate::huggingface::ProviderPolicy::Default).map(drop)
}

fn refused(reason: String, remedy: impl Into<String>) -> BotticelliError {
    ConfigError::new(reason, remedy).with_key("provider").into()
}
