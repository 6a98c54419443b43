//! `/generate`, `/generate_stream` and `/`: the native calls of text-generation-inference.

use serde::Serialize;
use serde_json::Value;

use super::continuation::{count, going_on};
use super::parameters::{GrammarKind, Parameters, Request, invalid, unused};
use super::resolve::serve;
use crate::catalog::{Manner, Served};
use crate::chat::{Choice, Ending, Form, LARGEST_FOR_TGI, MODEL_OF_TGI, Site, pieces_of};
use crate::dialects::{Dialect, logprob};
use crate::error_response::{self, undeserializable};
use crate::fingerprint::Fingerprint;
use crate::json::encode;
use crate::route::Native;
use crate::schema::Maker;
use crate::script::Script;

const VOCABULARY: u64 = 32_000;
const END_TOKEN: u64 = 2;
const END: &str = "</s>";

#[derive(Serialize)]
struct Answer {
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
    /// The first token follows nothing.
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
    /// Older servers do not count.
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

/// The error of a stream, which is an event of it.
#[derive(Serialize)]
struct Wrong<'a> {
    error: &'a str,
    error_type: &'a str,
}

/// Answers a call; the error is an answer as well.
pub(crate) fn generate(
    body: &[u8],
    fingerprint: Fingerprint,
    site: &Site,
    native: Native,
    form: Form,
) -> Result<Script, Script> {
    if body.len() > LARGEST_FOR_TGI {
        return Err(error_response::body_too_large());
    }
    let served = serve(site, MODEL_OF_TGI)?;
    let request: Request = serde_json::from_slice(body).map_err(|error| undeserializable(&error))?;
    if served.model.manner == Manner::Transformers {
        return by_transformers(&request, fingerprint);
    }
    let parameters = read(&request)?;
    let is_streamed = match (form, native) {
        (Form::Plain, _) | (Form::AsAsked, Native::Object) => false,
        (Form::Stream, _) | (_, Native::Stream) => true,
        (Form::AsAsked, Native::AsAsked) => request.stream,
    };
    let why = invalid(&request, &parameters, is_streamed).or_else(|| too_long(&request, &parameters, served));
    if let Some(why) = why {
        if !is_streamed {
            return Err(error_response::validation(&why));
        }
        let error = format!("Input validation error: {why}");
        let event = line(site.dialect, &Wrong { error: &error, error_type: "validation" });
        return Ok(Script::stream(200, "text/event-stream").piece(event));
    }
    let run = Run {
        request: &request,
        parameters: &parameters,
        choice: choice(&request, &parameters),
        fingerprint,
    };
    if is_streamed {
        return Ok(run.stream(site.dialect));
    }
    let answer = run.whole();
    Ok(Script::json(200, if native == Native::Object { encode(&answer) } else { encode(&[answer]) }))
}

fn read(request: &Request) -> Result<Parameters, Script> {
    serde_json::from_value(Value::Object(request.parameters.clone()))
        .map_err(|error| undeserializable(&format!("parameters: {error}")))
}

/// The prompt comes back in front of what follows it, and nothing is streamed.
fn by_transformers(request: &Request, fingerprint: Fingerprint) -> Result<Script, Script> {
    if let Some(why) = unused(&request.parameters) {
        return Err(error_response::plain(400, &why));
    }
    let parameters = read(request)?;
    if let Some(why) = invalid(request, &parameters, false) {
        return Err(error_response::validation(&why));
    }
    let choice = choice(request, &parameters);
    let full = Parameters {
        return_full_text: Some(parameters.return_full_text != Some(false)),
        ..Parameters::default()
    };
    let run = Run { request, parameters: &full, choice, fingerprint };
    Ok(Script::json(200, encode(&[run.whole()])))
}

fn choice(request: &Request, parameters: &Parameters) -> Choice {
    let text = match &parameters.grammar {
        None => going_on(&request.inputs, 0),
        Some(grammar) => match (grammar.kind, grammar.value.get("schema")) {
            (GrammarKind::Regex, _) => "sandbox".to_owned(),
            (GrammarKind::JsonSchema, Some(schema)) => {
                Maker::new(schema, &request.inputs, 0).make().to_string()
            }
            _ => Maker::new(&grammar.value, &request.inputs, 0).make().to_string(),
        },
    };
    Choice::text(&text, parameters.max_new_tokens, &parameters.stop)
}

fn too_long(request: &Request, parameters: &Parameters, served: Served) -> Option<String> {
    let limit = u64::from(served.provider.context_length?);
    let (given, new) = (count(&request.inputs), u64::from(parameters.max_new_tokens.unwrap_or(0)));
    if given >= limit {
        return Some(format!("`inputs` must have less than {limit} tokens. Given: {given}"));
    }
    (given.saturating_add(new) > limit).then(|| {
        format!(
            "`inputs` tokens + `max_new_tokens` must be <= {limit}. Given: {given} `inputs` tokens and {new} \
             `max_new_tokens`"
        )
    })
}

/// One generation, before it is written out.
struct Run<'a> {
    request: &'a Request,
    parameters: &'a Parameters,
    choice: Choice,
    fingerprint: Fingerprint,
}

impl Run<'_> {
    fn text(&self) -> String {
        let text = self.choice.pieces.concat();
        match self.parameters.return_full_text {
            Some(true) => format!("{}{text}", self.request.inputs),
            _ => text,
        }
    }

    fn finish_reason(&self) -> &'static str {
        match self.choice.ending {
            Ending::Length => "length",
            Ending::StopSequence => "stop_sequence",
            Ending::Natural | Ending::Calls | Ending::Filtered => "eos_token",
        }
    }

    /// Who does not sample has no seed.
    fn seed(&self) -> Option<u64> {
        let seed = self.parameters.seed.unwrap_or(self.fingerprint.beyond_i64());
        self.parameters.do_sample.then_some(seed)
    }

    /// The end token is a token too, if the model came to an end.
    fn tokens(&self) -> Vec<Token> {
        let mut tokens: Vec<Token> = self.choice.pieces.iter().map(|piece| token(piece)).collect();
        if self.choice.ending == Ending::Natural {
            let (id, text) = (END_TOKEN, END.to_owned());
            tokens.push(Token { id, text, logprob: logprob(END), special: true });
        }
        tokens
    }

    fn generated_tokens(&self) -> u64 {
        u64::try_from(self.tokens().len()).unwrap_or(u64::MAX)
    }

    fn tops(&self, token: &Token) -> Option<Vec<Token>> {
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

    fn whole(&self) -> Answer {
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
            top_tokens: tokens.iter().filter_map(|token| self.tops(token)).collect(),
            tokens,
        };
        Answer { generated_text: self.text(), details: self.parameters.details.then_some(details) }
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
                top_tokens: self.tops(&token),
                token,
            };
            line(dialect, &event)
        });
        // Nothing says that it is done.
        Script::stream(200, "text/event-stream").pieces(events)
    }
}

fn token(piece: &str) -> Token {
    // The first numbers are those of the special tokens.
    let id = Fingerprint::of(piece.as_bytes()).below(VOCABULARY).saturating_add(3);
    Token { id, text: piece.to_owned(), logprob: logprob(piece), special: false }
}

/// The older servers send no blank after the colon.
fn line(dialect: Dialect, data: &impl Serialize) -> String {
    let blank = if dialect == Dialect::Tgi2 { "" } else { " " };
    format!("data:{blank}{}\n\n", encode(data))
}
