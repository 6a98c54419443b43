//! The reasons why a request about a dedicated endpoint fails.

use crate::ErrorCategory;
use crate::sentence::dollars;
use std::time::Duration;

/// The reason why a request about a dedicated endpoint fails.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointErrorKind {
    /// A setting of the endpoint is invalid. Nothing was sent. Not retried.
    InvalidSetting {
        /// The setting: `name`, `repository`, `max_replicas`.
        setting: &'static str,
        /// The value.
        value: String,
        /// Problem of the value, as the end of a sentence: `is empty`.
        reason: String,
    },
    /// The price list has no such instance. Nothing was created. Not retried.
    UnknownInstance {
        /// The instance: `nvidia-a10 x1 (aws us-east-1)`.
        instance: String,
        /// The instances with the nearest names.
        nearest: Vec<String>,
    },
    /// The price is above the limit of the caller. Nothing was created or changed. Not retried.
    TooExpensive {
        /// The limit for all replicas, in nano-dollars per hour.
        limit: u64,
        /// The price of all replicas, in nano-dollars per hour.
        price: u64,
        /// The price of one replica, in nano-dollars per hour.
        replica_price: u64,
        /// The maximum number of replicas.
        replicas: u32,
    },
    /// The price is unknown, so the limit cannot be enforced. Nothing was created or changed. Not retried.
    UnknownPrice {
        /// The limit in nano-dollars per hour.
        limit: u64,
    },
    /// The namespace already has an endpoint with this name. Not retried.
    NameTaken,
    /// The namespace has no endpoint with this name. Not retried.
    NotFound {
        /// The endpoints with the nearest names, if they are known.
        nearest: Vec<String>,
    },
    /// The service requires a token, and none was sent. Not retried.
    TokenMissing {
        /// Reason why a token that was found was not sent.
        withheld: Option<String>,
    },
    /// The service rejects the token. Not retried.
    TokenRejected,
    /// The token or the account may not do this. Not retried.
    PermissionDenied {
        /// Permission that a fine-grained token needs: `inference.endpoints.write`.
        permission: &'static str,
    },
    /// The account has no payment method, no credits, or no quota left. Not retried.
    PaymentRequired,
    /// The state of the endpoint does not allow the action. Not retried.
    WrongState {
        /// The action: `pause`.
        action: &'static str,
        /// The state: `paused`.
        state: String,
    },
    /// The endpoint failed to start, or failed to change. Not retried.
    Failed {
        /// The state: `failed`.
        state: String,
    },
    /// The endpoint is paused, and does not start by itself. Not retried.
    Paused,
    /// The endpoint has no URL yet, because it is not deployed. Retryable a little later.
    NotDeployed {
        /// The state: `pending`.
        state: String,
    },
    /// The endpoint is not running within the limit of the caller. Retryable: the endpoint still starts.
    WaitTimeout {
        /// The limit.
        limit: Duration,
        /// The last state.
        state: String,
    },
    /// The URL of the endpoint is not one of Hugging Face, and does not receive the token. Not retried.
    ForeignUrl {
        /// Host of the URL.
        host: String,
    },
    /// The service receives too many requests. Retried.
    RateLimited,
    /// The service fails. Retried.
    Server,
    /// Any other unsuccessful response. Not retried.
    Rejected,
    /// A response lacks the requested data, or is not a response of the management API. Not retried.
    UnusableResponse {
        /// The problem, as a clause: `the list of instances is empty`.
        reason: String,
    },
}

const TOKENS: &str = "https://huggingface.co/settings/tokens";

impl EndpointErrorKind {
    pub(crate) fn category(&self) -> ErrorCategory {
        match self {
            Self::InvalidSetting { .. }
            | Self::UnknownInstance { .. }
            | Self::NameTaken
            | Self::WrongState { .. }
            | Self::Rejected => ErrorCategory::InvalidRequest,
            Self::TooExpensive { .. } | Self::UnknownPrice { .. } => ErrorCategory::LimitReached,
            Self::NotFound { .. } => ErrorCategory::NotFound,
            Self::TokenMissing { .. } | Self::TokenRejected => ErrorCategory::Authentication,
            Self::PermissionDenied { .. } => ErrorCategory::Permission,
            Self::PaymentRequired => ErrorCategory::CreditsExhausted,
            Self::Failed { .. } => ErrorCategory::NotServed,
            Self::Paused => ErrorCategory::Paused,
            Self::NotDeployed { .. } => ErrorCategory::Loading,
            Self::WaitTimeout { .. } => ErrorCategory::Timeout,
            Self::ForeignUrl { .. } => ErrorCategory::Configuration,
            Self::RateLimited => ErrorCategory::RateLimited,
            Self::Server => ErrorCategory::Server,
            Self::UnusableResponse { .. } => ErrorCategory::InvalidResponse,
        }
    }

