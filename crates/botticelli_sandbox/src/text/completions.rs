//! `POST /v1/completions`.

use serde::Deserialize;
use serde_json::Value;

use super::continuation::{continuation, count};
use super::resolve::resolve_model;
use crate::chat::{
    Choice, Endpoint, Envelope, Generation, LARGEST_FOR_TGI, ModelLookup, ResponseForm, check_context_length,
    pieces_of,
};
use crate::error_response::{self, invalid_request, undeserializable, validation};
use crate::fingerprint::Fingerprint;
use crate::script::Script;

#[derive(Deserialize)]
struct Request {
    prompt: Prompt,
    max_tokens: Option<u32>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    n: Option<u32>,
    stop: Option<Stop>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    logprobs: Option<u32>,
    echo: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Prompt {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Stop {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

const MOST_CHOICES: u32 = 16;
const MOST_STOPS: usize = 4;

/// Returns the response to a call. The error is an error response.
pub(crate) fn complete(
    body: &[u8],
    fingerprint: Fingerprint,
    endpoint: &Endpoint,
    model_override: Option<&str>,
    form: ResponseForm,
) -> Result<Script, Script> {
    let is_tgi = endpoint.dialect.is_tgi();
    if is_tgi && body.len() > LARGEST_FOR_TGI {
        return Err(error_response::body_too_large());
    }
    let envelope: Envelope = serde_json::from_slice(body).map_err(|error| undeserializable(&error))?;
    let served = match (envelope.model, model_override) {
        (Some(Value::String(_)), Some(model_override)) => endpoint.select_chat_model(model_override)?,
        (Some(Value::String(model)), None) => resolve_model(endpoint, &model)?,
        (Some(_), _) => return Err(undeserializable(&"model: expected a string")),
        (None, _) if matches!(endpoint.lookup, ModelLookup::Path(_)) => resolve_model(endpoint, "")?,
        (None, _) => return Err(error_response::model_missing()),
    };
    let request: Request = serde_json::from_slice(body).map_err(|error| undeserializable(&error))?;
    check(&request, is_tgi)?;
    let prompts = match &request.prompt {
        Prompt::One(prompt) => std::slice::from_ref(prompt),
        Prompt::Many(prompts) => prompts,
    };
    let prompt_tokens = prompts.iter().map(|prompt| count(prompt)).sum();
    check_context_length(prompt_tokens, request.max_tokens, served, endpoint.dialect)?;
    let stops = match &request.stop {
        None => &[],
        Some(Stop::One(stop)) => std::slice::from_ref(stop),
        Some(Stop::Many(stops)) => stops.as_slice(),
    };
    let copies = if is_tgi { 1 } else { usize::try_from(request.n.unwrap_or(1)).unwrap_or(1) };
    let choice = |prompt: &String, variant: usize| {
        let mut choice = Choice::text(&continuation(prompt, variant), request.max_tokens, stops);
        if request.echo == Some(true) && !is_tgi {
            choice.pieces.splice(0..0, pieces_of(prompt));
        }
        choice
    };
    let each = |prompt| (0..copies).map(move |variant| choice(prompt, variant));
    let generation = Generation {
        fingerprint,
        served,
        choices: prompts.iter().flat_map(each).collect(),
        prompt_tokens,
        includes_usage: request.stream_options.is_some_and(|options| options.include_usage),
        logprobs: request.logprobs,
        names_provider: endpoint.names_provider(),
    };
    let is_streamed = match form {
        ResponseForm::AsRequested => request.stream == Some(true),
        ResponseForm::Plain => false,
        ResponseForm::Stream => true,
    };
    Ok(endpoint.dialect.render_text(&generation, is_streamed).with_charge(generation.charge()))
}

fn check(request: &Request, is_tgi: bool) -> Result<(), Script> {
    if request.max_tokens == Some(0) {
        return Err(validation("`max_new_tokens` must be strictly positive"));
    }
    if request.temperature.is_some_and(|value| !(0.0..=2.0).contains(&value)) {
        return Err(validation("`temperature` must be >= 0.0 and <= 2.0"));
    }
    if request.top_p.is_some_and(|value| value <= 0.0 || value > 1.0 || (is_tgi && value >= 1.0)) {
        return Err(validation("`top_p` must be > 0.0 and < 1.0"));
    }
    match &request.stop {
        Some(Stop::One(_)) if is_tgi => {
            return Err(undeserializable(&"stop: invalid type: string, expected a sequence"));
        }
        Some(Stop::Many(stops)) if stops.len() > MOST_STOPS => {
            return Err(validation(&format!(
                "`stop` supports up to {MOST_STOPS} stop sequences. Given: {}",
                stops.len()
            )));
        }
        _ => {}
    }
    if matches!(&request.prompt, Prompt::Many(prompts) if prompts.is_empty()) {
        return Err(validation("`prompt` must not be empty"));
    }
    if !is_tgi && request.n.is_some_and(|count| !(1..=MOST_CHOICES).contains(&count)) {
        return Err(invalid_request(&format!("'n' must be between 1 and {MOST_CHOICES}."), Some("n"), None));
    }
    Ok(())
}
