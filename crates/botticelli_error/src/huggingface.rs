//! The words of Hugging Face's refusals.

mod advice;

use crate::{ErrorCategory, ErrorDetails};
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
    /// The token is none of Hugging Face's, and would go there. Nothing was sent. Not retried.
    NotAHuggingFaceToken {
        /// Where it would go.
        host: String,
    },
    /// The token is Hugging Face's, and would go to a provider's own host. Nothing was sent. Not retried.
    HuggingFaceTokenElsewhere {
        /// Where it would go.
        host: String,
    },
    /// The name of the model cannot be one. Nothing was sent. Not retried.
    InvalidModelName {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The word after the model's name is nearly one that the router knows. Nothing was sent. Not retried.
    UnknownRoute {
        /// The word, as `cheepest`.
        route: String,
        /// The one that it is nearly.
        nearest: String,
    },
    /// 401: the token was refused. Not retried.
    TokenRejected,
    /// 401: a token is needed, and none was sent. Not retried.
    TokenNotSent {
        /// Why none was sent although there is one.
        withheld: Option<String>,
    },
    /// 402, or a refusal that says so: the account's credits are used up. Not retried.
    CreditsExhausted,
    /// The account is suspended, for another reason than its credits. Not retried.
    AccountSuspended,
    /// A content filter refused the prompt. Not retried.
    PromptFiltered,
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
    /// The provider whose own route was asked for does not serve the model, so far as the Hub knows. Nothing was sent. Not
    /// retried.
    NotServedBy {
        /// The provider.
        provider: String,
        /// What it serves the model for instead of chat.
        task: Option<String>,
        /// Who serves it for chat.
        others: Vec<String>,
    },
    /// The Hub lists the provider whose own route was asked for, without the name under which it serves the model.
    /// Nothing was sent. Not retried.
    ProviderIdMissing {
        /// The provider.
        provider: String,
        /// Who serves it for chat, under a name.
        others: Vec<String>,
    },
    /// The catalogue says that nobody who serves the model, or not the one that was named, can do what the request needs.
    /// Nothing was sent. Not retried.
    CapabilityMissing {
        /// The provider that was named, if one was.
        provider: Option<String>,
        /// What is missing, as `tools` or `images`.
        missing: Vec<String>,
        /// Who can, as `org/model:provider`: of the same model, or of others.
        able: Vec<String>,
    },
    /// 400: the dedicated endpoint is paused. Not retried: it does not wake by itself.
    EndpointPaused,
    /// 400, 413, 422 or 500: the conversation is longer than the model takes. Not retried.
    ContextExceeded,
    /// 400, 409, 415, 422 or another 4xx: the request was refused; also a 5xx that says that a template or a grammar cannot
    /// take the request. Not retried.
    InvalidRequest,
    /// 501, or a refusal that says so: the server does not support a part of the request. Not retried.
    NotSupported {
        /// The part, as `an image`; `None` if the server does not say.
        what: Option<&'static str>,
    },
    /// 404 or 405, or a refusal of any status that says so: no such route. Not retried.
    RouteNotFound,
    /// 408: the service gave up waiting for the model. Retried.
    ServiceTimeout,
    /// 410: the host is retired. Not retried.
    Gone,
    /// 413: the request is too large. Not retried.
    RequestTooLarge,
    /// 424, and Groq's `tool_use_failed` and `json_validate_failed`: the model failed while it was generating. Retried, once.
    GenerationFailed,
    /// 420, 429, 498: too many requests, or no capacity. Retried.
    RateLimited,
    /// 503: the model is being loaded, or its endpoint wakes up. Retried.
    Loading {
        /// How long the service thinks it will take.
        estimated: Option<Duration>,
    },
    /// 425, 499, 500, 502, 504, 520 to 524, 529 and the like: the service failed. Retried.
    Server,
}

