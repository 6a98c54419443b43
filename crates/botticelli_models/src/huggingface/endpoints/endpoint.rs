//! An endpoint, as the service describes it, and the drivers for its URL.

use super::access::EndpointAccess;
use super::driver_settings::DriverSettings;
use super::json::{number, text};
use super::state::EndpointState;
use crate::huggingface::routing::address::Address;
use crate::huggingface::{HuggingFaceDriver, HuggingFaceDriverBuilder, HuggingFaceTasks, TaskApi};
use botticelli_error::{BotticelliError, EndpointError, EndpointErrorKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::sync::Arc;

/// A dedicated endpoint, as the service described it. `Debug` shows no token.
///
/// A value does not change: read the endpoint again with [`Endpoints::get`](super::Endpoints::get).
#[derive(Clone, Debug)]
pub struct InferenceEndpoint {
    name: String,
    namespace: String,
    access: Option<EndpointAccess>,
    vendor: Option<String>,
    region: Option<String>,
    accelerator: Option<String>,
    instance_type: Option<String>,
    instance_size: Option<String>,
    min_replicas: Option<u32>,
    max_replicas: Option<u32>,
    scale_to_zero_minutes: Option<u32>,
    repository: String,
    revision: Option<String>,
    task: Option<String>,
    framework: Option<String>,
    engine: Option<String>,
    health_route: Option<String>,
    state: EndpointState,
    message: Option<String>,
    url: Option<String>,
    ready_replicas: Option<u32>,
    target_replicas: Option<u32>,
    created_at: Option<String>,
    updated_at: Option<String>,
    settings: Arc<DriverSettings>,
}

macro_rules! words {
    ($($(#[$doc:meta])* $field:ident;)*) => {
        $($(#[$doc])* pub fn $field(&self) -> Option<&str> {
            self.$field.as_deref()
        })*
    };
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $field:ident;)*) => {
        $($(#[$doc])* pub const fn $field(&self) -> Option<u32> {
            self.$field
        })*
    };
}

impl InferenceEndpoint {
    /// Reads an endpoint; `None` without a name or a repository.
    pub(super) fn read(value: &Value, namespace: &str, settings: &Arc<DriverSettings>) -> Option<Self> {
        let text = |pointer| text(value, pointer);
        let number = |pointer| number(value, pointer);
        let image = value.pointer("/model/image").and_then(Value::as_object);
        Some(Self {
            name: text("/name")?,
            namespace: namespace.to_owned(),
            access: text("/type").and_then(|word| word.parse().ok()),
            vendor: text("/provider/vendor"),
            region: text("/provider/region"),
            accelerator: text("/compute/accelerator"),
            instance_type: text("/compute/instanceType"),
            instance_size: text("/compute/instanceSize"),
            min_replicas: number("/compute/scaling/minReplica"),
            max_replicas: number("/compute/scaling/maxReplica"),
            scale_to_zero_minutes: number("/compute/scaling/scaleToZeroTimeout"),
            repository: text("/model/repository")?,
            revision: text("/model/revision"),
            task: text("/model/task"),
            framework: text("/model/framework"),
            engine: image.and_then(|image| image.keys().next().cloned()),
            health_route: text("/healthRoute"),
            state: EndpointState::parse(text("/status/state").as_deref().unwrap_or("unknown")),
            message: text("/status/message"),
            url: text("/status/url"),
            ready_replicas: number("/status/readyReplica"),
            target_replicas: number("/status/targetReplica"),
            created_at: text("/status/createdAt"),
            updated_at: text("/status/updatedAt"),
            settings: settings.clone(),
        })
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the user or the organization that owns the endpoint.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Returns the repository of the Hub.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the state.
    pub const fn state(&self) -> &EndpointState {
        &self.state
    }

    /// Returns the clients that may call the endpoint; `None` for a word that this library does not know.
    pub const fn access(&self) -> Option<EndpointAccess> {
        self.access
    }

    words! {
        /// Returns the URL; `None` until the endpoint is deployed.
        url;
        /// Returns the message of the service about the state, such as the reason of a failure.
        message;
        /// Returns the cloud: `aws`.
        vendor;
        /// Returns the region of the cloud.
        region;
        /// Returns the accelerator: `cpu`, `gpu`, `neuron`.
        accelerator;
        /// Returns the type of the instance.
        instance_type;
        /// Returns the size of the instance.
        instance_size;
        /// Returns the commit, the branch or the tag of the repository.
        revision;
        /// Returns the task.
        task;
        /// Returns the framework.
        framework;
        /// Returns the engine of the container image: `huggingface`, `tgi`, `tei`, `custom`.
        engine;
        /// Returns the time of the creation, in RFC 3339.
        created_at;
        /// Returns the time of the last change, in RFC 3339.
        updated_at;
    }

    numbers! {
        /// Returns the minimum number of replicas.
        min_replicas;
        /// Returns the maximum number of replicas.
        max_replicas;
        /// Returns the minutes without a request after which the endpoint stops.
        scale_to_zero_minutes;
        /// Returns the number of replicas that respond.
        ready_replicas;
        /// Returns the number of replicas that the service starts or has started.
        target_replicas;
    }

    /// Returns the name with its namespace, for messages.
    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// Returns the path that responds with 200 when the endpoint is ready.
    pub(super) fn health_path(&self) -> &str {
        self.health_route.as_deref().filter(|route| route.starts_with('/')).unwrap_or("/health")
    }

    /// Returns the address, if its host may receive the token: a host of Hugging Face's endpoints, or the host of the management API.
    pub(super) fn address(&self) -> Result<Address, BotticelliError> {
        let error = |kind| EndpointError::new(kind, self.full_name()).into();
        let Some(url) = &self.url else {
            return Err(error(match self.state {
                EndpointState::Paused => EndpointErrorKind::Paused,
                _ => EndpointErrorKind::NotDeployed { state: self.state.to_string() },
            }));
        };
        let address = Address::parse(url, "url")?;
        let own = &self.settings.client.address;
        let is_known = address.is_endpoint() || address.host() == own.host();
        if is_known && (address.is_secure() || !own.is_secure()) {
            return Ok(address);
        }
        Err(error(EndpointErrorKind::ForeignUrl { host: address.host().to_owned() }))
    }

    /// Returns the builder of a driver for this endpoint, with its URL, its repository as the model, and the token, the environment and
    /// the HTTP client of the [`Endpoints`](super::Endpoints).
    ///
    /// # Errors
    ///
    /// - The endpoint has no URL, because it is not deployed.
    /// - The URL does not belong to Hugging Face, such as a domain of your own. Pass such a URL to [`HuggingFaceDriver::builder`],
    ///   together with the token.
    pub fn driver_builder(&self) -> Result<HuggingFaceDriverBuilder, BotticelliError> {
        self.address()?;
        let settings = &self.settings;
        let mut builder = HuggingFaceDriver::builder(self.repository.clone())
            .base_url(self.url.clone().unwrap_or_default())
            .environment(settings.environment.clone())
            .limits(settings.limits)
            .retry(settings.client.retrier.config)
            .clock(settings.client.http.clock().clone());
        if let Some(client) = &settings.http_client {
            builder = builder.http_client(client.clone());
        }
        if let Some(token) = &settings.client.credentials.token {
            builder = builder.token(SecretString::from(token.expose_secret()));
        }
        Ok(builder)
    }

    /// Returns a chat driver for this endpoint.
    ///
    /// # Errors
    ///
    /// As [`driver_builder`](Self::driver_builder).
    pub fn driver(&self) -> Result<HuggingFaceDriver, BotticelliError> {
        self.driver_builder()?.build()
    }

    /// Returns a driver of tasks for this endpoint: embeddings, reranking and others. Its API follows from the engine of the image.
    ///
    /// # Errors
    ///
    /// As [`driver_builder`](Self::driver_builder).
    pub fn tasks(&self) -> Result<HuggingFaceTasks, BotticelliError> {
        let engine = self.engine.as_deref().unwrap_or_default().to_ascii_lowercase();
        let api = match engine.as_str() {
            "tei" => TaskApi::Tei,
            "vllm" | "sglang" | "llamacpp" | "tgi" | "tgineuron" => TaskApi::OpenAi,
            _ => TaskApi::Endpoint,
        };
        Ok(self.driver_builder()?.build_tasks()?.with_api(api))
    }
}
