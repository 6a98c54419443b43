//! What an error means to a caller, in words that fit every provider.

/// What an error means to a caller, whichever provider it came from.
///
/// Wrappers (retry, fallback, budget) decide by this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCategory {
    /// The set-up is wrong: a file, a key, a base URL, TLS roots. Not retried.
    Configuration,
    /// No usable token: none was found, or the service refused it. Not retried.
    Authentication,
    /// The token lacks a permission, or the model is gated. Not retried.
    Permission,
    /// The account has no credits left. Not retried: it heals when the account does.
    CreditsExhausted,
    /// The request cannot be right: an impossible value, or one that the service refused. Not retried.
    InvalidRequest,
    /// The conversation is longer than the model takes. Not retried: shorten it, or ask a model that takes more.
    ContextExceeded,
    /// The request is right, but this provider cannot carry a part of it. Not retried.
    Unsupported,
    /// A content filter refused the prompt. Not retried, in any form.
    Filtered,
    /// No such model, or no such route. Not retried.
    NotFound,
    /// The model exists, but does not chat: a base or an embedding model. Not retried.
    NotChatModel,
    /// The model exists, but nobody who is enabled serves it. Not retried.
    NotServed,
    /// The request or the answer is larger than a stated limit. Not retried.
    TooLarge,
    /// Too many requests. Retried, after [`retry_after`](crate::BotticelliError::retry_after) where it is known.
    RateLimited,
    /// The model is being loaded, or its endpoint wakes up. Retried.
    Loading,
    /// The endpoint is paused and will not wake by itself. Not retried.
    Paused,
    /// The model failed while it was generating. Retried, once: it often fails again.
    Generation,
    /// The service failed. Retried.
    Server,
    /// No connection, or it broke. Retried.
    Connection,
    /// A clock ran out. Retried.
    Timeout,
    /// The stream ended before the model had finished. Retried.
    Interrupted,
    /// The service answered with something that is no answer. Not retried.
    InvalidResponse,
    /// A limit that the caller set was reached: of turns, or of the cost. Not retried.
    LimitReached,
}

impl ErrorCategory {
    /// Whether the same request may succeed a little later, nothing else being changed.
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
            | Self::LimitReached => false,
        }
    }
}
