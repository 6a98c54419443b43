//! Embeddings: the task `feature-extraction`.

use super::batches::in_batches;
use super::call::{Reply, TaskCall};
use super::driver::HuggingFaceTasks;
use super::route::TaskServer;
use super::task::Task;
use super::vectors::Nested;
use crate::huggingface::dto::HuggingFaceUsage;
use async_trait::async_trait;
use botticelli_core::tasks::{
    Embedding, EmbeddingEncoding, EmbeddingRequest, EmbeddingResponse, TaskMetadata, TruncationDirection,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::EmbeddingDriver;
use serde::{Deserialize, Serialize};
use std::ops::Range;

pub(super) const TASK: Task = Task {
    name: "feature-extraction",
    aliases: &["sentence-similarity"],
    providers: &["hf-inference", "together", "scaleway", "deepinfra"],
    is_openai: true,
};

/// The settings of texts that become vectors.
#[derive(Clone, Copy, Serialize)]
pub(super) struct TextSettings<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prompt_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) truncate: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) truncation_direction: Option<TruncationDirection>,
}

/// The settings of vectors.
#[derive(Clone, Copy, Serialize)]
struct VectorSettings<'a> {
    #[serde(flatten)]
    text: TextSettings<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    normalize: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_format: Option<EmbeddingEncoding>,
}

/// The request of Hugging Face's own servers and of text-embeddings-inference. The parameters are next to the texts.
#[derive(Serialize)]
struct FeatureExtraction<'a> {
    inputs: &'a [String],
    #[serde(flatten)]
    settings: VectorSettings<'a>,
}

/// The request of OpenAI's API. Servers that do not know some of the settings ignore them.
#[derive(Serialize)]
struct OpenAiEmbeddings<'a> {
    model: &'a str,
    input: &'a [String],
    #[serde(flatten)]
    settings: VectorSettings<'a>,
}

/// A response that is an object: OpenAI's `data`, or the `embeddings` of other servers.
#[derive(Deserialize)]
struct Object {
    #[serde(alias = "embeddings", alias = "embedding")]
    data: Nested,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    usage: Option<HuggingFaceUsage>,
}

#[async_trait]
impl EmbeddingDriver for HuggingFaceTasks {
    async fn embed(&self, request: EmbeddingRequest) -> Result<EmbeddingResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &TASK, "EmbeddingRequest", request.options()).await?;
        let inputs = request.inputs();
        let parts =
            in_batches(&call, self.batch_size, inputs.len(), |range| embed_range(&call, &request, range))
                .await?;
        let (mut embeddings, mut facts) = (Vec::with_capacity(inputs.len()), None);
        for (part, metadata) in parts {
            embeddings.extend(part);
            facts = TaskMetadata::merged(facts, metadata);
        }
        Ok(EmbeddingResponse::new(embeddings).with_metadata(facts.unwrap_or_default()))
    }
}

async fn embed_range(
    call: &TaskCall<'_>,
    request: &EmbeddingRequest,
    range: Range<usize>,
) -> Result<(Vec<Embedding>, TaskMetadata), BotticelliError> {
    let inputs = request.inputs().get(range).unwrap_or_default();
    let text = TextSettings {
        prompt_name: request.prompt_name(),
        truncate: request.truncate(),
        truncation_direction: request.truncation_direction(),
    };
    let settings = VectorSettings {
        text,
        normalize: request.normalize(),
        dimensions: request.dimensions(),
        encoding_format: request.encoding(),
    };
    let native = |settings| call.json(&FeatureExtraction { inputs, settings }, None);
    let (path, body) = match &call.route.server {
        TaskServer::Hosted => ("/pipeline/feature-extraction", native(settings)?),
        TaskServer::Endpoint => ("", native(settings)?),
        TaskServer::Tei => ("/embed", native(VectorSettings { encoding_format: None, ..settings })?),
        server @ (TaskServer::OpenAi | TaskServer::Provider(_)) => {
            let path = match server {
                TaskServer::Provider(name) if name == "deepinfra" => "/v1/openai/embeddings",
                TaskServer::Provider(_) => "/v1/embeddings",
                _ => "/embeddings",
            };
            let dto = OpenAiEmbeddings { model: &call.route.model, input: inputs, settings };
            (path, call.json(&dto, None)?)
        }
    };
    let read = |reply: &Reply<'_>| read(reply, inputs.len());
    let ((embeddings, model, usage), metadata) = call.post(&call.url(path)?, &body, read).await?;
    Ok((embeddings, call.with_usage(metadata, model, usage.as_ref())))
}

