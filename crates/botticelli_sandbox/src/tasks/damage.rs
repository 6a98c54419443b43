//! Answers of tasks with a fault.

use serde_json::{Value, json};

use super::fault::{Effect, Target};
use super::jobs::Jobs;
use crate::error_response::plain;
use crate::faults::gzip::gzip;
use crate::script::Script;

/// Returns the answer with the next fault of answers, if there is one.
pub(crate) fn damaged(script: Script, jobs: &Jobs) -> Script {
    let Some((body, media_type)) = script.whole_body() else { return script };
    let Some(fault) = jobs.take_fault(Target::Answer) else { return script };
    let half = body.get(..body.len() / 2).unwrap_or_default();
    let with = |body: Vec<u8>| Script::text(200, media_type, body);
    match fault.effect() {
        Effect::Loading => {
            let body = json!({ "error": "Model is currently loading", "estimated_time": fault.number() });
            Script::json(503, body)
        }
        Effect::AnswerStatus => plain(fault.number(), "Injected fault"),
        Effect::ErrorAnswer => with(r#"{"error":"CUDA out of memory"}"#.into()),
        Effect::PageAnswer => Script::text(200, "text/html", "<html><body>Hello</body></html>"),
        Effect::WrongType if is_json(media_type) => Script::text(200, "text/plain", body),
        Effect::WrongType => Script::text(200, "application/json", body),
        Effect::NoType => Script::text(200, "", body),
        Effect::GzipAnswer => with(gzip(body)).header("content-encoding", "gzip"),
        Effect::EmptyAnswer => with(Vec::new()),
        Effect::HalfAnswer => with(half.into()),
        Effect::CutAnswer => Script::stream(200, media_type).piece(half).cut(),
        Effect::BytesAnswer => with(b"\x00\x01\x02 no format".into()),
        effect => {
            let value = serde_json::from_slice(body).unwrap_or_default();
            with(changed(effect, value))
        }
    }
}

fn is_json(media_type: &str) -> bool {
    media_type == "application/json"
}

/// Returns JSON with a fault.
fn changed(effect: Effect, mut value: Value) -> Vec<u8> {
    let value = match (effect, &mut value) {
        (Effect::ObjectAnswer, _) => json!({ "hello": "world" }),
        (Effect::EmptyList, _) => json!([]),
        (Effect::NullAnswer, _) => Value::Null,
        (Effect::ListAround, _) => json!([[value]]),
        (Effect::OneLess, Value::Array(list)) => {
            list.pop();
            value
        }
        (Effect::OneMore, Value::Array(list)) => {
            list.extend(list.last().cloned());
            value
        }
        (Effect::NoNames, _) => without_names(value),
        (Effect::TextNumbers, _) => numbers(value, &|number| number.to_string().into()),
        // The mark is replaced below, because NaN is not JSON.
        (Effect::NanNumbers | Effect::InfiniteNumbers, _) => numbers(value, &|_| MARK.into()),
        _ => value,
    };
    let text = value.to_string();
    let mark = Value::from(MARK).to_string();
    match effect {
        Effect::NanNumbers => text.replace(&mark, "NaN").into(),
        Effect::InfiniteNumbers => text.replace(&mark, "1e999").into(),
        _ => text.into(),
    }
}

const MARK: &str = "number";

/// Replaces all numbers.
fn numbers(value: Value, new: &impl Fn(&serde_json::Number) -> Value) -> Value {
    match value {
        Value::Number(number) => new(&number),
        Value::Array(list) => list.into_iter().map(|value| numbers(value, new)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, numbers(value, new))).collect()
        }
        value => value,
    }
}

/// Removes all texts.
fn without_names(value: Value) -> Value {
    match value {
        Value::Array(list) => {
            list.into_iter().filter(|value| !value.is_string()).map(without_names).collect()
        }
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_string())
            .map(|(name, value)| (name, without_names(value)))
            .collect(),
        value => value,
    }
}
