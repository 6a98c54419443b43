//! The route of a task: the server's API, the provider, and the provider's name of the model.

use super::api::TaskApi;
use super::settings::TaskSettings;
use super::task::Task;
use crate::huggingface::PROVIDER;
use crate::huggingface::dto::HuggingFaceMapping;
use crate::huggingface::routing::address::Address;
use crate::huggingface::routing::endpoint::{append_path, has_version, router_at};
use crate::huggingface::routing::known_providers::HF_INFERENCE;
use crate::huggingface::routing::model_name::{check_served_model, rejected};
use crate::huggingface::routing::model_route::{ModelRoute, ProviderPolicy};
use crate::huggingface::routing::provider_route::{self, ModelNaming, ProviderRoute};
use crate::transport::{Deadline, TimeSpent, TimeoutTracker};
use botticelli_error::{BotticelliError, ConfigError, HuggingFaceErrorKind, ModelsError};
use reqwest::Url;
use std::sync::Arc;

/// The route of one call.
#[derive(Clone, Debug)]
pub(super) struct TaskRoute {
    /// The model, as the caller names it.
    pub(super) requested_model: Arc<str>,
    /// The model, as the server names it.
    pub(super) model: String,
    pub(super) server: TaskServer,
    /// File with the weights, if the model is an adapter.
    pub(super) adapter: Option<String>,
    pub(super) warnings: Vec<String>,
}

/// The server of a call, which determines its requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TaskServer {
    /// Hugging Face's own servers behind the router.
    Hosted,
    Endpoint,
    OpenAi,
    Tei,
    /// A provider behind the router, or called directly.
    Provider(String),
}

/// The ends of base URLs that belong to the API of text-embeddings-inference.
const TEI_PATHS: [&str; 7] =
    ["/embed", "/embed_all", "/embed_sparse", "/rerank", "/predict", "/similarity", "/info"];

/// The ends of base URLs that belong to OpenAI's API.
const OPENAI_PATHS: [&str; 4] = ["/embeddings", "/rerank", "/chat/completions", "/completions"];

const VERSION: &str = "/v1";

/// Returns the API of the server at `address`, if the user sets none.
pub(super) fn api_at(address: &Address) -> TaskApi {
    let path = address.path();
    match () {
        () if address.is_router() => TaskApi::Router,
        () if has_version(path) => TaskApi::OpenAi,
        () if TEI_PATHS.iter().any(|end| path.ends_with(end)) => TaskApi::Tei,
        () if address.is_huggingface() => TaskApi::Endpoint,
        () => TaskApi::OpenAi,
    }
}

impl TaskRoute {
    /// Returns the route of a call of `task` with `model`, or with the driver's model.
    pub(super) async fn find(
        settings: &TaskSettings,
        api: TaskApi,
        task: &Task,
        model: Option<&str>,
        deadline: &Deadline,
    ) -> Result<Self, BotticelliError> {
        let requested_model: Arc<str> = Arc::from(model.unwrap_or(&settings.model));
        let route = |model: String, server| Self {
            requested_model: requested_model.clone(),
            model,
            server,
            adapter: None,
            warnings: settings.warnings.clone(),
        };
        if api != TaskApi::Router {
            check_served_model(&requested_model)?;
            let server = match api {
                TaskApi::Endpoint => TaskServer::Endpoint,
                TaskApi::Tei => TaskServer::Tei,
                TaskApi::OpenAi | TaskApi::Router => TaskServer::OpenAi,
            };
            return Ok(route(requested_model.as_ref().to_owned(), server));
        }
        let (id, provider) = named_provider(settings, &requested_model)?;
        let naming = settings.provider.as_ref().map(ProviderRoute::model_naming);
        if naming == Some(ModelNaming::WithoutOpenAi) {
            return Ok(route(id.strip_prefix("openai/").unwrap_or(&id).to_owned(), TaskServer::OpenAi));
        }
        if provider.as_deref() == Some(HF_INFERENCE) {
            return Ok(route(id, TaskServer::Hosted));
        }
        let lookup = Box::pin(settings.mappings.of(&id));
        let host = settings.address.host().into();
        let timeouts = deadline.attempt(TimeSpent::default());
        let known = TimeoutTracker::new(deadline.clock(), &host, timeouts).limit(lookup).await??;
        let selected = select(task, &id, provider.as_deref(), &known)?;
        let mut route = match selected.provider().as_deref().unwrap_or_default() {
            HF_INFERENCE => route(id.clone(), TaskServer::Hosted),
            name => {
                let model = selected.provider_id().clone().unwrap_or_default();
                route(model, TaskServer::Provider(name.to_owned()))
            }
        };
        route.adapter.clone_from(selected.adapter_weights_path());
        if let (Some(status), Some(name)) = (selected.status(), selected.provider())
            && status != "live"
        {
            route.warnings.push(format!("{name} may not be able to serve {id} (status `{status}`)"));
        }
        Ok(route)
    }

    /// Returns the name of the model on the Hub.
    pub(super) fn hub_id(&self) -> &str {
        self.requested_model.split(':').next().unwrap_or_default()
    }

    /// Returns the name of the provider, if the route names one.
    pub(super) fn provider(&self) -> Option<&str> {
        match &self.server {
            TaskServer::Hosted => Some(HF_INFERENCE),
            TaskServer::Provider(name) => Some(name),
            TaskServer::Endpoint | TaskServer::OpenAi | TaskServer::Tei => None,
        }
    }

