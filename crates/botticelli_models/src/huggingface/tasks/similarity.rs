//! Sentence similarity: the task `sentence-similarity`.

use super::batches::in_batches;
use super::call::{Reply, TaskCall};
use super::driver::HuggingFaceTasks;
use super::route::TaskServer;
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{SimilarityRequest, SimilarityResponse, TaskMetadata};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::SimilarityDriver;
use serde::Serialize;
use std::ops::Range;

pub(super) const TASK: Task = Task {
    name: "sentence-similarity",
    aliases: &["feature-extraction"],
    providers: &["hf-inference"],
    is_openai: false,
};

#[derive(Serialize)]
struct SentenceSimilarity<'a> {
    inputs: Sentences<'a>,
}

#[derive(Serialize)]
struct Sentences<'a> {
    source_sentence: &'a str,
    sentences: &'a [String],
}

#[async_trait]
impl SimilarityDriver for HuggingFaceTasks {
    async fn similarity(&self, request: SimilarityRequest) -> Result<SimilarityResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &TASK, "SimilarityRequest", request.options()).await?;
        let count = request.sentences().len();
        let parts =
            in_batches(&call, self.batch_size, count, |range| compare(&call, &request, range)).await?;
        let (mut scores, mut facts) = (Vec::with_capacity(count), None);
        for (part, metadata) in parts {
            scores.extend(part);
            facts = TaskMetadata::merged(facts, metadata);
        }
        Ok(SimilarityResponse::new(scores).with_metadata(facts.unwrap_or_default()))
    }
}

async fn compare(
    call: &TaskCall<'_>,
    request: &SimilarityRequest,
    range: Range<usize>,
) -> Result<(Vec<f64>, TaskMetadata), BotticelliError> {
    let sentences = request.sentences().get(range).unwrap_or_default();
    let dto = SentenceSimilarity { inputs: Sentences { source_sentence: request.source(), sentences } };
    let path = match &call.route.server {
        TaskServer::Hosted => "/pipeline/sentence-similarity",
        TaskServer::Endpoint => "",
        TaskServer::Tei => "/similarity",
        TaskServer::OpenAi | TaskServer::Provider(_) => {
            let remedy = "call `EmbeddingDriver::embed` and `Embedding::cosine_similarity` instead";
            return Err(call.route.unsupported(call.task, remedy));
        }
    };
    let body = call.json(&dto, Some("parameters"))?;
    let read = |reply: &Reply<'_>| {
        let scores: Vec<f64> = reply.parse()?;
        if scores.len() == sentences.len() {
            return Ok(scores);
        }
        Err(reply.invalid(&format!("{} scores for {} sentences", scores.len(), sentences.len())))
    };
    let (scores, metadata) = call.post(&call.url(path)?, &body, read).await?;
    Ok((scores, call.with_usage(metadata, None, None)))
}
