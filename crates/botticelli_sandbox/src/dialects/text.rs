//! Text completion in the words of every server.

use serde::Serialize;
use serde_json::{Value, json};

use super::dialect::Dialect;
use super::event::{DONE, event};
use super::logprobs::{self, OwnLogprobs};
use super::tool_calls::Maybe;
use super::usage::Usage;
use crate::chat::{Bit, Choice, Completion, Ending};
use crate::json::encode;
use crate::script::Script;

#[derive(Serialize)]
struct Answer<'a> {
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
    usage: Option<Maybe<Usage>>,
}

#[derive(Serialize)]
struct TextChoice<'a> {
    text: String,
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<Maybe<OwnLogprobs>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<Maybe<&'a str>>,
    /// together streams the text twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    delta: Option<Value>,
}

pub(super) fn whole(dialect: Dialect, completion: &Completion) -> Script {
    let choices = completion.numbered().map(|(index, choice)| TextChoice {
        finish_reason: Some(Maybe::Some(reason(dialect, choice))),
        seed: (dialect == Dialect::Together).then(|| completion.fingerprint.beyond_i64()),
        ..said(dialect, completion, index, &choice.pieces)
    });
    let object = if dialect == Dialect::Together { "text.completion" } else { "text_completion" };
    let usage = Some(Maybe::Some(Usage::of(completion)));
    let answer = answer(dialect, completion, object, choices.collect(), usage);
    named(dialect, completion, Script::json(200, encode(&answer)))
}

pub(super) fn stream(dialect: Dialect, completion: &Completion) -> Script {
    let object = if dialect == Dialect::Together { "completion.chunk" } else { "text_completion" };
    // null where it comes later, missing where nobody asked.
    let later = (completion.includes_usage || dialect == Dialect::Together).then_some(Maybe::Null);
    let chunk = |mut choices: Vec<TextChoice<'_>>, usage| {
        for choice in choices.iter_mut().filter(|_| dialect == Dialect::Together) {
            let text = &choice.text;
            let delta = json!({ "token_id": 17, "role": "assistant", "content": text, "tool_calls": null });
            choice.delta = Some(delta);
        }
        event(&answer(dialect, completion, object, choices, usage))
    };
    let mut events = Vec::new();
    for (index, _, bit) in completion.bits() {
        if let Bit::Text(text) = bit {
            let choice = said(dialect, completion, index, &[text.to_owned()]);
            events.push(chunk(vec![choice], if dialect == Dialect::Cerebras { None } else { later }));
        }
    }
    let in_finish = matches!(dialect, Dialect::Together | Dialect::Cerebras);
    let last = completion.choices.len().saturating_sub(1);
    for ((index, choice), place) in completion.numbered().zip(0..) {
        let end = TextChoice {
            finish_reason: Some(Maybe::Some(reason(dialect, choice))),
            ..said(dialect, completion, index, &[])
        };
        let usage = if in_finish && place == last { Some(Maybe::Some(Usage::of(completion))) } else { later };
        events.push(chunk(vec![end], usage));
    }
    if completion.includes_usage && matches!(dialect, Dialect::Router | Dialect::Tgi3) {
        events.push(chunk(Vec::new(), Some(Maybe::Some(Usage::of(completion)))));
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
    named(dialect, completion, Script::stream(200, "text/event-stream").pieces(events))
}

fn answer<'a>(
    dialect: Dialect,
    completion: &'a Completion,
    object: &'a str,
    choices: Vec<TextChoice<'a>>,
    usage: Option<Maybe<Usage>>,
) -> Answer<'a> {
    let hex = completion.fingerprint.hex();
    let (id, system_fingerprint) = match dialect {
        Dialect::Tgi2 => (String::new(), Some("2.0.1-sha-sandbox")),
        Dialect::Tgi3 => (String::new(), Some("3.0.1-sha-sandbox")),
        Dialect::Together => (hex, None),
        Dialect::Router | Dialect::Cerebras => (format!("cmpl-{hex}"), Some("fp_sandbox")),
    };
    let model =
        if dialect.is_tgi() { completion.served.model.id } else { completion.served.provider.serves_as };
    let prompt = (object == "text.completion").then_some([]);
    let created = completion.fingerprint.created();
    Answer { id, object, created, model, system_fingerprint, prompt, choices, usage }
}

/// Some text, without an end to it.
fn said<'a>(dialect: Dialect, completion: &Completion, index: u32, pieces: &[String]) -> TextChoice<'a> {
    let text = pieces.concat();
    TextChoice {
        index,
        seed: None,
        logprobs: (dialect != Dialect::Cerebras).then(|| {
            let own = logprobs::own(completion, pieces);
            own.filter(|_| !dialect.is_tgi()).map_or(Maybe::Null, Maybe::Some)
        }),
        finish_reason: match dialect {
            // Not finished yet: an empty word.
            Dialect::Tgi2 | Dialect::Tgi3 => Some(Maybe::Some("")),
            Dialect::Cerebras => None,
            Dialect::Router | Dialect::Together => Some(Maybe::Null),
        },
        delta: None,
        text,
    }
}

fn reason(dialect: Dialect, choice: &Choice) -> &'static str {
    match (choice.ending, dialect) {
        (Ending::Length, _) => "length",
        (Ending::StopSequence, Dialect::Tgi2 | Dialect::Tgi3) => "stop_sequence",
        (_, Dialect::Tgi2 | Dialect::Tgi3) => "eos_token",
        (Ending::StopSequence, _) => "stop",
        (_, Dialect::Together) => "eos",
        _ => "stop",
    }
}

fn named(dialect: Dialect, completion: &Completion, script: Script) -> Script {
    if dialect == Dialect::Router && completion.names_provider {
        return script.header("x-inference-provider", completion.served.provider.name);
    }
    script
}
