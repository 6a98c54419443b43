//! Response generation for a chat call.

use serde_json::Value;

use super::check::check;
use super::choices::choices;
use super::endpoint::{Endpoint, ModelLookup};
use super::envelope::Envelope;
use super::format::output_format;
use super::generation::Generation;
use super::media::describe_media;
use super::request::ChatRequest;
use super::tokens::tokens;
use crate::catalog::ServedModel;
use crate::dialects::Dialect;
use crate::error_response;
use crate::fingerprint::Fingerprint;
use crate::script::Script;

/// Form of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseForm {
    AsRequested,
    Plain,
    Stream,
}

/// Number of tokens that every message adds to the prompt.
const PER_MESSAGE: u64 = 4;

/// Maximum body size of text-generation-inference, in bytes.
pub(crate) const LARGEST_FOR_TGI: usize = 2 * 1024 * 1024;

/// Returns the response to a chat call. The error is an error response.
///
/// `model_override` replaces the model of the request.
pub(crate) fn respond(
    body: &[u8],
    fingerprint: Fingerprint,
    endpoint: &Endpoint,
    model_override: Option<&str>,
    form: ResponseForm,
) -> Result<Script, Script> {
    if endpoint.dialect.is_tgi() && body.len() > LARGEST_FOR_TGI {
        return Err(error_response::body_too_large());
    }
    let envelope: Envelope =
        serde_json::from_slice(body).map_err(|error| error_response::undeserializable(&error))?;
    // Like the router, this resolves the provider first, so an invalid model hides other errors.
    let served = match (envelope.model, model_override) {
        (Some(Value::String(_)), Some(model_override)) => endpoint.select_chat_model(model_override)?,
        (Some(Value::String(model)), None) => endpoint.resolve_chat_model(&model)?,
        (Some(_), _) => return Err(error_response::undeserializable(&"model: expected a string")),
        // The path may contain the model instead of the body.
        (None, _) if matches!(endpoint.lookup, ModelLookup::Path(_)) => endpoint.resolve_chat_model("")?,
        (None, _) => return Err(error_response::model_missing()),
    };
    let request: ChatRequest =
        serde_json::from_slice(body).map_err(|error| error_response::undeserializable(&error))?;
    check(&request, served, endpoint)?;
    let output_format = output_format(&request, served, endpoint)?;
    let media = describe_media(&request, served.model)?;
    let prompt_tokens = prompt_tokens(&request);
    check_context_length(prompt_tokens, request.limit(), served, endpoint.dialect)?;

    let generation = Generation {
        fingerprint,
        served,
        choices: choices(&request, served, endpoint, &output_format, &media),
        prompt_tokens,
        includes_usage: request.includes_usage(),
        logprobs: (request.logprobs == Some(true)).then(|| request.top_logprobs.unwrap_or(0)),
        names_provider: endpoint.names_provider(),
    };
    let is_streamed = match form {
        ResponseForm::AsRequested => request.is_streamed(),
        ResponseForm::Plain => false,
        ResponseForm::Stream => true,
    };
    Ok(endpoint.dialect.render(&generation, is_streamed).with_charge(generation.charge()))
}

fn prompt_tokens(request: &ChatRequest) -> u64 {
    request
        .messages
        .iter()
        .map(|message| {
            let count = tokens(&message.content.text()).count();
            PER_MESSAGE + u64::try_from(count).unwrap_or(u64::MAX - PER_MESSAGE)
        })
        .sum()
}

/// Rejects a prompt above the provider's context length. Accepts any length if none is known.
pub(crate) fn check_context_length(
    prompt_tokens: u64,
    new_tokens: Option<u32>,
    served: ServedModel,
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
        // text-generation-inference reserves the token limit in advance.
        true if prompt_tokens + new_tokens > limit => Err(error_response::validation(&format!(
            "`inputs` tokens + `max_new_tokens` must be <= {limit}. Given: {prompt_tokens} \
             `inputs` tokens and {new_tokens} `max_new_tokens`"
        ))),
        false if prompt_tokens > limit => Err(error_response::context_exceeded(limit, prompt_tokens)),
        _ => Ok(()),
    }
}
