//! From the body of a call to the script that answers it.

use serde_json::Value;

use super::check::check;
use super::completion::{Completion, cut};
use super::reply::reply;
use super::request::ChatRequest;
use super::strict::Envelope;
use super::tokens::tokens;
use crate::catalog::{Served, Unserved, choose};
use crate::dialects::Dialect;
use crate::fingerprint::Fingerprint;
use crate::refusal;
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

/// What text-generation-inference calls whatever it serves, and which model that is here.
const ANY_MODEL: &str = "tgi";
const MODEL_OF_TGI: &str = "meta-llama/Llama-3.1-8B-Instruct";

/// Answers a chat call: the error is an answer as well, a refusal.
///
/// With a model to serve instead, the one that was asked for is not looked at.
pub(crate) fn complete(
    body: &[u8],
    fingerprint: Fingerprint,
    dialect: Dialect,
    instead: Option<&str>,
    form: Form,
) -> Result<Script, Script> {
    let envelope: Envelope =
        serde_json::from_slice(body).map_err(|error| refusal::undeserializable(&error))?;
    // The router finds the provider first: a body may be wrong in two ways, and this one wins.
    let served = match envelope.model {
        Some(Value::String(asked)) => serve(instead.unwrap_or(&asked), dialect)?,
        Some(_) => return Err(refusal::undeserializable(&"model: expected a string")),
        None => return Err(refusal::model_missing()),
    };
    let request: ChatRequest =
        serde_json::from_slice(body).map_err(|error| refusal::undeserializable(&error))?;
    check(&request, dialect)?;
    let prompt_tokens = prompt_tokens(&request);
    fits(prompt_tokens, &request, served, dialect)?;

    let text = reply(&request, served.model.sees_images());
    let (pieces, ending) = cut(&text, request.limit(), request.stops());
    let completion = Completion {
        fingerprint,
        served,
        pieces,
        ending,
        prompt_tokens,
        includes_usage: request.includes_usage(),
    };
    let is_streamed = match form {
        Form::AsAsked => request.is_streamed(),
        Form::Plain => false,
        Form::Stream => true,
    };
    Ok(dialect.spell(&completion, is_streamed))
}

fn serve(asked: &str, dialect: Dialect) -> Result<Served, Script> {
    let model = if asked == ANY_MODEL && dialect.is_tgi() { MODEL_OF_TGI } else { asked };
    choose(model).map_err(|unserved| match unserved {
        Unserved::Unknown => refusal::unknown_model(asked),
        Unserved::NotChat => refusal::not_a_chat_model(asked),
        Unserved::NoProvider => refusal::served_by_nobody(asked),
        Unserved::NotBy(provider) => refusal::not_by_provider(&provider),
    })
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
fn fits(prompt_tokens: u64, request: &ChatRequest, served: Served, dialect: Dialect) -> Result<(), Script> {
    let Some(limit) = served.provider.context_length.map(u64::from) else {
        return Ok(());
    };
    let new_tokens = request.limit().map_or(0, u64::from);
    match dialect.is_tgi() {
        true if prompt_tokens >= limit => Err(refusal::validation(&format!(
            "`inputs` must have less than {limit} tokens. Given: {prompt_tokens}"
        ))),
        // It sets the room for the answer aside in advance.
        true if prompt_tokens + new_tokens > limit => Err(refusal::validation(&format!(
            "`inputs` tokens + `max_new_tokens` must be <= {limit}. Given: {prompt_tokens} \
             `inputs` tokens and {new_tokens} `max_new_tokens`"
        ))),
        false if prompt_tokens > limit => Err(refusal::context_exceeded(limit, prompt_tokens)),
        _ => Ok(()),
    }
}
