//! Reranking.

use serde::Deserialize;
use serde_json::{Value, json};

use super::endpoint::TaskServer;
use super::input::{check, parse};
use super::vectors::similarity;
use crate::script::Script;

#[derive(Deserialize)]
struct TeiRequest {
    query: String,
    texts: Vec<String>,
    truncate: Option<bool>,
    raw_scores: Option<bool>,
}

#[derive(Deserialize)]
struct CohereRequest {
    model: String,
    query: String,
    documents: Vec<String>,
    top_n: Option<usize>,
}

#[derive(Deserialize)]
struct PairsRequest {
    inputs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    text: String,
    text_pair: String,
}

/// Returns the documents with their scores, the best one first. hf-inference keeps the order.
pub(super) fn respond(server: &TaskServer, body: &[u8]) -> Result<Script, Script> {
    match server {
        TaskServer::Hosted(_) => {
            let PairsRequest { inputs } = parse(body)?;
            let texts: Vec<String> = inputs.iter().map(|pair| pair.text_pair.clone()).collect();
            check(&texts, false)?;
            let label = |pair: &Pair| json!([{ "label": "LABEL_0", "score": similarity(&pair.text, &pair.text_pair) }]);
            Ok(Script::json(200, inputs.iter().map(label).collect::<Value>()))
        }
        TaskServer::Tei => {
            let request: TeiRequest = parse(body)?;
            check(&request.texts, request.truncate == Some(true))?;
            let scale = if request.raw_scores == Some(true) { 10.0 } else { 1.0 };
            let ranked = ranked(&request.query, &request.texts);
            let entry = |(index, score): (usize, f64)| json!({ "index": index, "score": score * scale });
            Ok(Script::json(200, ranked.into_iter().map(entry).collect::<Value>()))
        }
        TaskServer::OpenAi | TaskServer::Provider { .. } => {
            let request: CohereRequest = parse(body)?;
            check(&request.documents, false)?;
            let mut ranked = ranked(&request.query, &request.documents);
            ranked.truncate(request.top_n.unwrap_or(usize::MAX));
            let entry = |(index, score): (usize, f64)| json!({ "index": index, "relevance_score": score });
            let results: Value = ranked.into_iter().map(entry).collect();
            let usage = json!({ "prompt_tokens": 12, "total_tokens": 12 });
            let response =
                json!({ "model": request.model, "object": "list", "usage": usage, "results": results });
            Ok(Script::json(200, response))
        }
    }
}

fn ranked(query: &str, texts: &[String]) -> Vec<(usize, f64)> {
    let mut ranked: Vec<(usize, f64)> =
        texts.iter().map(|text| similarity(query, text)).enumerate().collect();
    ranked.sort_by(|left, right| right.1.total_cmp(&left.1));
    ranked
}
