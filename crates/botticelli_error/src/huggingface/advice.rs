//! The last part of an error message: what to do.

use super::kind::HuggingFaceErrorKind;
use crate::ErrorDetails;

/// A small and cheap model with many providers, as an example in messages.
const EXAMPLE: &str = "openai/gpt-oss-20b";

/// The end of the path of chat completions.
const CHAT: &str = "/chat/completions";

impl HuggingFaceErrorKind {
    /// Returns one or more complete sentences.
    pub(crate) fn advice(&self, details: &ErrorDetails) -> String {
        if let Some(advice) = self.advice_for_other_servers(details) {
            return advice.to_owned();
        }
        if let Some(advice) = self.advice_on_tokens().or_else(|| self.advice_on_routes()) {
            return advice;
        }
        match self {
            Self::MissingToken { .. }
            | Self::VariableUnset { .. }
            | Self::SearchDisabled { .. }
            | Self::NotAHuggingFaceToken { .. }
            | Self::HuggingFaceTokenForOtherHost { .. }
            | Self::UnusableToken { .. }
            | Self::TokenNotSent { .. }
            | Self::CapabilityMissing { .. }
            | Self::NotServedBy { .. }
            | Self::TaskNotServed { .. }
            | Self::ProviderIdMissing { .. }
            | Self::UnknownRoute { .. } => String::new(),
            Self::InvalidModelName { .. } => {
                format!("Write it as org/name, with an optional route after a colon, such as {EXAMPLE}:cheapest.")
            }
            Self::TokenRejected => {
                "Check at https://huggingface.co/settings/tokens that the token is complete and not revoked.".into()
            }
            Self::CreditsExhausted => {
                "Buy credits or subscribe to PRO at https://huggingface.co/settings/billing, bill an organization \
                 (`bill_to`), or wait for the first of the month."
                    .into()
            }
            Self::NotEnoughCredits => "Lower `max_tokens`, use a cheaper model, or add credits.".into(),
            Self::PermissionDenied => {
                "Give the token the permission to make calls to Inference Providers at \
                 https://huggingface.co/settings/tokens, also for the organization if `bill_to` is set."
                    .into()
            }
            Self::PromptFiltered => "Change the prompt, or use another model.".into(),
            Self::AccountSuspended => "Ask the service to restore the account, or use another account.".into(),
            Self::GatedModel => "Request access on the model's page, or use another model.".into(),
            Self::ModelNotFound => {
                "Check the spelling (org/name). The served models are listed at \
                 https://huggingface.co/models?inference_provider=all."
                    .into()
            }
            // On another route, the caller uses `complete` already.
            Self::NotAChatModel if details.path.as_deref().is_some_and(|path| path.ends_with(CHAT)) => {
                format!("Use an instruct or chat model such as {EXAMPLE}, or call `CompletionDriver::complete`.")
            }
            Self::NotAChatModel => format!("Use an instruct or chat model such as {EXAMPLE}."),
            Self::NotServed => format!(
                "Enable a provider of the model at https://huggingface.co/settings/inference-providers, or use another \
                 model such as {EXAMPLE}."
            ),
            Self::NotServedByProvider => {
                "Remove the provider from the model name, or use one that the model's page lists.".into()
            }
            Self::EndpointPaused => "Resume the endpoint at https://endpoints.huggingface.co.".into(),
            Self::ContextExceeded => {
                "Shorten the messages, lower `max_tokens`, or use a model with a longer context.".into()
            }
            Self::InvalidRequest => "Change the part of the request that the message names.".into(),
            Self::RouteNotFound => {
                "Check the base URL. For most servers it ends in /v1, as in https://router.huggingface.co/v1.".into()
            }
            Self::Gone => "Use the base URL https://router.huggingface.co/v1.".into(),
            Self::NotSupported { what: Some(_) } => {
                "Remove it, or use a model and a server that support it (llama.cpp reads images with `--mmproj`).".into()
            }
            Self::NotSupported { what: None } => {
                "Remove the part that the message names, or use a model and a server that support it.".into()
            }
            Self::RequestTooLarge if details.has_media => {
                "Send fewer or smaller images, or a shorter text.".into()
            }
            Self::RequestTooLarge => "Send a shorter text.".into(),
            Self::GenerationFailed => {
                "Send the request once more. If it fails again, ask for fewer tokens or use another provider.".into()
            }
            Self::RateLimited => match details.retry_after {
                Some(wait) => format!("Send the request again in {:.0} s.", wait.as_secs_f64().ceil()),
                None => "Send the request again a little later, or use another provider.".into(),
            },
            Self::Loading { .. } => "Send the request again when the model is ready.".into(),
            Self::ServiceTimeout | Self::Server => {
                "Send the request again. If it keeps failing, name another provider in the model (org/name:provider)."
                    .into()
            }
        }
    }

