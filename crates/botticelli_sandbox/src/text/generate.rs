//! Native text generation routes of text-generation-inference: `/generate`, `/generate_stream` and
//! `/`.

use serde::Serialize;
use serde_json::Value;

use super::continuation::{continuation, count};
use super::parameters::{GrammarKind, Parameters, Request, unused_parameters_error, validation_error};
use super::resolve::resolve_model;
use crate::catalog::{Behavior, ServedModel};
use crate::charge::Charge;
use crate::chat::{Choice, Endpoint, FinishReason, LARGEST_FOR_TGI, MODEL_OF_TGI, ResponseForm, pieces_of};
use crate::dialects::{Dialect, logprob};
use crate::error_response::{self, undeserializable};
use crate::fingerprint::Fingerprint;
use crate::json::encode;
use crate::route::NativeForm;
use crate::schema::InstanceGenerator;
use crate::script::Script;

const VOCABULARY: u64 = 32_000;
const END_TOKEN: u64 = 2;
const END: &str = "</s>";

#[derive(Serialize)]
struct Response {
    generated_text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

#[derive(Serialize)]
struct Details {
    finish_reason: &'static str,
    generated_tokens: u64,
    seed: Option<u64>,
    prefill: Vec<Prefill>,
    tokens: Vec<Token>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    top_tokens: Vec<Vec<Token>>,
}

#[derive(Serialize)]
struct Prefill {
    id: u64,
    text: String,
    /// Null for the first token, which follows no other.
    logprob: Option<f64>,
}

#[derive(Clone, Serialize)]
struct Token {
    id: u64,
    text: String,
    logprob: f64,
    special: bool,
}

#[derive(Serialize)]
struct Event {
    /// Omitted by older servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    token: Token,
    generated_text: Option<String>,
    details: Option<StreamDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_tokens: Option<Vec<Token>>,
}

#[derive(Serialize)]
struct StreamDetails {
    finish_reason: &'static str,
    generated_tokens: u64,
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_length: Option<u64>,
}

/// Error event in a stream.
#[derive(Serialize)]
struct StreamError<'a> {
    error: &'a str,
    error_type: &'a str,
}

/// Returns the response to a call. The error is an error response.
pub(crate) fn generate(
    body: &[u8],
    fingerprint: Fingerprint,
    endpoint: &Endpoint,
    native: NativeForm,
    form: ResponseForm,
) -> Result<Script, Script> {
    if body.len() > LARGEST_FOR_TGI {
        return Err(error_response::body_too_large());
    }
    let served = resolve_model(endpoint, MODEL_OF_TGI)?;
    let request: Request = serde_json::from_slice(body).map_err(|error| undeserializable(&error))?;
    if served.model.behavior == Behavior::Transformers {
        return respond_as_transformers(&request, served, fingerprint);
    }
    let parameters = parse_parameters(&request)?;
    let is_streamed = match (form, native) {
        (ResponseForm::Plain, _) | (ResponseForm::AsRequested, NativeForm::Object) => false,
        (ResponseForm::Stream, _) | (_, NativeForm::Stream) => true,
        (ResponseForm::AsRequested, NativeForm::AsRequested) => request.stream,
    };
    let reason = validation_error(&request, &parameters, is_streamed)
        .or_else(|| length_error(&request, &parameters, served));
    if let Some(reason) = reason {
        if !is_streamed {
            return Err(error_response::validation(&reason));
        }
        let error = format!("Input validation error: {reason}");
        let event = encode_event(endpoint.dialect, &StreamError { error: &error, error_type: "validation" });
        return Ok(Script::stream(200, "text/event-stream").piece(event));
    }
    let output = Output {
        request: &request,
        parameters: &parameters,
        choice: choice(&request, &parameters),
        fingerprint,
    };
    let charge = charge(&request, served, &output.choice);
    if is_streamed {
        return Ok(output.stream(endpoint.dialect).with_charge(charge));
    }
    let response = output.plain();
    let body = if native == NativeForm::Object { encode(&response) } else { encode(&[response]) };
    Ok(Script::json(200, body).with_charge(charge))
}

fn charge(request: &Request, served: ServedModel, choice: &Choice) -> Charge {
    Charge { served, prompt_tokens: count(&request.inputs), completion_tokens: choice.tokens() }
}

fn parse_parameters(request: &Request) -> Result<Parameters, Script> {
    serde_json::from_value(Value::Object(request.parameters.clone()))
        .map_err(|error| undeserializable(&format!("parameters: {error}")))
}

/// Responds like transformers: the text includes the prompt, and streaming is unavailable.
fn respond_as_transformers(
    request: &Request,
    served: ServedModel,
    fingerprint: Fingerprint,
) -> Result<Script, Script> {
    if let Some(reason) = unused_parameters_error(&request.parameters) {
        return Err(error_response::plain(400, &reason));
    }
    let parameters = parse_parameters(request)?;
    if let Some(reason) = validation_error(request, &parameters, false) {
        return Err(error_response::validation(&reason));
    }
    let choice = choice(request, &parameters);
    let full = Parameters {
        return_full_text: Some(parameters.return_full_text != Some(false)),
        ..Parameters::default()
    };
    let charge = charge(request, served, &choice);
    let output = Output { request, parameters: &full, choice, fingerprint };
    Ok(Script::json(200, encode(&[output.plain()])).with_charge(charge))
}

