//! The Hub's provider mapping: the name of a model at each provider.

use crate::huggingface::PROVIDER;
use crate::huggingface::catalog::cached::Cached;
use crate::huggingface::client::api_client::ApiClient;
use crate::huggingface::client::json_body::Content;
use crate::huggingface::client::lookup::Lookup;
use crate::huggingface::dto::{HuggingFaceHubModel, HuggingFaceMapping};
use crate::huggingface::routing::address::Address;
use crate::transport::Retrier;
use botticelli_error::{
    BotticelliError, BotticelliErrorKind, ErrorDetails, HuggingFaceErrorKind, ModelsError, ModelsErrorKind,
};
use reqwest::Url;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The Hub, unless `HF_ENDPOINT` names a mirror.
pub(in crate::huggingface) const HUB: &str = "https://huggingface.co";

/// Maximum age of a mapping. The Hub limits the request rate, and the providers of a model seldom change.
const MAX_AGE: Duration = Duration::from_secs(300);

/// Limit of a lookup over all attempts.
const LIMIT: Duration = Duration::from_secs(30);

/// Maximum number of cached models.
const MAX_MODELS: usize = 1_000;

/// The cached provider mappings of models, which the Hub lists.
#[derive(Debug)]
pub(in crate::huggingface) struct ProviderMappings {
    hub: Address,
    client: ApiClient,
    retrier: Retrier,
    cached: Mutex<HashMap<String, Cached<Vec<HuggingFaceMapping>>>>,
}

impl ProviderMappings {
    pub(in crate::huggingface) fn new(hub: Address, client: ApiClient, retrier: Retrier) -> Self {
        Self { hub, client, retrier, cached: Mutex::default() }
    }

    /// Returns the providers of the model `id`, in the order of the user's settings.
    pub(in crate::huggingface) async fn of(
        &self,
        id: &str,
    ) -> Result<Arc<Vec<HuggingFaceMapping>>, BotticelliError> {
        let cached = {
            let mut all = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= MAX_MODELS && !all.contains_key(id) {
                all.retain(|_, cached| cached.value().is_some_and(|(_, age)| age < MAX_AGE));
            }
            let clock = self.client.http.clock();
            all.entry(id.to_owned()).or_insert_with(|| Cached::new(clock.clone())).clone()
        };
        let fetch = || {
            let (url, client, retrier) = (self.url(id), self.client.clone(), self.retrier.clone());
            let id = id.to_owned();
            async move {
                let name = format!("the Hub's entry of {id}");
                let lookup = Lookup { name: &name, url: &url, model: Some(&id), limit: LIMIT };
                match lookup.run(&client, &retrier, content).await {
                    Ok(model) => Ok(model.inference_provider_mapping().clone()),
                    Err(error) => Err(lookup_error(error, &id, client.credentials.token.is_some())),
                }
            }
        };
        cached.get(|_, age| age < MAX_AGE, fetch).await
    }

    fn url(&self, id: &str) -> Url {
        let mut url = self.hub.at(&format!("{}/api/models", self.hub.path()));
        if let Ok(mut path) = url.path_segments_mut() {
            // Appends the segments separately, so that a model name cannot change the other segments.
            path.extend(id.split('/'));
        }
        url.query_pairs_mut().append_pair("expand[]", "inferenceProviderMapping");
        url
    }
}

/// Classifies the Hub's entry of a model.
fn content(model: &HuggingFaceHubModel) -> Content {
    match model.inference_provider_mapping().as_slice() {
        [] if model.id().is_none() => Content::Unexpected,
        [] => Content::Empty,
        _ => Content::Expected,
    }
}

/// Returns the error of a failed lookup. Without a token, the Hub responds with 401 to both missing and private models.
fn lookup_error(error: BotticelliError, id: &str, has_token: bool) -> BotticelliError {
    let status = error.status();
    if status != Some(404) && (status != Some(401) || has_token) {
        return error;
    }
    let BotticelliErrorKind::Models(models) = error.kind() else { return error };
    let mut details = ErrorDetails::new(PROVIDER);
    (details.host, details.status, details.model) =
        (models.details().host.clone(), status, Some(id.to_owned()));
    let kind = ModelsErrorKind::HuggingFace(HuggingFaceErrorKind::ModelNotFound);
    ModelsError::new(kind, details).into()
}

/// The Hub's name of the chat task.
const CHAT_TASK: &str = "conversational";

/// A model's name at a provider, with a warning for the caller.
pub(in crate::huggingface) struct MappedModel {
    pub(in crate::huggingface) name: String,
    pub(in crate::huggingface) warning: Option<String>,
}

/// Returns the name of the model `id` at `provider`. If the provider does not serve the model, the error names the providers that do.
pub(in crate::huggingface) fn map_model(
    provider: &str,
    id: &str,
    mapping: &[HuggingFaceMapping],
) -> Result<MappedModel, BotticelliError> {
    let of_provider = || mapping.iter().filter(|entry| entry.provider().as_deref() == Some(provider));
    let chats = |entry: &&HuggingFaceMapping| entry.task().as_deref() == Some(CHAT_TASK);
    if let Some((entry, name)) =
        of_provider().filter(chats).find_map(|entry| Some((entry, provider_model_name(entry)?.to_owned())))
    {
        let warning = match entry.status().as_deref() {
            None | Some("live") => None,
            Some("staging") => Some(format!("{provider} serves {id} for tests only (status `staging`)")),
            Some(status) => Some(format!("{provider} may not be able to serve {id} (status `{status}`)")),
        };
        return Ok(MappedModel { name, warning });
    }
    let others = mapping.iter().filter(chats).filter(|entry| entry.provider().as_deref() != Some(provider));
    // A provider without a name for the model cannot be called.
    let others = others.filter(|entry| provider_model_name(entry).is_some());
    let others = others.filter_map(|entry| entry.provider().clone()).collect();
    let mut details = ErrorDetails::new(PROVIDER);
    details.model = Some(id.to_owned());
    let kind = if of_provider().any(|entry| chats(&entry)) {
        HuggingFaceErrorKind::ProviderIdMissing { provider: provider.to_owned(), others }
    } else {
        let task = of_provider().find_map(|entry| entry.task().clone());
        HuggingFaceErrorKind::NotServedBy { provider: provider.to_owned(), task, others }
    };
    Err(ModelsError::new(ModelsErrorKind::HuggingFace(kind), details).into())
}

/// Returns the provider's own name of the model, if it has one.
fn provider_model_name(entry: &HuggingFaceMapping) -> Option<&str> {
    entry.provider_id().as_deref().map(str::trim).filter(|name| !name.is_empty())
}
