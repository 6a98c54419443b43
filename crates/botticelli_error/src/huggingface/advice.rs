//! What to do about a refusal.

use super::HuggingFaceErrorKind;
use crate::ErrorDetails;

/// A model that is named in advice: small, cheap and served by many.
const EXAMPLE: &str = "openai/gpt-oss-20b";

/// How the paths of chat completions end.
const CHAT: &str = "/chat/completions";

impl HuggingFaceErrorKind {
    pub(crate) fn advice(&self, refusal: &ErrorDetails) -> String {
        if let Some(advice) = self.advice_elsewhere(refusal) {
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
            | Self::HuggingFaceTokenElsewhere { .. }
            | Self::UnusableToken { .. }
            | Self::TokenNotSent { .. }
            | Self::CapabilityMissing { .. }
            | Self::NotServedBy { .. }
            | Self::ProviderIdMissing { .. }
            | Self::UnknownRoute { .. } => String::new(),
            Self::InvalidModelName { .. } => {
                format!("write it as org/name, with a route after a colon if you like: {EXAMPLE}:cheapest")
            }
            Self::TokenRejected => {
                "check that it was copied whole and not revoked at https://huggingface.co/settings/tokens".into()
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
            Self::PromptFiltered => "change the prompt, or ask another model".into(),
            Self::AccountSuspended => "have the account restored, or use another one".into(),
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
            Self::NotSupported { what: Some(_) } => {
                "leave it out, or use a model and a server that take it (llama.cpp takes images with `--mmproj`)"
                    .into()
            }
            Self::NotSupported { what: None } => {
                "leave out what it names, or use a model and a server that support it".into()
            }
            Self::RequestTooLarge if refusal.has_media => {
                "send fewer or smaller images, or a shorter text".into()
            }
            Self::RequestTooLarge => "send a shorter text".into(),
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

    /// Returns what to do about a token that is missing, unusable or withheld.
    fn advice_on_tokens(&self) -> Option<String> {
        Some(match self {
            Self::MissingToken { .. } => {
                "set HF_TOKEN, log in with the `hf` tool, or name a variable in `llm.auth.api_key_env`; a token with \
                 the permission to call Inference Providers is made at https://huggingface.co/settings/tokens; a \
                 server of your own (`base_url`) needs none, nor does the offline sandbox (`botticelli_sandbox`)"
                    .into()
            }
            Self::VariableUnset { name } => {
                format!("set {name}, or name no variable to have the usual places looked at")
            }
            Self::SearchDisabled { .. } => {
                "pass the token to the driver, or name its variable in `llm.auth.api_key_env`".into()
            }
            Self::NotAHuggingFaceToken { .. } => {
                "give one of Hugging Face's; a provider's own key goes to that provider alone, which has to be named for \
                 it (`provider`)"
                    .into()
            }
            Self::HuggingFaceTokenElsewhere { .. } => {
                "give the provider's own key, or leave the base URL out and name the provider (`provider`) to go \
                 through Hugging Face"
                    .into()
            }
            Self::UnusableToken { .. } => "copy it again, one line without blanks".into(),
            Self::TokenNotSent { withheld: None } => "give the driver the token of this server".into(),
            Self::TokenNotSent { withheld: Some(_) } => {
                "give it to the driver yourself, or name its variable in `llm.auth.api_key_env`, if this host may \
                 have it"
                    .into()
            }
            _ => return None,
        })
    }

    /// What is known before anything is sent: who serves what.
    fn advice_on_routes(&self) -> Option<String> {
        Some(match self {
            Self::CapabilityMissing { able, .. } if able.is_empty() => {
                "ask for less, or turn `choose_provider` off to leave it to the router".into()
            }
            Self::CapabilityMissing { able, .. } => {
                format!("take {}, or turn `choose_provider` off to leave it to the router", able.join(" or "))
            }
            Self::NotServedBy { others, .. } | Self::ProviderIdMissing { others, .. }
                if others.is_empty() =>
            {
                format!("nobody else does: pick another model, for instance {EXAMPLE}")
            }
            Self::NotServedBy { others, .. } | Self::ProviderIdMissing { others, .. } => {
                format!("take one of those who do: {}", others.join(", "))
            }
            Self::UnknownRoute { route, nearest } => format!(
                "did you mean `{nearest}`? If {route:?} is a provider, leave it out of the name and set it beside it \
                 (`provider`)"
            ),
            _ => return None,
        })
    }

    /// A server of one's own has no pages of Hugging Face.
    fn advice_elsewhere(&self, refusal: &ErrorDetails) -> Option<&'static str> {
        if is_huggingface(refusal) {
            return None;
        }
        Some(match self {
            Self::TokenRejected => "give the driver the token of this server",
            Self::PermissionDenied => "give the token the permission it lacks",
            Self::ModelNotFound => "check the spelling, and what the server lists under /v1/models",
            Self::ServiceTimeout | Self::Server => "ask again; if it stays so, look at the server's own log",
            // The sandbox stands in for Hugging Face on loopback.
            Self::CreditsExhausted if !is_loopback(refusal) => {
                "add credits or raise the spending limit of the account there, or use another account"
            }
            Self::RateLimited if refusal.retry_after.is_none() => "ask again a little later",
            _ => return None,
        })
    }
}

fn is_loopback(refusal: &ErrorDetails) -> bool {
    let host = refusal.host.as_deref().unwrap_or_default();
    ["127.", "localhost", "[::1]"].iter().any(|beginning| host.starts_with(beginning))
}

fn is_huggingface(refusal: &ErrorDetails) -> bool {
    refusal.host.as_deref().is_some_and(|host| host == "huggingface.co" || host.ends_with(".huggingface.co"))
}
