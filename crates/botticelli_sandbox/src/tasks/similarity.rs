//! Sentence similarity.

use serde::Deserialize;

use super::input::{check, parse};
use super::vectors::similarity;
use crate::json::encode;
use crate::script::Script;

#[derive(Deserialize)]
struct Request {
    inputs: Sentences,
}

#[derive(Deserialize)]
struct Sentences {
    source_sentence: String,
    sentences: Vec<String>,
}

/// Returns one score for each sentence.
pub(super) fn respond(body: &[u8]) -> Result<Script, Script> {
    let Request { inputs } = parse(body)?;
    check(&inputs.sentences, false)?;
    let scores: Vec<f64> =
        inputs.sentences.iter().map(|sentence| similarity(&inputs.source_sentence, sentence)).collect();
    Ok(Script::json(200, encode(&scores)))
}
