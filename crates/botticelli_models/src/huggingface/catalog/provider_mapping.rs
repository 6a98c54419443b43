//! Which name a provider gives a model: from the Hub, kept for a while.

use crate::huggingface::PROVIDER;
use crate::huggingface::catalog::cached::Cached;
use crate::huggingface::client::api_client::ApiClient;
use crate::huggingface::dto::{HuggingFaceHubModel, HuggingFaceMapping};
use crate::huggingface::response::{Found, accepted, object};
use crate::huggingface::routing::address::Address;
use crate::transport::{AttemptTimeouts, Retrier, TimeSpent};
use botticelli_core::Timeouts;
use botticelli_error::{BotticelliError, ErrorDetails, HuggingFaceErrorKind, ModelsError, ModelsErrorKind};
use reqwest::{Method, Url};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The Hub, unless `HF_ENDPOINT` names a mirror.
pub(in crate::huggingface) const HUB: &str = "https://huggingface.co";

/// For how long an answer of the Hub holds: it is rate limited, and who serves a model seldom changes.
const MAX_AGE: Duration = Duration::from_secs(300);

/// How long to wait for the Hub, over all attempts.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most models that are remembered.
const MOST: usize = 1_000;

/// The Hub, asked once for each model.
#[derive(Debug)]
pub(in crate::huggingface) struct ProviderMappings {
    hub: Address,
    caller: ApiClient,
    retrier: Retrier,
    kept: Mutex<HashMap<String, Cached<Vec<HuggingFaceMapping>>>>,
}

impl ProviderMappings {
    pub(in crate::huggingface) fn new(hub: Address, caller: ApiClient, retrier: Retrier) -> Self {
        // What is "loading" here is no model that is worth waiting for.
        let retrier = Retrier { loading: Some(PATIENCE), ..retrier };
        Self { hub, caller, retrier, kept: Mutex::default() }
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
            let clock = self.caller.http.clock();
            all.entry(id.to_owned()).or_insert_with(|| Cached::new(clock.clone())).clone()
        };
        let fetch = || {
            let (url, caller, retrier) = (self.url(id), self.caller.clone(), self.retrier.clone());
            let id = id.to_owned();
            async move {
                let attempt = |spent| look_up(&caller, &url, &id, spent);
                Ok(retrier
                    .run(&format!("the Hub's entry of {id}"), retrier.limits(Some(PATIENCE)), attempt)
                    .await?
                    .0)
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

async fn look_up(
    caller: &ApiClient,
    url: &Url,
    id: &str,
    spent: TimeSpent,
) -> Result<Vec<HuggingFaceMapping>, BotticelliError> {
    let timeouts = Timeouts::default().with_total(PATIENCE);
    let patience = AttemptTimeouts::for_an_answer(&timeouts, Duration::ZERO).after(spent);
    let answer = caller.send(Method::GET, url.clone(), None, patience).await?;
    let asked = caller.asked(Some(id), &answer);
    let (host, status) = (answer.host().to_owned(), answer.status());
    match accepted(answer, &asked).await {
        Ok(answer) => {
            let found = |model: &HuggingFaceHubModel| match model.inference_provider_mapping().as_slice() {
                [] if model.id().is_none() => Found::Another,
                [] => Found::Nothing,
                _ => Found::Something,
            };
            let model = object(answer, &asked, found).await?;
            Ok(model.inference_provider_mapping().clone())
        }
        // Nobody without a token is told whether a model is missing or only private.
        Err(_) if status == 404 || (status == 401 && asked.token.is_none()) => {
            let mut refusal = ErrorDetails::by(PROVIDER);
            (refusal.host, refusal.status, refusal.model) = (Some(host), Some(status), Some(id.to_owned()));
            let kind = ModelsErrorKind::HuggingFace(HuggingFaceErrorKind::ModelNotFound);
            Err(ModelsError::new(kind, refusal).into())
        }
        Err(error) => Err(error),
    }
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