    /// Returns a clause without a full stop at its end.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::InvalidSetting { setting, value, reason } => {
                format!("the setting `{setting}` ({value}) {reason}")
            }
            Self::UnknownInstance { instance, .. } => format!("there is no instance {instance}"),
            Self::TooExpensive { limit, price, replica_price, replicas } => format!(
                "up to {replicas} replicas at {} per hour cost {} per hour, which is above the limit of {} per hour",
                dollars(*replica_price),
                dollars(*price),
                dollars(*limit)
            ),
            Self::UnknownPrice { limit } => format!(
                "the price is unknown, so the limit of {} per hour cannot be enforced",
                dollars(*limit)
            ),
            Self::NameTaken => "the namespace already has an endpoint with this name".into(),
            Self::NotFound { .. } => {
                "the namespace has no endpoint with this name, or the token has no access to it".into()
            }
            Self::TokenMissing { withheld: Some(why) } => format!("the token was not sent, because {why}"),
            Self::TokenMissing { withheld: None } => "the service requires a token, and none was sent".into(),
            Self::TokenRejected => "the service rejected the token".into(),
            Self::PermissionDenied { permission } => {
                format!("the token lacks the permission `{permission}` for this namespace")
            }
            Self::PaymentRequired => "the account has no payment method, credits or quota for it".into(),
            Self::WrongState { action, state } => {
                format!("the action `{action}` is not possible while the endpoint is {state}")
            }
            Self::Failed { state } => format!("the deployment failed (state {state})"),
            Self::Paused => "the endpoint is paused, and does not start by itself".into(),
            Self::NotDeployed { state } => format!("the endpoint has no URL yet (state {state})"),
            Self::WaitTimeout { limit, state } => {
                format!("the endpoint is not running after {} s (state {state})", limit.as_secs())
            }
            Self::ForeignUrl { host } => {
                format!("its URL is at {host}, which does not belong to Hugging Face and gets no token")
            }
            Self::RateLimited => "the service received too many requests".into(),
            Self::Server => "the service failed".into(),
            Self::Rejected => "the service rejected the request".into(),
            Self::UnusableResponse { reason } => reason.clone(),
        }
    }

    /// Returns one or more complete sentences.
    pub(crate) fn advice(&self) -> String {
        match self {
            Self::InvalidSetting { setting: "name", .. } => {
                "Use at most 63 lower-case letters, digits and hyphens, with a letter or a digit at both ends.".into()
            }
            Self::InvalidSetting { setting: "repository", .. } => "Write it as on its page: org/name.".into(),
            Self::InvalidSetting { .. } => "Correct the setting.".into(),
            Self::UnknownInstance { nearest, .. } if nearest.is_empty() => {
                "List the instances with `Endpoints::instances`.".into()
            }
            Self::UnknownInstance { nearest, .. } => {
                format!("Use one of `Endpoints::instances`, for example {}.", nearest.join(", "))
            }
            Self::TooExpensive { .. } => {
                "Use a smaller instance or fewer replicas, or raise the limit with `with_max_price_per_hour`.".into()
            }
            Self::UnknownPrice { .. } => {
                "Use an instance with a price in `Endpoints::instances`, or remove the limit.".into()
            }
            Self::NameTaken => "Choose another name, or change the endpoint with `Endpoints::update`.".into(),
            Self::NotFound { nearest } if nearest.is_empty() => {
                "List the endpoints with `Endpoints::list`, and check the namespace.".into()
            }
            Self::NotFound { nearest } => format!("Did you mean {}?", nearest.join(" or ")),
            Self::TokenMissing { withheld: Some(_) } => {
                "If this host may receive the token, pass it with `with_token`.".into()
            }
            Self::TokenMissing { withheld: None } => format!("Set HF_TOKEN to a token of {TOKENS}."),
            Self::TokenRejected => format!("Check at {TOKENS} that the token is complete and not revoked."),
            Self::PermissionDenied { .. } => format!(
                "Give the token this permission at {TOKENS}, or use the namespace of its owner. In an organization, the account \
                 needs the role to write."
            ),
            Self::PaymentRequired => {
                "Add a payment method or credits at https://huggingface.co/settings/billing, or ask for a quota at \
                 https://endpoints.huggingface.co."
                    .into()
            }
            Self::WrongState { state, .. } if state == "paused" => "Call `Endpoints::resume` first.".into(),
            Self::WrongState { .. } => "Read the state with `Endpoints::get`, and wait for the change to end.".into(),
            Self::Failed { .. } => {
                "Read the reason with `Endpoints::logs`, then change the endpoint with `Endpoints::update`, or delete it.".into()
            }
            Self::Paused => "Call `Endpoints::resume`.".into(),
            Self::NotDeployed { .. } => "Call `Endpoints::wait_until_running`.".into(),
            Self::WaitTimeout { .. } => {
                "Wait again, or raise the limit with `with_wait_timeout`. The endpoint may cost money: pause or delete it \
                 if you do not need it."
                    .into()
            }
            Self::RateLimited | Self::Server => "Try again a little later.".into(),
            Self::Rejected => "Correct what the message names.".into(),
            Self::ForeignUrl { .. } | Self::UnusableResponse { .. } => "Check the base URL of the management API.".into(),
        }
    }
}