type Found = (Vec<Embedding>, Option<String>, Option<HuggingFaceUsage>);

/// Reads the embeddings of `count` texts, in any shape.
fn read(reply: &Reply<'_>, count: usize) -> Result<Found, BotticelliError> {
    let (lists, model, usage) = if reply.text.starts_with('{') {
        let Object { data, model, usage } = reply.parse()?;
        (data, model, usage)
    } else {
        (reply.parse()?, None, None)
    };
    let embeddings = from_lists(lists, count, reply)?;
    if embeddings.len() != count {
        return Err(reply.invalid(&format!("{} embeddings for {count} texts", embeddings.len())));
    }
    if embeddings.iter().any(|embedding| embedding.dimensions() == 0) {
        return Err(reply.invalid("an embedding is empty"));
    }
    Ok((embeddings, model, usage))
}

/// Returns the embeddings of nested lists: `[f]` for one text, `[[f]]` for texts, `[[[f]]]` for texts with a vector for each token, and
/// `[[[[f]]]]` for the same with a list around each text. Entries with an index are sorted.
fn from_lists(lists: Nested, count: usize, reply: &Reply<'_>) -> Result<Vec<Embedding>, BotticelliError> {
    let lists = match lists {
        Nested::Vector(vector) => return Ok(vec![Embedding::Text(vector)]),
        // One text with a vector for each token, without a list around it.
        lists @ Nested::Lists(_) if count == 1 && is_matrix(&lists) => {
            return Ok(vec![from_nested(lists, reply)?]);
        }
        Nested::Lists(lists) => in_order(lists, reply)?,
        Nested::Number(_) | Nested::Entry(..) => {
            return Err(reply.invalid("a value in place of the list of embeddings"));
        }
    };
    lists.into_iter().map(|list| from_nested(list, reply)).collect()
}

/// Sorts entries by their index. Some servers write none.
fn in_order(mut lists: Vec<Nested>, reply: &Reply<'_>) -> Result<Vec<Nested>, BotticelliError> {
    let index = |list: &Nested| match list {
        Nested::Entry(index, _) => *index,
        Nested::Number(_) | Nested::Vector(_) | Nested::Lists(_) => None,
    };
    if lists.iter().any(|list| index(list).is_some()) {
        lists.sort_by_key(index);
        if !lists.iter().enumerate().all(|(place, list)| index(list) == Some(place)) {
            return Err(reply.invalid("the indexes of the embeddings have gaps or repetitions"));
        }
    }
    Ok(lists)
}

/// Returns whether the value is two or more vectors.
fn is_matrix(lists: &Nested) -> bool {
    match lists {
        Nested::Lists(lists) => lists.len() > 1 && lists.iter().all(|list| matches!(list, Nested::Vector(_))),
        Nested::Number(_) | Nested::Vector(_) | Nested::Entry(..) => false,
    }
}

/// Returns the embedding of one text.
fn from_nested(nested: Nested, reply: &Reply<'_>) -> Result<Embedding, BotticelliError> {
    let mut lists = match nested {
        Nested::Vector(vector) => return Ok(Embedding::Text(vector)),
        // llama.cpp writes the vector in one more list.
        Nested::Entry(_, embedding) => {
            return Ok(match from_nested(*embedding, reply)? {
                Embedding::Tokens(mut vectors) if vectors.len() == 1 => {
                    Embedding::Text(vectors.pop().unwrap_or_default())
                }
                embedding => embedding,
            });
        }
        Nested::Lists(lists) => lists,
        Nested::Number(_) => return Err(reply.invalid("a number in place of an embedding")),
    };
    // A list around the vectors of one text.
    if let [Nested::Lists(_)] = lists.as_slice()
        && let Some(Nested::Lists(inner)) = lists.pop()
    {
        lists = inner;
    }
    let vectors = lists.into_iter().map(|list| match list {
        Nested::Vector(vector) => Ok(vector),
        Nested::Number(_) | Nested::Lists(_) | Nested::Entry(..) => {
            Err(reply.invalid("the embeddings are nested too deeply, or with different depths"))
        }
    });
    Ok(Embedding::Tokens(vectors.collect::<Result<_, _>>()?))
}