    /// Returns the URL of `path` at the server: below the model at Hugging Face's own servers, below the version at a server with
    /// OpenAI's API, and below the root at other servers.
    pub(super) fn url(&self, settings: &TaskSettings, path: &str) -> Result<Url, BotticelliError> {
        let address = &settings.address;
        let root = address.path();
        Ok(match &self.server {
            TaskServer::Hosted => {
                let (address, root) = router_root(settings, HF_INFERENCE)?;
                let url = address.at(&format!("{root}/{HF_INFERENCE}/models"));
                append_path(url, &format!("{}{path}", self.model))
            }
            TaskServer::Endpoint if path.is_empty() => address.at(if root.is_empty() { "/" } else { root }),
            TaskServer::Endpoint => address.at(&format!("{root}{path}")),
            TaskServer::OpenAi => {
                let root = without_end(root, &OPENAI_PATHS);
                let version = if has_version(root) { "" } else { VERSION };
                address.at(&format!("{root}{version}{path}"))
            }
            TaskServer::Tei => {
                let root = without_end(root, &TEI_PATHS);
                let root = root.strip_suffix(VERSION).unwrap_or(root);
                address.at(&format!("{root}{path}"))
            }
            TaskServer::Provider(_) if settings.provider.as_ref().is_some_and(ProviderRoute::is_direct) => {
                let root = root.strip_suffix(VERSION).filter(|_| path.starts_with(VERSION)).unwrap_or(root);
                address.at(&format!("{root}{path}"))
            }
            TaskServer::Provider(name) => {
                let (address, root) = router_root(settings, name)?;
                address.at(&format!("{root}/{name}{path}"))
            }
        })
    }

    /// Returns the error of a task that the server has no route for.
    pub(super) fn unsupported(&self, task: &Task, remedy: &str) -> BotticelliError {
        let server = match &self.server {
            TaskServer::Hosted => "the provider hf-inference",
            TaskServer::Endpoint => "a dedicated endpoint",
            TaskServer::OpenAi => "a server with the API of OpenAI",
            TaskServer::Tei => "text-embeddings-inference",
            TaskServer::Provider(name) => &format!("the provider {name}"),
        };
        ModelsError::unsupported(PROVIDER, format!("the task {} for {server}", task.name), remedy).into()
    }
}

/// Returns the router's address, and the path of its root there.
fn router_root(settings: &TaskSettings, provider: &str) -> Result<(Address, String), BotticelliError> {
    let url = settings.address.at(settings.address.path());
    let (address, root) = router_at(url.as_str(), "base_url", &format!("/{provider}"))?;
    // The base URL may end with the model, which the driver adds itself.
    let root = root.split_once(&format!("/{provider}")).map_or(&*root, |(root, _)| root).to_owned();
    Ok((address, root))
}

fn without_end<'a>(path: &'a str, ends: &[&str]) -> &'a str {
    ends.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path)
}

/// Returns the name of the model on the Hub, and the provider that the settings or the name's route select.
fn named_provider(settings: &TaskSettings, model: &str) -> Result<(String, Option<String>), BotticelliError> {
    if let Some(provider) = &settings.provider {
        provider_route::check(model)?;
        return Ok((model.to_owned(), Some(provider.name().to_owned())));
    }
    let route: ModelRoute = model.parse()?;
    match route.route() {
        ProviderPolicy::Default | ProviderPolicy::Preferred => Ok((route.id().to_owned(), None)),
        ProviderPolicy::Provider(name) => Ok((route.id().to_owned(), Some(name.clone()))),
        ProviderPolicy::Fastest | ProviderPolicy::Cheapest => {
            let reason = format!(
                "the router selects a provider by speed or price only for chat, and not for {model:?}"
            );
            let remedy = "name a provider (org/model:provider), or remove the route";
            Err(ConfigError::new(reason, remedy).with_key("model").into())
        }
    }
}

/// Returns the Hub's entry of `provider` for the task, or of the first provider that serves the model for the task.
fn select<'a>(
    task: &Task,
    id: &str,
    provider: Option<&str>,
    known: &'a [HuggingFaceMapping],
) -> Result<&'a HuggingFaceMapping, BotticelliError> {
    let is_of_task =
        |entry: &&HuggingFaceMapping| entry.task().as_deref().is_some_and(|word| task.is_named(word));
    let has_name = |entry: &&HuggingFaceMapping| {
        entry.provider_id().as_deref().is_some_and(|name| !name.trim().is_empty())
    };
    let is_callable = |entry: &&HuggingFaceMapping| {
        let name = entry.provider().as_deref().unwrap_or_default();
        // A provider that the caller names may be newer than the driver.
        task.is_supported_at(name) || (task.is_openai && provider == Some(name))
    };
    let candidates = || known.iter().filter(is_of_task).filter(has_name).filter(is_callable);
    let found = match provider {
        Some(name) => candidates().find(|entry| entry.provider().as_deref() == Some(name)),
        None => candidates()
            .find(|entry| entry.status().as_deref().is_none_or(|status| status == "live"))
            .or_else(|| candidates().next()),
    };
    found.ok_or_else(|| {
        let others = candidates().filter_map(|entry| entry.provider().clone()).collect();
        let mut tasks: Vec<String> = Vec::new();
        for entry in known {
            let word = entry.task().clone().unwrap_or_default();
            if !word.is_empty() && !task.is_named(&word) && !tasks.contains(&word) {
                tasks.push(word);
            }
        }
        let task = task.name.to_owned();
        let provider = provider.map(str::to_owned);
        rejected(HuggingFaceErrorKind::TaskNotServed { task, provider, tasks, others }, id)
    })
}
