//! Text, zero-shot and token classification.

use serde::Deserialize;
use serde_json::{Value, json};

use super::endpoint::TaskServer;
use super::input::{Texts, check, parse};
use super::vectors::similarity;
use crate::error_response::validation;
use crate::script::Script;

#[derive(Deserialize)]
struct Request<P> {
    inputs: Texts,
    #[serde(default)]
    parameters: P,
}

#[derive(Default, Deserialize)]
struct TextParameters {
    top_k: Option<usize>,
}

#[derive(Default, Deserialize)]
struct ZeroShotParameters {
    #[serde(default)]
    candidate_labels: Vec<String>,
    multi_label: Option<bool>,
}

#[derive(Default, Deserialize)]
struct TokenParameters {
    aggregation_strategy: Option<String>,
    #[serde(default)]
    ignore_labels: Vec<String>,
}

/// The request of text-embeddings-inference: a text, a pair of texts, or a list of those.
#[derive(Deserialize)]
#[serde(untagged)]
enum Predictions {
    One(String),
    Pair(Vec<String>),
    Many(Vec<Vec<String>>),
}

#[derive(Deserialize)]
struct PredictRequest {
    inputs: Predictions,
}

/// Returns the labels of a text, the best one first.
fn labels(text: &str) -> Vec<Value> {
    const GOOD: &str = "good like love great nice happy";
    const BAD: &str = "bad hate awful poor sad angry";
    let (good, bad) = (similarity(text, GOOD), similarity(text, BAD));
    let positive = 0.5 + (good - bad) / 2.0;
    let label = |name: &str, score: f64| json!({ "label": name, "score": score });
    let mut labels = vec![label("POSITIVE", positive), label("NEGATIVE", 1.0 - positive)];
    if positive < 0.5 {
        labels.reverse();
    }
    labels
}

/// Returns the labels of each text, in a list even for one text. Two texts in a list are a pair, as for text-embeddings-inference.
pub(super) fn text(server: &TaskServer, body: &[u8]) -> Result<Script, Script> {
    if *server == TaskServer::Tei {
        let PredictRequest { inputs } = parse(body)?;
        let response = match inputs {
            Predictions::One(text) => Value::from(labels(&text)),
            Predictions::Pair(texts) => Value::from(labels(&texts.concat())),
            Predictions::Many(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| text.concat()).collect();
                check(&texts, false)?;
                texts.iter().map(|text| labels(text)).collect()
            }
        };
        return Ok(Script::json(200, response));
    }
    let Request { inputs, parameters } = parse::<Request<TextParameters>>(body)?;
    check(inputs.as_slice(), false)?;
    let most = parameters.top_k.unwrap_or(usize::MAX);
    let best = |text: &str| labels(text).into_iter().take(most).collect::<Value>();
    let response: Value = match &inputs {
        Texts::Many(texts) if texts.len() == 2 => [best(&texts.concat())].into_iter().collect(),
        texts => texts.as_slice().iter().map(|text| best(text)).collect(),
    };
    Ok(Script::json(200, response))
}

/// Returns the scores of the labels: as a list for one text, and in the older form for a list of texts.
pub(super) fn zero_shot(body: &[u8]) -> Result<Script, Script> {
    let Request { inputs, parameters } = parse::<Request<ZeroShotParameters>>(body)?;
    check(inputs.as_slice(), false)?;
    let names = &parameters.candidate_labels;
    if names.is_empty() {
        return Err(validation("`candidate_labels` is required"));
    }
    let scores = |text: &str| {
        let mut scores: Vec<(String, f64)> =
            names.iter().map(|name| (name.clone(), 0.01 + similarity(text, name))).collect();
        let total: f64 = scores.iter().map(|(_, score)| score).sum();
        if parameters.multi_label != Some(true) {
            for (_, score) in &mut scores {
                *score /= total;
            }
        }
        scores.sort_by(|left, right| right.1.total_cmp(&left.1));
        scores
    };
    let response: Value = match &inputs {
        Texts::One(text) => {
            scores(text).into_iter().map(|(label, score)| json!({ "label": label, "score": score })).collect()
        }
        Texts::Many(texts) => {
            let entry = |text: &String| {
                let (labels, scores): (Vec<_>, Vec<_>) = scores(text).into_iter().unzip();
                json!({ "sequence": text, "labels": labels, "scores": scores })
            };
            texts.iter().map(entry).collect()
        }
    };
    Ok(Script::json(200, response))
}

/// Returns the words with a capital letter, as persons. Neighbors are joined unless the strategy is `none`.
pub(super) fn tokens(body: &[u8]) -> Result<Script, Script> {
    let Request { inputs, parameters } = parse::<Request<TokenParameters>>(body)?;
    check(inputs.as_slice(), false)?;
    let is_joined = parameters.aggregation_strategy.as_deref() != Some("none");
    let key = if is_joined { "entity_group" } else { "entity" };
    let entities = |text: &str| -> Value {
        let mut found: Vec<(usize, usize, String)> = Vec::new();
        let mut at = 0_usize;
        for word in text.split(' ') {
            let end = at.saturating_add(word.chars().count());
            if word.chars().next().is_some_and(char::is_uppercase) {
                match found.last_mut().filter(|(_, last, _)| is_joined && last.saturating_add(1) == at) {
                    Some((_, last, words)) => {
                        *last = end;
                        words.push(' ');
                        words.push_str(word);
                    }
                    None => found.push((at, end, word.to_owned())),
                }
            }
            at = end.saturating_add(1);
        }
        found.retain(|_| !parameters.ignore_labels.iter().any(|label| label == "PER"));
        let entity = |(start, end, word): (usize, usize, String)| json!({ key: "PER", "score": 0.999, "word": word, "start": start, "end": end });
        found.into_iter().map(entity).collect()
    };
    let response = match &inputs {
        Texts::One(text) => entities(text),
        Texts::Many(texts) => texts.iter().map(|text| entities(text)).collect(),
    };
    Ok(Script::json(200, response))
}
