//! Reranking: `/rerank`, or pairs of texts for the task `text-classification`.

use super::batches::in_batches;
use super::call::{Reply, TaskCall};
use super::driver::HuggingFaceTasks;
use super::route::TaskServer;
use super::task::Task;
use crate::huggingface::dto::HuggingFaceUsage;
use async_trait::async_trait;
use botticelli_core::tasks::{RankedDocument, RerankRequest, RerankResponse, TaskMetadata};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::RerankDriver;
use serde::{Deserialize, Serialize};
use std::ops::Range;

pub(super) const TASK: Task = Task {
    name: "text-ranking",
    aliases: &["text-classification", "sentence-similarity"],
    providers: &["hf-inference"],
    is_openai: false,
};

/// The request of text-embeddings-inference.
#[derive(Serialize)]
struct TeiRerank<'a> {
    query: &'a str,
    texts: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_scores: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<bool>,
}

/// The request of Cohere's API, which llama.cpp, vLLM and others copy.
#[derive(Serialize)]
struct CohereRerank<'a> {
    model: &'a str,
    query: &'a str,
    documents: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    top_n: Option<u32>,
}

/// The request of Hugging Face's own servers: one pair of texts for each document.
#[derive(Serialize)]
struct Pairs<'a> {
    inputs: Vec<Pair<'a>>,
}

#[derive(Serialize)]
struct Pair<'a> {
    text: &'a str,
    text_pair: &'a str,
}

#[derive(Deserialize)]
struct Ranked {
    index: usize,
    #[serde(alias = "relevance_score")]
    score: f64,
}

#[derive(Deserialize)]
struct Results {
    #[serde(alias = "data")]
    results: Vec<Ranked>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    usage: Option<HuggingFaceUsage>,
}

#[derive(Deserialize)]
struct Score {
    score: f64,
}

/// Labels of one pair. A cross-encoder has one label, but servers differ in the lists around it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Labels {
    One(Score),
    Many(Vec<Score>),
}

type Found = (Vec<Ranked>, Option<String>, Option<HuggingFaceUsage>);

#[async_trait]
impl RerankDriver for HuggingFaceTasks {
    async fn rerank(&self, request: RerankRequest) -> Result<RerankResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &TASK, "RerankRequest", request.options()).await?;
        let count = request.documents().len();
        let parts = in_batches(&call, self.batch_size, count, |range| rank(&call, &request, range)).await?;
        let (mut documents, mut facts) = (Vec::with_capacity(count), None);
        for (part, metadata) in parts {
            documents.extend(part);
            facts = TaskMetadata::merged(facts, metadata);
        }
        let response = RerankResponse::new(documents).with_metadata(facts.unwrap_or_default());
        Ok(match request.top_n() {
            Some(most) => response.truncated(usize::try_from(most).unwrap_or(usize::MAX)),
            None => response,
        })
    }
}

async fn rank(
    call: &TaskCall<'_>,
    request: &RerankRequest,
    range: Range<usize>,
) -> Result<(Vec<RankedDocument>, TaskMetadata), BotticelliError> {
    let first = range.start;
    let texts = request.documents().get(range).unwrap_or_default();
    let (query, truncate, raw_scores) = (request.query(), request.truncate(), request.raw_scores());
    let (path, body, is_partial) = match &call.route.server {
        TaskServer::Hosted => {
            let inputs = texts.iter().map(|text_pair| Pair { text: query, text_pair }).collect();
            ("", call.json(&Pairs { inputs }, Some("parameters"))?, false)
        }
        TaskServer::Endpoint | TaskServer::Tei => {
            ("/rerank", call.json(&TeiRerank { query, texts, raw_scores, truncate }, None)?, false)
        }
        TaskServer::OpenAi => {
            let top_n = request.top_n();
            let dto = CohereRerank { model: &call.route.model, query, documents: texts, top_n };
            ("/rerank", call.json(&dto, None)?, top_n.is_some())
        }
        TaskServer::Provider(_) => {
            let remedy = "use the provider hf-inference, or a server with `/rerank`";
            return Err(call.route.unsupported(call.task, remedy));
        }
    };
    let read = |reply: &Reply<'_>| read(reply, texts.len(), is_partial);
    let ((ranked, model, usage), metadata) = call.post(&call.url(path)?, &body, read).await?;
    let document = |ranked: Ranked| RankedDocument::new(first.saturating_add(ranked.index), ranked.score);
    let documents = ranked.into_iter().map(document).collect();
    Ok((documents, call.with_usage(metadata, model, usage.as_ref())))
}

/// Reads the scores of `count` documents, or of fewer ones if `is_partial`.
fn read(reply: &Reply<'_>, count: usize, is_partial: bool) -> Result<Found, BotticelliError> {
    let (ranked, model, usage) = if reply.text.starts_with('{') {
        let Results { results, model, usage } = reply.parse()?;
        (results, model, usage)
    } else if reply.text.contains("\"index\"") {
        (reply.parse()?, None, None)
    } else {
        (from_labels(reply, count)?, None, None)
    };
    let mut indexes: Vec<usize> = ranked.iter().map(|ranked| ranked.index).collect();
    indexes.sort_unstable();
    indexes.dedup();
    let is_valid = indexes.len() == ranked.len() && indexes.last().is_none_or(|last| *last < count);
    if !is_valid || (!is_partial && ranked.len() != count) {
        return Err(reply.invalid(&format!("{} scores for {count} documents", ranked.len())));
    }
    Ok((ranked, model, usage))
}

fn from_labels(reply: &Reply<'_>, count: usize) -> Result<Vec<Ranked>, BotticelliError> {
    let labels: Vec<Labels> = reply.parse()?;
    let mut scores = Vec::with_capacity(count);
    for labels in labels {
        match labels {
            Labels::One(score) => scores.push(score.score),
            // One list around the labels of all pairs.
            Labels::Many(all) if all.len() == count && count > 1 => {
                scores.extend(all.iter().map(|score| score.score));
            }
            Labels::Many(all) => scores.extend(all.first().map(|score| score.score)),
        }
    }
    let ranked = |(index, score)| Ranked { index, score };
    Ok(scores.into_iter().enumerate().map(ranked).collect())
}
