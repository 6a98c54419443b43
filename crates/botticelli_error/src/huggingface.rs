//! The words of Hugging Face's refusals.

use crate::{ErrorCategory, Refusal};
use std::time::Duration;

/// Why Hugging Face, or a server that speaks its dialect, refused.
///
/// The mapping from status and body to these is one function of `botticelli_models::huggingface`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum HuggingFaceErrorKind {
    /// No token was found anywhere. Not retried.
    MissingToken {
        /// The places that were looked at, in order.
        tried: Vec<String>,
    },
    /// The variable that was named for the token is unset or empty. Not retried.
    VariableUnset {
        /// The name of the variable.
        name: String,
    },
    /// No token was passed or named, and no other place may be looked at. Not retried.
    SearchDisabled {
        /// What forbids it, as `HF_HUB_DISABLE_IMPLICIT_TOKEN=1`.
        by: String,
    },
    /// A token was found that cannot be one. Not retried.
    UnusableToken {
        /// Where it came from.
        origin: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The name of the model cannot be one. Nothing was sent. Not retried.
    InvalidModelName {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// 401: the token was refused. Not retried.
    TokenRefused,
    /// 401: a token is needed, and none was sent. Not retried.
    TokenNotSent {
        /// Why none was sent although there is one.
        withheld: Option<String>,
    },
    /// 402: the account's credits are used up. Not retried.
    CreditsExhausted,
    /// 403: the token lacks a permission. Not retried.
    PermissionDenied,
    /// 403: the model is gated, and the account was not let in. Not retried.
    GatedModel,
    /// 400 or 404: there is no such model. Not retried.
    ModelNotFound,
    /// 400 or 422: a base or an embedding model was asked to chat. Not retried.
    NotAChatModel,
    /// 400: no provider that the account has enabled serves the model. Not retried.
    NotServed,
    /// 400: the provider that was named does not serve the model. Not retried.
    NotServedByProvider,
    /// 400: the dedicated endpoint is paused. Not retried: it does not wake by itself.
    EndpointPaused,
    /// 400 or 422: the conversation is longer than the model takes. Not retried.
    ContextExceeded,
    /// 400, 409, 415, 422 or another 4xx: the request was refused. Not retried.
    InvalidRequest,
    /// 404 or 405: no such route. Not retried.
    RouteNotFound,
    /// 408: the service gave up waiting for the model. Retried.
    ServiceTimeout,
    /// 410: the host is retired. Not retried.
    Gone,
    /// 413: the request is too large. Not retried.
    RequestTooLarge,
    /// 424, and Groq's `tool_use_failed`: the model failed while it was generating. Retried, once.
    GenerationFailed,
    /// 429: too many requests. Retried.
    RateLimited,
    /// 503: the model is being loaded, or its endpoint wakes up. Retried.
    Loading {
        /// How long the service thinks it will take.
        estimated: Option<Duration>,
    },
    /// 500, 502, 504 and the like: the service failed. Retried.
    Server,
}

/// A model that is named in advice: small, cheap and served by many.
const EXAMPLE: &str = "openai/gpt-oss-20b";

/// How the paths of chat completions end.
const CHAT: &str = "/chat/completions";

impl HuggingFaceErrorKind {
    /// What it means, in words that fit every provider.
    pub fn category(&self) -> ErrorCategory {
        match self {
            Self::MissingToken { .. }
            | Self::VariableUnset { .. }
            | Self::SearchDisabled { .. }
            | Self::UnusableToken { .. }
            | Self::TokenRefused
            | Self::TokenNotSent { .. } => ErrorCategory::Authentication,
            Self::PermissionDenied | Self::GatedModel => ErrorCategory::Permission,
            Self::CreditsExhausted => ErrorCategory::CreditsExhausted,
            Self::InvalidModelName { .. } | Self::ContextExceeded | Self::InvalidRequest => {
                ErrorCategory::InvalidRequest
            }
            Self::ModelNotFound | Self::RouteNotFound | Self::Gone => ErrorCategory::NotFound,
            Self::NotAChatModel => ErrorCategory::NotChatModel,
            Self::NotServed | Self::NotServedByProvider => ErrorCategory::NotServed,
            Self::EndpointPaused => ErrorCategory::Paused,
            Self::RequestTooLarge => ErrorCategory::TooLarge,
            Self::RateLimited => ErrorCategory::RateLimited,
            Self::Loading { .. } => ErrorCategory::Loading,
            Self::GenerationFailed => ErrorCategory::Generation,
            Self::ServiceTimeout | Self::Server => ErrorCategory::Server,
        }
    }

    pub(crate) fn sentence(&self, refusal: &Refusal) -> String {
        let model = quoted(refusal.model.as_deref());
        let host = refusal.host.as_deref().unwrap_or("the service");
        match self {
            Self::MissingToken { tried } => format!("no token: looked at {}", tried.join(", ")),
            Self::VariableUnset { name } => {
                format!("no token: the variable {name}, which is named for it, is unset or empty")
            }
            Self::SearchDisabled { by } => {
                format!("no token: none was passed or named, and {by} forbids to look elsewhere")
            }
            Self::UnusableToken { origin, reason } => {
                format!("the token from {origin} cannot be one, it {reason}")
            }
            Self::InvalidModelName { reason } => {
                let name = refusal.model.as_deref().unwrap_or_default();
                format!("{name:?} cannot be the name of a model, it {reason}")
            }
            Self::TokenRefused => format!("{host} refused the token"),
            Self::TokenNotSent { withheld: None } => {
                format!("{host} wants a token and none was given")
            }
            Self::TokenNotSent { withheld: Some(why) } => {
                format!("{host} wants a token and none was sent, because {why}")
            }
            Self::CreditsExhausted => "the account's credits are used up".to_owned(),
            Self::PermissionDenied => {
                format!("the token may not call {model} on {host}")
            }
            Self::GatedModel => format!("{model} is gated, and the account was not let in"),
            Self::ModelNotFound => format!("{host} knows no {model}"),
            Self::NotAChatModel => format!("{model} is not a chat model"),
            Self::NotServed => {
                format!("{model} is not served by any provider that the account has enabled")
            }
            Self::NotServedByProvider => {
                format!("the provider that was asked for does not serve {model}")
            }
            Self::EndpointPaused => format!("the endpoint {host} is paused"),
            Self::ContextExceeded => {
                format!("the conversation is longer than {model} takes")
            }
            Self::InvalidRequest => format!("{host} refused the request to {model}"),
            Self::RouteNotFound => match &refusal.path {
                Some(path) => format!("{host} has no route {path}"),
                None => format!("{host} has no such route"),
            },
            Self::ServiceTimeout => format!("{host} gave up waiting for {model}"),
            Self::Gone => format!("{host} is retired"),
            Self::RequestTooLarge => format!("the request is too large for {host}"),
            Self::GenerationFailed => format!("{model} failed while it was generating"),
            Self::RateLimited => format!("{host} takes no more requests for now"),
            Self::Loading { estimated: Some(time) } => {
                format!("{model} is being loaded, for about {:.0} s", time.as_secs_f64())
            }
            Self::Loading { estimated: None } => format!("{model} is being loaded"),
            Self::Server => format!("{host} failed to answer for {model}"),
        }
    }

    pub(crate) fn advice(&self, refusal: &Refusal) -> String {
        match self {
            // A server of one's own has no pages of Hugging Face.
            Self::TokenRefused if !is_huggingface(refusal) => "give the driver the token of this server".into(),
            Self::PermissionDenied if !is_huggingface(refusal) => "give the token the permission it lacks".into(),
            Self::ModelNotFound if !is_huggingface(refusal) => {
                "check the spelling, and what the server lists under /v1/models".into()
            }
            Self::ServiceTimeout | Self::Server if !is_huggingface(refusal) => {
                "ask again; if it stays so, look at the server's own log".into()
            }
            Self::RateLimited if !is_huggingface(refusal) && refusal.retry_after.is_none() => {
                "ask again a little later".into()
            }
            Self::MissingToken { .. } => {
                "set HF_TOKEN, log in with the `hf` tool, or name a variable in `llm.auth.api_key_env`; a token with \
                 the permission to call Inference Providers is made at https://huggingface.co/settings/tokens"
                    .into()
            }
            Self::VariableUnset { name } => {
                format!("set {name}, or name no variable to have the usual places looked at")
            }
            Self::SearchDisabled { .. } => {
                "pass the token to the driver, or name its variable in `llm.auth.api_key_env`".into()
            }
            Self::UnusableToken { .. } => "copy it again, one line without blanks".into(),
            Self::InvalidModelName { .. } => {
                format!("write it as org/name, with a route after a colon if you like: {EXAMPLE}:cheapest")
            }
            Self::TokenRefused => {
                "check that it was copied whole and not revoked at https://huggingface.co/settings/tokens".into()
            }
            Self::TokenNotSent { withheld: None } => "give the driver the token of this server".into(),
            Self::TokenNotSent { withheld: Some(_) } => {
                "give it to the driver yourself, or name its variable in `llm.auth.api_key_env`, if this host may \
                 have it"
                    .into()
            }
            Self::CreditsExhausted => {
                "buy credits or subscribe to PRO at https://huggingface.co/settings/billing, bill an organisation \
                 (`bill_to`), or wait for the first of the month"
                    .into()
            }
            Self::PermissionDenied => {
                "give the token the permission to make calls to Inference Providers, for the organisation too if \
                 `bill_to` is set, at https://huggingface.co/settings/tokens"
                    .into()
            }
            Self::GatedModel => "ask for access on the model's page, or pick another model".into(),
            Self::ModelNotFound => {
                "check the spelling (org/name); https://huggingface.co/models?inference_provider=all lists what is \
                 served"
                    .into()
            }
            // On another route, this would be no news.
            Self::NotAChatModel if refusal.path.as_deref().is_some_and(|path| path.ends_with(CHAT)) => format!(
                "pick an Instruct or chat model, for instance {EXAMPLE}; a base model goes on with a text, through \
                 `CompletionDriver::complete` at a server that has it"
            ),
            Self::NotAChatModel => {
                format!("pick an Instruct or chat model, for instance {EXAMPLE}")
            }
            Self::NotServed => format!(
                "enable a provider that serves it at https://huggingface.co/settings/inference-providers, or pick \
                 another model, for instance {EXAMPLE}"
            ),
            Self::NotServedByProvider => {
                "leave the provider out of the model's name, or take one of those that its page lists".into()
            }
            Self::EndpointPaused => {
                "resume it at https://endpoints.huggingface.co; it does not wake by itself".into()
            }
            Self::ContextExceeded => {
                "shorten the messages, lower `max_tokens`, or pick a model with a longer context".into()
            }
            Self::InvalidRequest => "change what it names and ask again".into(),
            Self::RouteNotFound => {
                "check the base URL: for most servers it ends in /v1, as https://router.huggingface.co/v1 does".into()
            }
            Self::Gone => "use the base URL https://router.huggingface.co/v1".into(),
            Self::RequestTooLarge => "send fewer or smaller images, or a shorter text".into(),
            Self::GenerationFailed => {
                "ask once more; if it fails again, ask for fewer tokens or another provider".into()
            }
            Self::RateLimited => match refusal.retry_after {
                Some(wait) => format!("ask again in {:.0} s", wait.as_secs_f64().ceil()),
                None => "ask again a little later, or route to another provider".into(),
            },
            Self::Loading { .. } => "ask again when it is ready".into(),
            Self::ServiceTimeout | Self::Server => {
                "ask again; if it stays so, name another provider in the model (org/name:provider)".into()
            }
        }
    }
}

fn is_huggingface(refusal: &Refusal) -> bool {
    refusal.host.as_deref().is_some_and(|host| host == "huggingface.co" || host.ends_with(".huggingface.co"))
}

fn quoted(model: Option<&str>) -> String {
    match model {
        Some(model) => format!("'{model}'"),
        None => "the model".to_owned(),
    }
}
