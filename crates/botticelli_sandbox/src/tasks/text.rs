//! Fill mask, summarization, translation.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{Texts, check, parse};
use crate::error_response;
use crate::script::Script;

#[derive(Deserialize)]
struct MaskRequest {
    inputs: String,
    #[serde(default)]
    parameters: MaskParameters,
}

#[derive(Default, Deserialize)]
struct MaskParameters {
    top_k: Option<usize>,
    #[serde(default)]
    targets: Vec<String>,
}

#[derive(Deserialize)]
struct TextRequest {
    inputs: Texts,
}

const MASK: &str = "[MASK]";

/// Returns words for each mask. Several masks have a list each.
pub(super) fn fill_mask(body: &[u8]) -> Result<Script, Script> {
    const WORDS: [&str; 6] = ["the", "hello", "new", "our", "this", "old"];
    let MaskRequest { inputs, parameters } = parse(body)?;
    let masks = inputs.matches(MASK).count();
    if masks == 0 {
        return Err(error_response::plain(400, "No mask_token ([MASK]) found on the input"));
    }
    let words: Vec<&str> = match parameters.targets.as_slice() {
        [] => WORDS.to_vec(),
        targets => targets.iter().map(String::as_str).collect(),
    };
    let fills = |mask: usize| -> Value {
        let mut score = 0.6;
        let fill = |(token, word): (usize, &&str)| {
            score /= 2.0;
            let parts: Vec<&str> = inputs.split(MASK).collect();
            let mut sequence = String::new();
            for (at, part) in parts.iter().enumerate() {
                sequence.push_str(part);
                if at.saturating_add(1) < parts.len() {
                    sequence.push_str(if at == mask { word } else { MASK });
                }
            }
            json!({ "score": score, "token": token + 1996, "token_str": word, "sequence": sequence })
        };
        words.iter().take(parameters.top_k.unwrap_or(5)).enumerate().map(fill).collect()
    };
    let response = if masks == 1 { fills(0) } else { (0..masks).map(fills).collect() };
    Ok(Script::json(200, response))
}

/// Returns the first words of each text.
pub(super) fn summarize(body: &[u8]) -> Result<Script, Script> {
    each(body, "summary_text", |text| text.split_whitespace().take(6).collect::<Vec<_>>().join(" "))
}

/// Returns each text with its words in reverse order.
pub(super) fn translate(body: &[u8]) -> Result<Script, Script> {
    each(body, "translation_text", |text| text.split_whitespace().rev().collect::<Vec<_>>().join(" "))
}

fn each(body: &[u8], field: &str, change: impl Fn(&str) -> String) -> Result<Script, Script> {
    let TextRequest { inputs } = parse(body)?;
    check(inputs.as_slice(), false)?;
    let response: Value = inputs.as_slice().iter().map(|text| json!({ field: change(text) })).collect();
    Ok(Script::json(200, response))
}
