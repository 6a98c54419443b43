//! Sparse embeddings, which only text-embeddings-inference has.

use super::batches::in_batches;
use super::call::{Reply, TaskCall};
use super::driver::HuggingFaceTasks;
use super::embedding::TextSettings;
use super::route::TaskServer;
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{SparseEmbedding, SparseEmbeddingRequest, SparseEmbeddingResponse};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::SparseEmbeddingDriver;
use serde::{Deserialize, Serialize};

/// The Hub lists these models under the name of embeddings.
pub(super) const TASK: Task = Task { providers: &[], ..Task::hosted("feature-extraction") };

#[derive(Serialize)]
struct SparseRequest<'a> {
    inputs: &'a [String],
    #[serde(flatten)]
    settings: TextSettings<'a>,
}

#[derive(Deserialize)]
struct EntryDto {
    index: u32,
    value: f32,
}

#[async_trait]
impl SparseEmbeddingDriver for HuggingFaceTasks {
    async fn embed_sparse(
        &self,
        request: SparseEmbeddingRequest,
    ) -> Result<SparseEmbeddingResponse, BotticelliError> {
        request.validate()?;
        let call = &TaskCall::start(self, &TASK, "SparseEmbeddingRequest", request.options()).await?;
        if !matches!(call.route.server, TaskServer::Tei | TaskServer::Endpoint) {
            let remedy = "use a server of text-embeddings-inference (`TaskApi::Tei`)";
            return Err(call.route.unsupported(&TASK, remedy));
        }
        let url = &call.url("/embed_sparse")?;
        let settings = TextSettings {
            prompt_name: request.prompt_name(),
            truncate: request.truncate(),
            truncation_direction: request.truncation_direction(),
        };
        let part = |range| {
            let inputs = request.inputs().get(range).unwrap_or_default();
            let body = call.json(&SparseRequest { inputs, settings }, None);
            async move { call.post(url, &body?, |reply| read(reply, inputs.len())).await }
        };
        let parts = in_batches(call, self.batch_size, request.inputs().len(), part).await?;
        let (embeddings, facts) = call.join(parts);
        Ok(SparseEmbeddingResponse::new(embeddings).with_metadata(facts))
    }
}

/// Reads the sparse embeddings of `count` texts.
fn read(reply: &Reply<'_>, count: usize) -> Result<Vec<SparseEmbedding>, BotticelliError> {
    let lists: Vec<Vec<EntryDto>> = reply.parse()?;
    if lists.len() != count {
        return Err(reply.invalid(&format!("{} embeddings for {count} texts", lists.len())));
    }
    let mut embeddings = Vec::with_capacity(count);
    for list in lists {
        let embedding = SparseEmbedding::new(list.into_iter().map(|entry| (entry.index, entry.value)));
        if embedding.indices().windows(2).any(|pair| matches!(pair, [left, right] if left == right)) {
            return Err(reply.invalid("an embedding has an index twice"));
        }
        embeddings.push(embedding);
    }
    Ok(embeddings)
}
