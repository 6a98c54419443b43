//! From the body of a call to the script that answers it.

use serde_json::Value;

use super::check::check;
use super::choices::choices;
use super::endpoint::{Site, Way};
use super::envelope::Envelope;
use super::format::wanted;
use super::generation::Completion;
use super::media::described;
use super::request::ChatRequest;
use super::tokens::tokens;
use crate::catalog::Served;
use crate::dialects::Dialect;
use crate::error_response;
use crate::fingerprint::Fingerprint;
use crate::script::Script;

/// Whole or streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    AsAsked,
    Plain,
    Stream,
}

/// What the frame around every message takes, in tokens.
const PER_MESSAGE: u64 = 4;

/// What text-generation-inference reads of a body, in bytes.
pub(crate) const LARGEST_FOR_TGI: usize = 2 * 1024 * 1024;

/// Answers a chat call: the error is an answer as well, a refusal.
///
/// With a model to serve instead, the one that was asked for is not looked at.
pub(crate) fn complete(
    body: &[u8],
    fingerprint: Fingerprint,
    site: &Site,
    instead: Option<&str>,
    form: Form,
) -> Result<Script, Script> {
    if site.dialect.is_tgi() && body.len() > LARGEST_FOR_TGI {
        return Err(error_response::body_too_large());
    }
    let envelope: Envelope =
        serde_json::from_slice(body).map_err(|error| error_response::undeserializable(&error))?;
    // The router finds the provider first: a body may be wrong in two ways, and this one wins.
    let served = match (envelope.model, instead) {
        (Some(Value::String(_)), Some(instead)) => site.chosen(instead)?,
        (Some(Value::String(asked)), None) => site.serve(&asked)?,
        (Some(_), _) => return Err(error_response::undeserializable(&"model: expected a string")),
        // Where the path names the model, the body need not.
        (None, _) if matches!(site.way, Way::Hosted(_)) => site.serve("")?,
        (None, _) => return Err(error_response::model_missing()),
    };
    let request: ChatRequest =
        serde_json::from_slice(body).map_err(|error| error_response::undeserializable(&error))?;
    check(&request, served, site)?;
    let wanted = wanted(&request, served, site)?;
    let media = described(&request, served.model)?;
    let prompt_tokens = prompt_tokens(&request);
    fits(prompt_tokens, request.limit(), served, site.dialect)?;

    let completion = Completion {
        fingerprint,
        served,
        choices: choices(&request, served, site, &wanted, &media),
        prompt_tokens,
        includes_usage: request.includes_usage(),
        logprobs: (request.logprobs == Some(true)).then(|| request.top_logprobs.unwrap_or(0)),
        names_provider: site.names_provider(),
    };
    let is_streamed = match form {
        Form::AsAsked => request.is_streamed(),
        Form::Plain => false,
        Form::Stream => true,
    };
    Ok(site.dialect.spell(&completion, is_streamed))
}

fn prompt_tokens(request: &ChatRequest) -> u64 {
    request
        .messages
        .iter()
        .map(|message| {
            let said = tokens(&message.content.text()).count();
            PER_MESSAGE + u64::try_from(said).unwrap_or(u64::MAX - PER_MESSAGE)
        })
        .sum()
}

/// Refuses what is longer than the serving provider can read; who tells no length reads all.
pub(crate) fn fits(
    prompt_tokens: u64,
    new_tokens: Option<u32>,
    served: Served,
    dialect: Dialect,
) -> Result<(), Script> {
    let Some(limit) = served.provider.context_length.map(u64::from) else {
        return Ok(());
    };
    let new_tokens = new_tokens.map_or(0, u64::from);
    match dialect.is_tgi() {
        true if prompt_tokens >= limit => Err(error_response::validation(&format!(
            "`inputs` must have less than {limit} tokens. Given: {prompt_tokens}"
        ))),
        // It sets the room for the answer aside in advance.
        true if prompt_tokens + new_tokens > limit => Err(error_response::validation(&format!(
            "`inputs` tokens + `max_new_tokens` must be <= {limit}. Given: {prompt_tokens} \
             `inputs` tokens and {new_tokens} `max_new_tokens`"
        ))),
        false if prompt_tokens > limit => Err(error_response::context_exceeded(limit, prompt_tokens)),
        _ => Ok(()),
    }
}
