//! The meaning of an error, independent of the provider.

use std::fmt;

/// The meaning of an error, independent of the provider.
///
/// Wrappers (retry, fallback, budget) decide by the category alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCategory {
    /// The configuration is invalid: a file, a key, a base URL, TLS roots. Not retried.
    Configuration,
    /// The driver found no usable token, or the service rejected the token. Not retried.
    Authentication,
    /// The token lacks a permission, or the model is gated. Not retried.
    Permission,
    /// The account has no credits left. Not retried: waiting does not help until credits are added.
    CreditsExhausted,
    /// The request is invalid, or the service rejected it. Not retried.
    InvalidRequest,
    /// The conversation exceeds the model's context. Not retried: shorten it, or use a model with a longer context.
    ContextExceeded,
    /// The request is valid, but this provider does not support a part of it. Not retried.
    Unsupported,
    /// A content filter rejected the prompt. Not retried.
    Filtered,
    /// The model or the route does not exist. Not retried.
    NotFound,
    /// The model exists, but is not a chat model: a base model or an embedding model. Not retried.
    NotChatModel,
    /// The model exists, but no enabled provider serves it. Not retried.
    NotServed,
    /// The request or the response exceeds a size limit. Not retried.
    TooLarge,
    /// The service received too many requests. Retried, after [`retry_after`](crate::BotticelliError::retry_after) if it is
    /// known.
    RateLimited,
    /// The model is loading, or its endpoint is starting. Retried.
    Loading,
    /// The endpoint is paused until somebody resumes it. Not retried.
    Paused,
    /// The model failed during generation. Retried once, because it often fails again.
    Generation,
    /// The service failed. Retried.
    Server,
    /// The connection failed. Retried.
    Connection,
    /// A timeout expired. [Retryable](Self::is_retryable), but the drivers of this library retry only the connect timeout.
    Timeout,
    /// The stream ended before the model had finished. Retried.
    Interrupted,
    /// The service sent a successful response with unusable content. Not retried.
    InvalidResponse,
    /// A limit of turns or of cost that the caller set was reached. Not retried.
    LimitReached,
    /// A budget refused the call, and nothing was sent. Or the service refused it, because it may cost more than the credits that are
    /// left. Not retried: a smaller request may fit.
    BudgetExceeded,
    /// A store failed: the ledger of a budget, or a shared limit. Not retried.
    Store,
    /// A data set cannot be read or written: an input, an output or a journal. Not retried.
    Data,
}

impl ErrorCategory {
    /// Returns whether the same request may succeed a little later.
    pub const fn is_retryable(self) -> bool {
        match self {
            Self::RateLimited
            | Self::Loading
            | Self::Generation
            | Self::Server
            | Self::Connection
            | Self::Timeout
            | Self::Interrupted => true,
            Self::Configuration
            | Self::Authentication
            | Self::Permission
            | Self::CreditsExhausted
            | Self::InvalidRequest
            | Self::ContextExceeded
            | Self::Unsupported
            | Self::Filtered
            | Self::NotFound
            | Self::NotChatModel
            | Self::NotServed
            | Self::TooLarge
            | Self::Paused
            | Self::InvalidResponse
            | Self::LimitReached
            | Self::BudgetExceeded
            | Self::Store
            | Self::Data => false,
        }
    }

    /// All categories.
    pub const ALL: &'static [Self] = &[
        Self::Configuration,
        Self::Authentication,
        Self::Permission,
        Self::CreditsExhausted,
        Self::InvalidRequest,
        Self::ContextExceeded,
        Self::Unsupported,
        Self::Filtered,
        Self::NotFound,
        Self::NotChatModel,
        Self::NotServed,
        Self::TooLarge,
        Self::RateLimited,
        Self::Loading,
        Self::Paused,
        Self::Generation,
        Self::Server,
        Self::Connection,
        Self::Timeout,
        Self::Interrupted,
        Self::InvalidResponse,
        Self::LimitReached,
        Self::BudgetExceeded,
        Self::Store,
        Self::Data,
    ];

    /// Returns the name of the category, as in configuration files: `credits_exhausted`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::CreditsExhausted => "credits_exhausted",
            Self::InvalidRequest => "invalid_request",
            Self::ContextExceeded => "context_exceeded",
            Self::Unsupported => "unsupported",
            Self::Filtered => "filtered",
            Self::NotFound => "not_found",
            Self::NotChatModel => "not_chat_model",
            Self::NotServed => "not_served",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Loading => "loading",
            Self::Paused => "paused",
            Self::Generation => "generation",
            Self::Server => "server",
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::InvalidResponse => "invalid_response",
            Self::LimitReached => "limit_reached",
            Self::BudgetExceeded => "budget_exceeded",
            Self::Store => "store",
            Self::Data => "data",
        }
    }
}

impl fmt::Display for ErrorCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
