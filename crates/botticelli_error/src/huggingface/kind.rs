//! The kinds of errors.

use crate::ErrorCategory;
use std::time::Duration;

/// The reason why Hugging Face, or a server with the same API, rejects a request.
///
/// One function of `botticelli_models::huggingface` maps status and body to a kind.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum HuggingFaceErrorKind {
    /// The driver found no token. Not retried.
    MissingToken {
        /// The places that the driver searched, in order.
        searched: Vec<String>,
    },
    /// The environment variable that the configuration names for the token is unset or empty. Not retried.
    VariableUnset {
        /// Name of the variable.
        name: String,
    },
    /// The caller gave no token, and a setting forbids the driver to search for one. Not retried.
    SearchDisabled {
        /// The setting, such as `HF_HUB_DISABLE_IMPLICIT_TOKEN=1`.
        setting: String,
    },
    /// The token has an invalid form. Not retried.
    UnusableToken {
        /// Source of the token.
        origin: String,
        /// Problem of the token, as the end of a sentence: `contains white space`.
        reason: &'static str,
    },
    /// The token would go to Hugging Face, but is not a Hugging Face token. Nothing was sent. Not retried.
    NotAHuggingFaceToken {
        /// Host of the call.
        host: String,
    },
    /// A Hugging Face token would go to a provider's own host. Nothing was sent. Not retried.
    HuggingFaceTokenForOtherHost {
        /// Host of the call.
        host: String,
    },
    /// The model name is invalid. Nothing was sent. Not retried.
    InvalidModelName {
        /// Problem of the name, as the end of a sentence: `contains white space`.
        reason: &'static str,
    },
    /// The route after the model name looks like a misspelled route of the router. Nothing was sent. Not retried.
    UnknownRoute {
        /// The route, such as `cheepest`.
        route: String,
        /// The most similar known route.
        nearest: String,
    },
    /// 401, or another status with such a message: the service rejected the token. Not retried.
    TokenRejected,
    /// 401 or 403: the service requires a token, and the request had none. Not retried.
    TokenNotSent {
        /// Reason why the driver did not send the token that it has, as a clause.
        reason: Option<String>,
    },
    /// 402, or another status with such a message: the account has no credits left. Not retried.
    CreditsExhausted,
    /// 402: the request may cost more than the credits that the account has left. A smaller request may be accepted. Not retried.
    NotEnoughCredits,
    /// The account is suspended for another reason than missing credits. Not retried.
    AccountSuspended,
    /// A content filter rejected the prompt. Not retried.
    PromptFiltered,
    /// 403 or 451: the token lacks a permission. Not retried.
    PermissionDenied,
    /// 403: the model is gated, and the account has no access. Not retried.
    GatedModel,
    /// 400 or 404: the model does not exist. Not retried.
    ModelNotFound,
    /// 400 or 422: the model is not a chat model, but a base model or an embedding model. Not retried.
    NotAChatModel,
    /// 400: no provider that the account has enabled serves the model. Not retried.
    NotServed,
    /// 400: the provider in the model name does not serve the model. Not retried.
    NotServedByProvider,
    /// According to the Hub, the provider of the request does not serve the model for chat. Nothing was sent. Not retried.
    NotServedBy {
        /// Name of the provider.
        provider: String,
        /// Other task for which it serves the model.
        task: Option<String>,
        /// Providers that serve the model for chat.
        others: Vec<String>,
    },
    /// The Hub lists the provider for the model, but not the provider's own name of the model. Nothing was sent. Not retried.
    ProviderIdMissing {
        /// Name of the provider.
        provider: String,
        /// Providers that serve the model for chat, and whose model name is known.
        others: Vec<String>,
    },
    /// According to the Hub, the provider of the request, or every provider that the driver can call, does not serve the model for the
    /// task. Nothing was sent. Not retried.
    TaskNotServed {
        /// Name of the task on the Hub, such as `feature-extraction`.
        task: String,
        /// Name of the provider, if the request names one.
        provider: Option<String>,
        /// Tasks for which providers serve the model.
        tasks: Vec<String>,
        /// Providers that serve the model for the task.
        others: Vec<String>,
    },
    /// According to the catalog, no provider of the model, or not the chosen one, supports what the request needs. Nothing was
    /// sent. Not retried.
    CapabilityMissing {
        /// Name of the chosen provider, if the request names one.
        provider: Option<String>,
        /// Missing capabilities, such as `tools` or `images`.
        missing: Vec<String>,
        /// Routes with these capabilities, as `org/model:provider`, for the same model or for others.
        capable: Vec<String>,
    },
    /// 400: the dedicated endpoint is paused. Not retried: somebody must resume it.
    EndpointPaused,
    /// 400, 413, 422 or 500: the conversation exceeds the model's context. Not retried.
    ContextExceeded,
    /// 400, 409, 415, 422 or another 4xx: the service rejected the request. Also a 5xx whose message names a chat template or a
    /// grammar as the cause. Not retried.
    InvalidRequest,
    /// 501, or another status with such a message: the server does not support a part of the request. Not retried.
    NotSupported {
        /// The part, such as `an image`; `None` if the server does not name it.
        what: Option<&'static str>,
    },
    /// 404 or 405, or another status with such a message: the route does not exist. Not retried.
    RouteNotFound,
    /// 408: the service stopped waiting for the model. Retried.
    ServiceTimeout,
    /// 410: the host is retired. Not retried.
    Gone,
    /// 413: the request is too large. Not retried.
    RequestTooLarge,
    /// 424, and Groq's `tool_use_failed` and `json_validate_failed`: the model failed during generation. Retried once.
    GenerationFailed,
    /// 420, 429, 498: too many requests, or no capacity. Retried.
    RateLimited,
    /// 503: the model is loading, or its endpoint is starting. Retried.
    Loading {
        /// Remaining time, as estimated by the service.
        estimated: Option<Duration>,
    },
    /// 425, 499, 500, 502, 504, 520 to 524, 529 and similar ones: the service failed. Retried.
    Server,
}

impl HuggingFaceErrorKind {
    /// Returns the meaning of the error, independent of the provider.
    pub fn category(&self) -> ErrorCategory {
        match self {
            Self::MissingToken { .. }
            | Self::VariableUnset { .. }
            | Self::SearchDisabled { .. }
            | Self::UnusableToken { .. }
            | Self::NotAHuggingFaceToken { .. }
            | Self::HuggingFaceTokenForOtherHost { .. }
            | Self::TokenRejected
            | Self::TokenNotSent { .. } => ErrorCategory::Authentication,
            Self::PermissionDenied | Self::GatedModel | Self::AccountSuspended => ErrorCategory::Permission,
            Self::PromptFiltered => ErrorCategory::Filtered,
            Self::CreditsExhausted => ErrorCategory::CreditsExhausted,
            Self::NotEnoughCredits => ErrorCategory::BudgetExceeded,
            Self::InvalidModelName { .. } | Self::UnknownRoute { .. } | Self::InvalidRequest => {
                ErrorCategory::InvalidRequest
            }
            Self::ContextExceeded => ErrorCategory::ContextExceeded,
            Self::ModelNotFound | Self::RouteNotFound | Self::Gone => ErrorCategory::NotFound,
            Self::NotAChatModel => ErrorCategory::NotChatModel,
            Self::NotServed
            | Self::NotServedByProvider
            | Self::NotServedBy { .. }
            | Self::TaskNotServed { .. }
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
}
