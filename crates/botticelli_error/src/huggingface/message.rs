//! The first part of an error message: who failed, and what failed.

use super::kind::HuggingFaceErrorKind;
use crate::ErrorDetails;

impl HuggingFaceErrorKind {
    /// Returns a clause without a full stop at its end.
    pub(crate) fn sentence(&self, details: &ErrorDetails) -> String {
        let model = quoted(details.model.as_deref());
        let host = details.host.as_deref().unwrap_or("the service");
        match self {
            Self::MissingToken { searched } => format!("no token found in {}", searched.join(", ")),
            Self::VariableUnset { name } => {
                format!("no token found, because the configured variable {name} is unset or empty")
            }
            Self::SearchDisabled { setting } => {
                format!("no token is set, and {setting} turns off the search for one")
            }
            Self::UnusableToken { origin, reason } => {
                format!("the token from {origin} is invalid, because it {reason}")
            }
            Self::NotAHuggingFaceToken { host } => {
                format!("the token does not start with hf_, but {host} accepts only Hugging Face tokens")
            }
            Self::HuggingFaceTokenForOtherHost { host } => {
                format!(
                    "the driver does not send a Hugging Face token to {host}, the host of another provider"
                )
            }
            Self::InvalidModelName { reason } => {
                let name = details.model.as_deref().unwrap_or_default();
                format!("{name:?} is not a valid model name, because it {reason}")
            }
            Self::UnknownRoute { route, .. } => format!("{model} has no route {route:?}"),
            Self::TokenRejected => format!("{host} rejected the token"),
            Self::TokenNotSent { reason: None } => {
                format!("{host} requires a token, and the driver has none")
            }
            Self::TokenNotSent { reason: Some(reason) } => {
                format!("{host} requires a token, and none was sent, because {reason}")
            }
            Self::CreditsExhausted => format!("the account at {host} has no credits left"),
            Self::NotEnoughCredits => {
                format!("the request may cost more than the credits that the account at {host} has left")
            }
            Self::AccountSuspended => format!("the account at {host} is suspended"),
            Self::PromptFiltered => format!("the content filter of {host} rejected the prompt"),
            Self::PermissionDenied => {
                format!("the token lacks the permission to call {model} on {host}")
            }
            Self::GatedModel => format!("{model} is gated, and the account has no access"),
            Self::ModelNotFound => format!("{host} has no model {model}"),
            Self::NotAChatModel => format!("{model} is not a chat model"),
            Self::NotServed => {
                format!("no provider that the account has enabled serves {model}")
            }
            Self::NotServedByProvider => {
                format!("the provider in the model name does not serve {model}")
            }
            Self::NotServedBy { provider, task: None, .. } => format!("{provider} does not serve {model}"),
            Self::NotServedBy { provider, task: Some(task), .. } => {
                format!("{provider} serves {model} for {task}, but not for chat")
            }
            Self::TaskNotServed { task, provider, tasks, .. } => {
                let no_one = || "no provider of this driver serves".to_owned();
                let refusal = provider.as_ref().map_or_else(no_one, |name| format!("{name} does not serve"));
                let instead = if tasks.is_empty() {
                    String::new()
                } else {
                    format!("; its tasks are {}", tasks.join(", "))
                };
                format!("{refusal} {model} for {task}{instead}")
            }
            Self::ProviderIdMissing { provider, .. } => {
                format!("the Hub lists {provider} for {model}, but not the provider's name of the model")
            }
            Self::CapabilityMissing { provider: Some(name), missing, .. } => {
                format!("{name} serves {model} without {}", missing.join(", "))
            }
            Self::CapabilityMissing { provider: None, missing, .. } => {
                format!("no provider serves {model} with {}", missing.join(", "))
            }
            Self::EndpointPaused => format!("the endpoint {host} is paused"),
            Self::ContextExceeded => {
                format!("the conversation exceeds the context of {model}")
            }
            Self::InvalidRequest => format!("{host} rejected the request to {model}"),
            Self::NotSupported { what: Some(what) } => format!("{host} does not support {what} for {model}"),
            Self::NotSupported { what: None } => {
                format!("{host} does not support a part of the request to {model}")
            }
            Self::RouteNotFound => match &details.path {
                Some(path) => format!("{host} has no route {path}"),
                None => format!("{host} does not have this route"),
            },
            Self::ServiceTimeout => format!("{host} stopped waiting for {model}"),
            Self::Gone => format!("{host} is retired"),
            Self::RequestTooLarge => format!("the request is too large for {host}"),
            Self::GenerationFailed => format!("{model} failed during generation"),
            Self::RateLimited => format!("{host} received too many requests"),
            Self::Loading { estimated: Some(time) } => {
                format!("{model} is loading, which takes about {:.0} s", time.as_secs_f64())
            }
            Self::Loading { estimated: None } => format!("{model} is loading"),
            Self::Server => format!("{host} failed during the request to {model}"),
        }
    }
}

fn quoted(model: Option<&str>) -> String {
    match model {
        Some(model) => format!("'{model}'"),
        None => "the model".to_owned(),
    }
}