    /// Returns the advice on a token that is missing, unusable or not sent.
    fn advice_on_tokens(&self) -> Option<String> {
        Some(match self {
            Self::MissingToken { .. } => {
                "Set HF_TOKEN, log in with the `hf` tool, or name a variable in `llm.auth.api_key_env`. Create a token with \
                 the permission to call Inference Providers at https://huggingface.co/settings/tokens. Your own server \
                 (`base_url`) and the offline sandbox (`botticelli_sandbox`) need no token."
                    .into()
            }
            Self::VariableUnset { name } => {
                format!("Set {name}, or remove its name from the configuration to search the usual places.")
            }
            Self::SearchDisabled { .. } => {
                "Pass the token to the driver, or name its variable in `llm.auth.api_key_env`.".into()
            }
            Self::NotAHuggingFaceToken { .. } => {
                "Use a Hugging Face token. To use a provider's own key, name that provider (`provider`).".into()
            }
            Self::HuggingFaceTokenForOtherHost { .. } => {
                "Use the provider's own key. To call the provider through Hugging Face, remove the base URL and name the \
                 provider (`provider`)."
                    .into()
            }
            Self::UnusableToken { .. } => "Copy it again, as one line without spaces.".into(),
            Self::TokenNotSent { reason: None } => "Give the driver the token of this server.".into(),
            Self::TokenNotSent { reason: Some(_) } => {
                "If this host may receive the token, pass it to the driver yourself, or name its variable in \
                 `llm.auth.api_key_env`."
                    .into()
            }
            _ => return None,
        })
    }

    /// Returns the advice on errors that the driver finds before it sends anything.
    fn advice_on_routes(&self) -> Option<String> {
        Some(match self {
            Self::CapabilityMissing { capable, .. } if capable.is_empty() => {
                "Remove the unsupported part from the request, or turn `choose_provider` off to let the router choose.".into()
            }
            Self::CapabilityMissing { capable, .. } => {
                format!("Use {}, or turn `choose_provider` off to let the router choose.", capable.join(" or "))
            }
            Self::NotServedBy { others, .. } | Self::ProviderIdMissing { others, .. }
                if others.is_empty() =>
            {
                format!("No other provider of the model can be called, so use another model such as {EXAMPLE}.")
            }
            Self::NotServedBy { others, .. } | Self::ProviderIdMissing { others, .. } => {
                format!("Use another provider: {}.", others.join(", "))
            }
            Self::TaskNotServed { others, .. } if !others.is_empty() => {
                format!("Use another provider: {}.", others.join(", "))
            }
            Self::TaskNotServed { task, .. } => format!(
                "Use a model for the task. They are listed at https://huggingface.co/models?inference_provider=all&pipeline_tag={task}."
            ),
            Self::UnknownRoute { route, nearest } => format!(
                "Did you mean `{nearest}`? If {route:?} is a provider, remove it from the model name and set it as the \
                 provider (`provider`)."
            ),
            _ => return None,
        })
    }

    /// Returns the advice for servers other than Hugging Face, which have no pages at huggingface.co.
    fn advice_for_other_servers(&self, details: &ErrorDetails) -> Option<&'static str> {
        if is_huggingface(details) {
            return None;
        }
        Some(match self {
            Self::TokenRejected => "Give the driver the token of this server.",
            Self::PermissionDenied => "Give the token the missing permission.",
            Self::ModelNotFound => "Check the spelling, and the list of models under /v1/models.",
            Self::ServiceTimeout | Self::Server => {
                "Send the request again. If it keeps failing, look at the server's own log."
            }
            // The sandbox simulates Hugging Face on a loopback address.
            Self::CreditsExhausted if !is_loopback(details) => {
                "Add credits, raise the spending limit of the account, or use another account."
            }
            Self::RateLimited if details.retry_after.is_none() => "Send the request again a little later.",
            _ => return None,
        })
    }
}

fn is_loopback(details: &ErrorDetails) -> bool {
    let host = details.host.as_deref().unwrap_or_default();
    ["127.", "localhost", "[::1]"].iter().any(|prefix| host.starts_with(prefix))
}

fn is_huggingface(details: &ErrorDetails) -> bool {
    details.host.as_deref().is_some_and(|host| host == "huggingface.co" || host.ends_with(".huggingface.co"))
}