fn choice(request: &Request, parameters: &Parameters) -> Choice {
    let text = match &parameters.grammar {
        None => continuation(&request.inputs, 0),
        Some(grammar) => match (grammar.kind, grammar.value.get("schema")) {
            (GrammarKind::Regex, _) => "sandbox".to_owned(),
            (GrammarKind::JsonSchema, Some(schema)) => {
                InstanceGenerator::new(schema, &request.inputs, 0).generate().to_string()
            }
            _ => InstanceGenerator::new(&grammar.value, &request.inputs, 0).generate().to_string(),
        },
    };
    Choice::text(&text, parameters.max_new_tokens, &parameters.stop)
}

fn length_error(request: &Request, parameters: &Parameters, served: ServedModel) -> Option<String> {
    let limit = u64::from(served.provider.context_length?);
    let (input_tokens, new) = (count(&request.inputs), u64::from(parameters.max_new_tokens.unwrap_or(0)));
    if input_tokens >= limit {
        return Some(format!("`inputs` must have less than {limit} tokens. Given: {input_tokens}"));
    }
    (input_tokens.saturating_add(new) > limit).then(|| {
        format!(
            "`inputs` tokens + `max_new_tokens` must be <= {limit}. Given: {input_tokens} `inputs` tokens and {new} \
             `max_new_tokens`"
        )
    })
}

/// One generation before encoding.
struct Output<'a> {
    request: &'a Request,
    parameters: &'a Parameters,
    choice: Choice,
    fingerprint: Fingerprint,
}

impl Output<'_> {
    fn text(&self) -> String {
        let text = self.choice.pieces.concat();
        match self.parameters.return_full_text {
            Some(true) => format!("{}{text}", self.request.inputs),
            _ => text,
        }
    }

    fn finish_reason(&self) -> &'static str {
        match self.choice.finish_reason {
            FinishReason::Length => "length",
            FinishReason::StopSequence => "stop_sequence",
            FinishReason::EndOfText | FinishReason::ToolCalls | FinishReason::ContentFilter => "eos_token",
        }
    }

    /// Returns the seed, or `None` without sampling.
    fn seed(&self) -> Option<u64> {
        let seed = self.parameters.seed.unwrap_or(self.fingerprint.beyond_i64());
        self.parameters.do_sample.then_some(seed)
    }

    /// Returns all tokens, including the end token if the text ended naturally.
    fn tokens(&self) -> Vec<Token> {
        let mut tokens: Vec<Token> = self.choice.pieces.iter().map(|piece| token(piece)).collect();
        if self.choice.finish_reason == FinishReason::EndOfText {
            let (id, text) = (END_TOKEN, END.to_owned());
            tokens.push(Token { id, text, logprob: logprob(END), special: true });
        }
        tokens
    }

    fn generated_tokens(&self) -> u64 {
        u64::try_from(self.tokens().len()).unwrap_or(u64::MAX)
    }

    fn top_tokens(&self, token: &Token) -> Option<Vec<Token>> {
        let count = self.parameters.top_n_tokens.filter(|count| *count > 0)?;
        let nth = |nth: u32| match nth {
            0 => token.clone(),
            nth => Token {
                text: format!("{}{nth}", token.text),
                id: token.id.saturating_add(u64::from(nth)),
                logprob: token.logprob - f64::from(nth),
                special: false,
            },
        };
        Some((0..count).map(nth).collect())
    }

    fn plain(&self) -> Response {
        let tokens = self.tokens();
        let prefill =
            if self.parameters.decoder_input_details { pieces_of(&self.request.inputs) } else { Vec::new() };
        let prefill = prefill.iter().enumerate().map(|(at, piece)| {
            let Token { id, text, logprob, .. } = token(piece);
            Prefill { id, text, logprob: (at > 0).then_some(logprob) }
        });
        let details = Details {
            finish_reason: self.finish_reason(),
            generated_tokens: self.generated_tokens(),
            seed: self.seed(),
            prefill: prefill.collect(),
            top_tokens: tokens.iter().filter_map(|token| self.top_tokens(token)).collect(),
            tokens,
        };
        Response { generated_text: self.text(), details: self.parameters.details.then_some(details) }
    }

    fn stream(&self, dialect: Dialect) -> Script {
        let tokens = self.tokens();
        let last = tokens.len().saturating_sub(1);
        let is_new = dialect == Dialect::Tgi3;
        let events = tokens.into_iter().enumerate().map(|(at, token)| {
            let details = StreamDetails {
                finish_reason: self.finish_reason(),
                generated_tokens: self.generated_tokens(),
                seed: self.seed(),
                input_length: is_new.then(|| count(&self.request.inputs)),
            };
            let event = Event {
                index: is_new.then(|| at.saturating_add(1)),
                generated_text: (at == last).then(|| self.text()),
                details: (at == last).then_some(details),
                top_tokens: self.top_tokens(&token),
                token,
            };
            encode_event(dialect, &event)
        });
        // The native stream has no `[DONE]`.
        Script::stream(200, "text/event-stream").pieces(events)
    }
}

fn token(piece: &str) -> Token {
    // Ids 0 to 2 are special tokens.
    let id = Fingerprint::of(piece.as_bytes()).below(VOCABULARY).saturating_add(3);
    Token { id, text: piece.to_owned(), logprob: logprob(piece), special: false }
}

/// Encodes an event. Older servers send no space after the colon.
fn encode_event(dialect: Dialect, data: &impl Serialize) -> String {
    let blank = if dialect == Dialect::Tgi2 { "" } else { " " };
    format!("data:{blank}{}\n\n", encode(data))
}
