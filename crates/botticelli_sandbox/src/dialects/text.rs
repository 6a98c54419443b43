//! Text completion in all dialects.

use serde::Serialize;
use serde_json::{Value, json};

use super::dialect::Dialect;
use super::event::{DONE, event};
use super::logprobs::{self, TogetherLogprobs};
use super::tool_calls::Nullable;
use super::usage::Usage;
use crate::chat::{Choice, FinishReason, Generation, StreamItem};
use crate::json::encode;
use crate::script::Script;

#[derive(Serialize)]
struct Response<'a> {
    id: String,
    object: &'a str,
    created: u64,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<[(); 0]>,
    choices: Vec<TextChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Nullable<Usage>>,
}

#[derive(Serialize)]
struct TextChoice<'a> {
    text: String,
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<Nullable<TogetherLogprobs>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<Nullable<&'a str>>,
    /// together sends the text of a chunk twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    delta: Option<Value>,
}

pub(super) fn plain(dialect: Dialect, generation: &Generation) -> Script {
    let choices = generation.indexed_choices().map(|(index, choice)| TextChoice {
        finish_reason: Some(Nullable::Value(finish_reason(dialect, choice))),
        seed: (dialect == Dialect::Together).then(|| generation.fingerprint.beyond_i64()),
        ..text_choice(dialect, generation, index, &choice.pieces)
    });
    let object = if dialect == Dialect::Together { "text.completion" } else { "text_completion" };
    let usage = Some(Nullable::Value(Usage::of(generation)));
    let response = response(dialect, generation, object, choices.collect(), usage);
    with_provider_header(dialect, generation, Script::json(200, encode(&response)))
}

pub(super) fn stream(dialect: Dialect, generation: &Generation) -> Script {
    let object = if dialect == Dialect::Together { "completion.chunk" } else { "text_completion" };
    // Null if usage follows in a later chunk, omitted if not requested.
    let later = (generation.includes_usage || dialect == Dialect::Together).then_some(Nullable::Null);
    let chunk = |mut choices: Vec<TextChoice<'_>>, usage| {
        for choice in choices.iter_mut().filter(|_| dialect == Dialect::Together) {
            let text = &choice.text;
            let delta = json!({ "token_id": 17, "role": "assistant", "content": text, "tool_calls": null });
            choice.delta = Some(delta);
        }
        event(&response(dialect, generation, object, choices, usage))
    };
    let mut events = Vec::new();
    for (index, _, item) in generation.stream_items() {
        if let StreamItem::Text(text) = item {
            let choice = text_choice(dialect, generation, index, &[text.to_owned()]);
            events.push(chunk(vec![choice], if dialect == Dialect::Cerebras { None } else { later }));
        }
    }
    let in_finish = matches!(dialect, Dialect::Together | Dialect::Cerebras);
    let last = generation.choices.len().saturating_sub(1);
    for ((index, choice), place) in generation.indexed_choices().zip(0..) {
        let end = TextChoice {
            finish_reason: Some(Nullable::Value(finish_reason(dialect, choice))),
            ..text_choice(dialect, generation, index, &[])
        };
        let usage =
            if in_finish && place == last { Some(Nullable::Value(Usage::of(generation))) } else { later };
        events.push(chunk(vec![end], usage));
    }
    if generation.includes_usage && matches!(dialect, Dialect::Router | Dialect::Tgi3) {
        events.push(chunk(Vec::new(), Some(Nullable::Value(Usage::of(generation)))));
    }
    match dialect {
        Dialect::Tgi2 => events = events.iter().map(|event| event.replacen("data: ", "data:", 1)).collect(),
        Dialect::Cerebras => {
            if let Some(last) = events.last_mut() {
                last.truncate(last.trim_end().len());
            }
        }
        Dialect::Router | Dialect::Tgi3 | Dialect::Together => events.push(DONE.to_owned()),
    }
    with_provider_header(dialect, generation, Script::stream(200, "text/event-stream").pieces(events))
}

fn response<'a>(
    dialect: Dialect,
    generation: &'a Generation,
    object: &'a str,
    choices: Vec<TextChoice<'a>>,
    usage: Option<Nullable<Usage>>,
) -> Response<'a> {
    let hex = generation.fingerprint.hex();
    let (id, system_fingerprint) = match dialect {
        Dialect::Tgi2 => (String::new(), Some("2.0.1-sha-sandbox")),
        Dialect::Tgi3 => (String::new(), Some("3.0.1-sha-sandbox")),
        Dialect::Together => (hex, None),
        Dialect::Router | Dialect::Cerebras => (format!("cmpl-{hex}"), Some("fp_sandbox")),
    };
    let model =
        if dialect.is_tgi() { generation.served.model.id } else { generation.served.provider.model_id };
    let prompt = (object == "text.completion").then_some([]);
    let created = generation.fingerprint.created();
    Response { id, object, created, model, system_fingerprint, prompt, choices, usage }
}

/// Returns a choice with text and without a finish reason.
fn text_choice<'a>(
    dialect: Dialect,
    generation: &Generation,
    index: u32,
    pieces: &[String],
) -> TextChoice<'a> {
    let text = pieces.concat();
    TextChoice {
        index,
        seed: None,
        logprobs: (dialect != Dialect::Cerebras).then(|| {
            let together = logprobs::for_together(generation, pieces);
            together.filter(|_| !dialect.is_tgi()).map_or(Nullable::Null, Nullable::Value)
        }),
        finish_reason: match dialect {
            // An unfinished choice has an empty finish reason.
            Dialect::Tgi2 | Dialect::Tgi3 => Some(Nullable::Value("")),
            Dialect::Cerebras => None,
            Dialect::Router | Dialect::Together => Some(Nullable::Null),
        },
        delta: None,
        text,
    }
}

fn finish_reason(dialect: Dialect, choice: &Choice) -> &'static str {
    match (choice.finish_reason, dialect) {
        (FinishReason::Length, _) => "length",
        (FinishReason::StopSequence, Dialect::Tgi2 | Dialect::Tgi3) => "stop_sequence",
        (_, Dialect::Tgi2 | Dialect::Tgi3) => "eos_token",
        (FinishReason::StopSequence, _) => "stop",
        (_, Dialect::Together) => "eos",
        _ => "stop",
    }
}

fn with_provider_header(dialect: Dialect, generation: &Generation, script: Script) -> Script {
    if dialect == Dialect::Router && generation.names_provider {
        return script.header("x-inference-provider", generation.served.provider.name);
    }
    script
}
