//! Which name a provider gives a model: from the Hub, kept for a while.

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

/// For how long an answer of the Hub holds: it is rate limited, and who serves a model seldom changes.
const MAX_AGE: Duration = Duration::from_secs(300);

/// How long to wait for the Hub, over all attempts.
const LIMIT: Duration = Duration::from_secs(30);

/// The most models that are remembered.
const MOST: usize = 1_000;

/// The Hub, asked once for each model.
#[derive(Debug)]
pub(in crate::huggingface) struct ProviderMappings {
    hub: Address,
    client: ApiClient,
    retrier: Retrier,
    kept: Mutex<HashMap<String, Cached<Vec<HuggingFaceMapping>>>>,
}

impl ProviderMappings {
    pub(in crate::huggingface) fn new(hub: Address, client: ApiClient, retrier: Retrier) -> Self {
        Self { hub, client, retrier, kept: Mutex::default() }
    }

    /// Who serves the model `id`, in the user's order.
    pub(in crate::huggingface) async fn of(
        &self,
        id: &str,
    ) -> Result<Arc<Vec<HuggingFaceMapping>>, BotticelliError> {
        let kept = {
            let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= MOST && !all.contains_key(id) {
                all.retain(|_, kept| kept.value().is_some_and(|(_, age)| age < MAX_AGE));
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
        kept.get(|_, age| age < MAX_AGE, fetch).await
    }

    fn url(&self, id: &str) -> Url {
        let mut url = self.hub.at(&format!("{}/api/models", self.hub.path()));
        if let Ok(mut path) = url.path_segments_mut() {
            // Pushed one by one, so that nothing in a name can leave its segment.
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

/// Returns the error of a failed lookup. Without a token, the Hub answers 401 both for missing and for private models.
fn lookup_error(error: BotticelliError, id: &str, has_token: bool) -> BotticelliError {
    let status = error.status();
    if status != Some(404) && (status != Some(401) || has_token) {
        return error;
    }
    let BotticelliErrorKind::Models(models) = error.kind() else { return error };
    let mut details = ErrorDetails::by(PROVIDER);
    (details.host, details.status, details.model) =
        (models.details().host.clone(), status, Some(id.to_owned()));
    let kind = ModelsErrorKind::HuggingFace(HuggingFaceErrorKind::ModelNotFound);
    ModelsError::new(kind, details).into()
}

/// What the Hub calls chat.
const CHAT_TASK: &str = "conversational";

/// A model's name at a provider, and what the caller should know of it.
pub(in crate::huggingface) struct Named {
    pub(in crate::huggingface) name: String,
    pub(in crate::huggingface) warning: Option<String>,
}

/// The name that `provider` gives the model `id`; an error that names who serves it, where it does not.
pub(in crate::huggingface) fn named_by(
    provider: &str,
    id: &str,
    mapping: &[HuggingFaceMapping],
) -> Result<Named, BotticelliError> {
    let of_provider = || mapping.iter().filter(|entry| entry.provider().as_deref() == Some(provider));
    let chats = |entry: &&HuggingFaceMapping| entry.task().as_deref() == Some(CHAT_TASK);
    if let Some((entry, name)) =
        of_provider().filter(chats).find_map(|entry| Some((entry, own_name(entry)?.to_owned())))
    {
        let warning = match entry.status().as_deref() {
            None | Some("live") => None,
            Some("staging") => {
                Some(format!("{provider} serves {id} for tests only so far (status `staging`)"))
            }
            Some(status) => Some(format!("{provider} may not be able to serve {id} (status `{status}`)")),
        };
        return Ok(Named { name, warning });
    }
    let others = mapping.iter().filter(chats).filter(|entry| entry.provider().as_deref() != Some(provider));
    // Who has no name for it cannot be asked for it either.
    let others = others.filter(|entry| own_name(entry).is_some());
    let others = others.filter_map(|entry| entry.provider().clone()).collect();
    let mut refusal = ErrorDetails::by(PROVIDER);
    refusal.model = Some(id.to_owned());
    let kind = if of_provider().any(|entry| chats(&entry)) {
        HuggingFaceErrorKind::ProviderIdMissing { provider: provider.to_owned(), others }
    } else {
        let task = of_provider().find_map(|entry| entry.task().clone());
        HuggingFaceErrorKind::NotServedBy { provider: provider.to_owned(), task, others }
    };
    Err(ModelsError::new(ModelsErrorKind::HuggingFace(kind), refusal).into())
}

/// The provider's own name of the model, where it has one.
fn own_name(entry: &HuggingFaceMapping) -> Option<&str> {
    entry.provider_id().as_deref().map(str::trim).filter(|name| !name.is_empty())
}