impl HuggingFaceErrorKind {
    /// What it means, in words that fit every provider.
    pub fn category(&self) -> ErrorCategory {
        match self {
            Self::MissingToken { .. }
            | Self::VariableUnset { .. }
            | Self::SearchDisabled { .. }
            | Self::UnusableToken { .. }
            | Self::NotAHuggingFaceToken { .. }
            | Self::HuggingFaceTokenElsewhere { .. }
            | Self::TokenRejected
            | Self::TokenNotSent { .. } => ErrorCategory::Authentication,
            Self::PermissionDenied | Self::GatedModel | Self::AccountSuspended => ErrorCategory::Permission,
            Self::PromptFiltered => ErrorCategory::Filtered,
            Self::CreditsExhausted => ErrorCategory::CreditsExhausted,
            Self::InvalidModelName { .. } | Self::UnknownRoute { .. } | Self::InvalidRequest => {
                ErrorCategory::InvalidRequest
            }
            Self::ContextExceeded => ErrorCategory::ContextExceeded,
            Self::ModelNotFound | Self::RouteNotFound | Self::Gone => ErrorCategory::NotFound,
            Self::NotAChatModel => ErrorCategory::NotChatModel,
            Self::NotServed
            | Self::NotServedByProvider
            | Self::NotServedBy { .. }
            | Self::ProviderIdMissing { .. } => ErrorCategory::NotServed,
            Self::CapabilityMissing { .. } | Self::NotSupported { .. } => ErrorCategory::Unsupported,
            Self::EndpointPaused => ErrorCategory::Paused,
            Self::RequestTooLarge => ErrorCategory::TooLarge,
            Self::RateLimited => ErrorCategory::RateLimited,
            Self::Loading { .. } => ErrorCategory::Loading,
            Self::GenerationFailed => ErrorCategory::Generation,
            Self::ServiceTimeout | Self::Server => ErrorCategory::Server,
        }
    }

    pub(crate) fn sentence(&self, refusal: &ErrorDetails) -> String {
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
            Self::NotAHuggingFaceToken { host } => {
                format!("the token does not begin with hf_, and {host} takes Hugging Face's only")
            }
            Self::HuggingFaceTokenElsewhere { host } => {
                format!("a token of Hugging Face's would go to {host}, which is a provider's own")
            }
            Self::InvalidModelName { reason } => {
                let name = refusal.model.as_deref().unwrap_or_default();
                format!("{name:?} cannot be the name of a model, it {reason}")
            }
            Self::UnknownRoute { route, .. } => format!("there is no route {route:?} to {model}"),
            Self::TokenRejected => format!("{host} refused the token"),
            Self::TokenNotSent { withheld: None } => {
                format!("{host} wants a token and none was given")
            }
            Self::TokenNotSent { withheld: Some(why) } => {
                format!("{host} wants a token and none was sent, because {why}")
            }
            Self::CreditsExhausted => format!("the account's credits at {host} are used up"),
            Self::AccountSuspended => format!("the account at {host} is suspended"),
            Self::PromptFiltered => format!("the content filter of {host} refused the prompt"),
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
            Self::NotServedBy { provider, task: None, .. } => format!("{provider} does not serve {model}"),
            Self::NotServedBy { provider, task: Some(task), .. } => {
                format!("{provider} serves {model} for {task}, and not for chat")
            }
            Self::ProviderIdMissing { provider, .. } => {
                format!("the Hub lists {provider} for {model}, but not the name that {model} has there")
            }
            Self::CapabilityMissing { provider: Some(name), missing, .. } => {
                format!("{name} serves {model} without {}", missing.join(", "))
            }
            Self::CapabilityMissing { provider: None, missing, .. } => {
                format!("no provider serves {model} with {}", missing.join(", "))
            }
            Self::EndpointPaused => format!("the endpoint {host} is paused"),
            Self::ContextExceeded => {
                format!("the conversation is longer than {model} takes")
            }
            Self::InvalidRequest => format!("{host} refused the request to {model}"),
            Self::NotSupported { what: Some(what) } => format!("{host} does not take {what} for {model}"),
            Self::NotSupported { what: None } => {
                format!("{host} does not support a part of the request to {model}")
            }
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
}

fn quoted(model: Option<&str>) -> String {
    match model {
        Some(model) => format!("'{model}'"),
        None => "the model".to_owned(),
    }
}
