//! Embeddings.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bytes::encoded;
use super::endpoint::{TaskEndpoint, TaskServer};
use super::input::{Texts, check, parse};
use super::models::{TaskBehavior, TaskModel};
use super::vectors::{DIMENSIONS, of_text, of_tokens};
use crate::error_response;
use crate::json::encode;
use crate::script::Script;

/// The request of hf-inference and of text-embeddings-inference.
#[derive(Deserialize)]
struct NativeRequest {
    inputs: Texts,
    dimensions: Option<usize>,
    truncate: Option<bool>,
    encoding_format: Option<String>,
}

#[derive(Deserialize)]
struct OpenAiRequest {
    model: Option<String>,
    input: Texts,
    dimensions: Option<usize>,
    truncate: Option<bool>,
    encoding_format: Option<String>,
}

#[derive(Serialize)]
struct OpenAiEntry {
    object: &'static str,
    index: usize,
    embedding: Value,
}

/// Returns vectors as nested lists.
pub(super) fn native(
    endpoint: &TaskEndpoint,
    model: Option<&TaskModel>,
    body: &[u8],
) -> Result<Script, Script> {
    let request: NativeRequest = parse(body)?;
    let texts = request.inputs.as_slice();
    check(texts, request.truncate == Some(true))?;
    let dimensions = request.dimensions.unwrap_or(DIMENSIONS);
    let behavior = model.map_or(TaskBehavior::Normal, |model| model.behavior);
    let is_hosted = matches!(endpoint.server, TaskServer::Hosted(_));
    if endpoint.is_unpooled {
        let vectors: Vec<_> = texts.iter().map(|text| of_tokens(text, dimensions)).collect();
        return Ok(Script::json(200, encode(&vectors)));
    }
    if behavior == TaskBehavior::Unpooled {
        let vectors: Vec<_> = texts.iter().map(|text| [of_tokens(text, dimensions)]).collect();
        // One text has no list around it, as in the recordings.
        return Ok(match (&request.inputs, vectors.as_slice()) {
            (Texts::One(_), [one]) => Script::json(200, encode(one)),
            _ => Script::json(200, encode(&vectors)),
        });
    }
    let mut vectors: Vec<_> = texts.iter().map(|text| of_text(text, dimensions)).collect();
    if behavior == TaskBehavior::Incomplete {
        vectors.pop();
    }
    let is_base64 = request.encoding_format.as_deref() == Some("base64");
    Ok(match (&request.inputs, vectors.as_slice()) {
        (Texts::One(_), [one]) if is_hosted => Script::json(200, encode(one)),
        _ if is_base64 => {
            Script::json(200, encode(&vectors.iter().map(|v| base64_of(v)).collect::<Vec<_>>()))
        }
        _ => Script::json(200, encode(&vectors)),
    })
}

/// Returns the weights of the words of each text, the heaviest first, as text-embeddings-inference does not sort them by their index.
pub(super) fn sparse(body: &[u8]) -> Result<Script, Script> {
    let request: NativeRequest = parse(body)?;
    let texts = request.inputs.as_slice();
    check(texts, request.truncate == Some(true))?;
    let weights = |text: &String| {
        let vector = of_text(text, DIMENSIONS);
        let mut entries: Vec<_> = vector.iter().enumerate().filter(|(_, value)| **value != 0.0).collect();
        entries.sort_by(|(_, left), (_, right)| right.total_cmp(left));
        entries.iter().map(|(index, value)| json!({ "index": index, "value": value })).collect::<Vec<_>>()
    };
    Ok(Script::json(200, encode(&texts.iter().map(weights).collect::<Vec<_>>())))
}

/// Returns vectors in the form of `OpenAI`'s API. The entries are in reverse order, because clients must sort them.
pub(super) fn openai(endpoint: &TaskEndpoint, body: &[u8]) -> Result<Script, Script> {
    let request: OpenAiRequest = parse(body)?;
    let name = request.model.clone().ok_or_else(error_response::model_missing)?;
    if let TaskServer::Provider { name: provider, .. } = &endpoint.server
        && TaskModel::at_provider(provider, &name).is_none()
    {
        return Err(error_response::not_by_provider(provider));
    }
    let texts = request.input.as_slice();
    check(texts, request.truncate == Some(true))?;
    let dimensions = request.dimensions.unwrap_or(DIMENSIONS);
    let entry = |(index, text): (usize, &String)| {
        let vector = of_text(text, dimensions);
        let embedding = match request.encoding_format.as_deref() {
            Some("base64") => Value::from(base64_of(&vector)),
            _ => json!(vector),
        };
        OpenAiEntry { object: "embedding", index, embedding }
    };
    let mut data: Vec<_> = texts.iter().enumerate().map(entry).collect();
    data.reverse();
    let tokens: usize = texts.iter().map(|text| text.split_whitespace().count().saturating_add(2)).sum();
    let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
    let response = json!({ "object": "list", "data": data, "model": name, "usage": usage });
    Ok(Script::json(200, response))
}

/// Returns the base64 of little-endian 32-bit floats.
fn base64_of(vector: &[f32]) -> String {
    encoded(&vector.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}
