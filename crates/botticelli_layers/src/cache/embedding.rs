//! A driver of embeddings with a cache: each text has its own entry.

use super::cached::Cached;
use super::entry::json_entry;
use super::key::{CacheLookup, task_lookup};
use super::mode::CacheMode;
use super::responses::SEND;
use crate::total_limit::Deadline;
use async_trait::async_trait;
use botticelli_core::tasks::{Embedding, EmbeddingRequest, EmbeddingResponse, TaskMetadata};
use botticelli_core::{Cost, GenerateResponse, Timings};
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
use botticelli_interface::tasks::{EmbeddingDriver, TaskDriver};
use futures::{StreamExt, stream};
use std::collections::HashMap;

/// Number of lookups at the same time, which matters for a server.
const LOOKUPS: usize = 32;

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<D: EmbeddingDriver> EmbeddingDriver for Cached<D> {
    async fn embed(&self, request: EmbeddingRequest) -> Result<EmbeddingResponse, BotticelliError> {
        let cache = self.cache();
        cache.validate()?;
        request.validate()?;
        let begin = cache.clock.now();
        let deadline = Deadline::of_timeouts(request.options().timeouts(), &*cache.clock);
        let texts = distinct(request.inputs());
        let lookups = lookups(self, &request, &texts);
        let found = lookups.iter().map(|lookup| async {
            match lookup {
                Some(lookup) => cache.find(lookup, &deadline).await,
                None => None,
            }
        });
        // Collected, because a closure in the stream would make the future of this function not `Send`.
        let found: Vec<_> = found.collect();
        let found: Vec<Option<GenerateResponse>> = stream::iter(found).buffered(LOOKUPS).collect().await;
        let (mut known, mut missing, mut first) = (HashMap::new(), Vec::new(), None);
        for ((text, lookup), response) in texts.iter().zip(lookups).zip(found) {
            match response.as_ref().and_then(decode) {
                Some(embedding) => {
                    first = first.or(response);
                    known.insert(*text, embedding);
                }
                None => missing.push((*text, lookup)),
            }
        }
        if cache.mode == CacheMode::Only && !missing.is_empty() {
            return Err(cache.no_response(SEND));
        }
        let cached_inputs = request.inputs().iter().filter(|text| known.contains_key(text.as_str())).count();
        let metadata = if missing.is_empty() {
            metadata_of(first.as_ref(), request.options().model().unwrap_or(self.model_name()))
        } else {
            let sent = request.clone().with_inputs(missing.iter().map(|(text, _)| *text));
            let left = deadline.left(&*cache.clock);
            let sent = match (sent.options().timeouts(), left) {
                (Some(timeouts), Some(left)) => sent.with_timeouts(timeouts.with_total(left)),
                _ => sent,
            };
            let response = self.inner().embed(sent).await?;
            let mut metadata = response.metadata().clone();
            let embeddings = response.into_embeddings();
            if embeddings.len() != missing.len() {
                let beginning = format!("{} embeddings for {} texts", embeddings.len(), missing.len());
                let kind = JsonErrorKind::Unreadable { what: "response", beginning };
                return Err(JsonError::new(kind, self.provider_name()).into());
            }
            for ((text, lookup), embedding) in missing.into_iter().zip(embeddings) {
                if let (Some(lookup), Some(entry)) =
                    (lookup, json_entry(&embedding, metadata.model(), u64::MAX))
                {
                    let kept = cache.keep(&lookup, entry, &deadline).await;
                    metadata = kept.warnings().iter().fold(metadata, TaskMetadata::with_warning);
                }
                known.insert(text, embedding);
            }
            metadata
        };
        let elapsed = cache.clock.now().saturating_duration_since(begin);
        let metadata =
            metadata.with_cached_inputs(cached_inputs).with_timings(Timings::new(None, Some(elapsed)));
        let embeddings = request.inputs().iter().filter_map(|text| known.get(text.as_str()).cloned());
        Ok(EmbeddingResponse::new(embeddings.collect()).with_metadata(metadata))
    }
}

/// Returns the texts without repetitions, in their order.
fn distinct(texts: &[String]) -> Vec<&str> {
    let mut seen = std::collections::HashSet::new();
    texts.iter().map(String::as_str).filter(|text| seen.insert(*text)).collect()
}

/// Returns the lookup of each text. The key has the model, so that a request that names it has the entries of the driver's model.
fn lookups<D: TaskDriver>(
    driver: &Cached<D>,
    request: &EmbeddingRequest,
    texts: &[&str],
) -> Vec<Option<CacheLookup>> {
    let server = driver.server();
    let model = request.options().model().unwrap_or(driver.model_name()).to_owned();
    // The timeouts are not in the JSON form.
    let named = request.clone().with_model(model.clone());
    let lookup =
        |text: &&str| task_lookup("embedding", [&server, &model], &named.clone().with_inputs([*text]));
    texts.iter().map(lookup).collect()
}

fn decode(response: &GenerateResponse) -> Option<Embedding> {
    serde_json::from_str(&response.text()).ok()
}

/// Returns the facts of a call that sent nothing.
fn metadata_of(first: Option<&GenerateResponse>, requested_model: &str) -> TaskMetadata {
    let metadata = TaskMetadata::builder().requested_model(requested_model).build().unwrap_or_default();
    let model = first.and_then(|response| response.model().map(str::to_owned));
    metadata.with_model(model).with_usage(None, Cost::reported(0)).with_cached(true)
}
