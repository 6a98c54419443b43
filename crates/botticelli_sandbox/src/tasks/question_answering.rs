//! Question answering with a text or a table.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::parse;
use crate::script::Script;

#[derive(Deserialize)]
struct TextRequest {
    inputs: Question,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Deserialize)]
struct Question {
    #[allow(dead_code, reason = "the field is required, but does not change the response")]
    question: String,
    context: String,
}

#[derive(Default, Deserialize)]
struct Parameters {
    top_k: Option<usize>,
}

#[derive(Deserialize)]
struct TableRequest {
    inputs: TableQuestion,
}

#[derive(Deserialize)]
struct TableQuestion {
    query: String,
    table: Map<String, Value>,
}

/// Returns the last word of the text: an object, or a list if more than one answer is requested.
pub(super) fn text(body: &[u8]) -> Result<Script, Script> {
    let TextRequest { inputs, parameters } = parse(body)?;
    let context = inputs.context.trim_end_matches(|c: char| !c.is_alphanumeric());
    let word = context.rsplit(' ').next().unwrap_or_default();
    let end = context.chars().count();
    let start = end.saturating_sub(word.chars().count());
    let answer = |score: f64| json!({ "score": score, "start": start, "end": end, "answer": word });
    let response = match parameters.top_k {
        None | Some(1) => answer(0.97),
        Some(count) => {
            let mut score = 1.0;
            let mut next = || {
                score /= 2.0;
                answer(score)
            };
            (0..count).map(|_| next()).collect()
        }
    };
    Ok(Script::json(200, response))
}

/// Returns the last cell of the row that the question mentions, as an object.
pub(super) fn table(body: &[u8]) -> Result<Script, Script> {
    let TableRequest { inputs } = parse(body)?;
    let cells = |column: &Value| -> Vec<String> {
        let cells = column.as_array().map(Vec::as_slice).unwrap_or_default();
        cells.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let columns: Vec<Vec<String>> = inputs.table.values().map(cells).collect();
    let first = columns.first().map(Vec::as_slice).unwrap_or_default();
    let row = first.iter().position(|cell| inputs.query.contains(cell.as_str())).unwrap_or(0);
    let column = columns.len().saturating_sub(1);
    let cell = columns.get(column).and_then(|cells| cells.get(row)).cloned().unwrap_or_default();
    let is_average = inputs.query.to_lowercase().contains("average");
    let mut response = json!({ "answer": cell, "coordinates": [[row, column]], "cells": [cell] });
    if let (true, Some(response)) = (is_average, response.as_object_mut()) {
        response.insert("answer".to_owned(), format!("AVERAGE > {cell}").into());
        response.insert("aggregator".to_owned(), "AVERAGE".into());
    }
    Ok(Script::json(200, response))
}
