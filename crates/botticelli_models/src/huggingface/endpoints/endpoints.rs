//! The client of the management API.

use super::call::{Call, CallKind, endpoint_call};
use super::client::{parse, unusable};
use super::endpoint::InferenceEndpoint;
use super::json::list;
use super::settings::EndpointsSettings;
use super::spec::EndpointSpec;
use super::update::EndpointUpdate;
use super::values::{check_price, invalid};
use botticelli_error::{BotticelliError, BotticelliErrorKind, EndpointError, EndpointErrorKind};
use reqwest::Method;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

/// The dedicated endpoints of a user or an organization. Clones are cheap and share connections. `Debug` shows no token.
///
/// ```no_run
/// use botticelli_core::Usd;
/// use botticelli_interface::BotticelliDriver;
/// use botticelli_models::huggingface::{EndpointSpec, Endpoints};
///
/// # async fn example() -> botticelli_error::ModelsResult<()> {
/// let endpoints = Endpoints::builder().with_max_price_per_hour(Usd::parse("1.00")?).build()?;
/// let spec = EndpointSpec::new("my-assistant", "HuggingFaceTB/SmolLM3-3B").with_instance("nvidia-t4", "x1");
/// println!("up to {} per hour", endpoints.price(&spec).await?.max_per_hour());
/// endpoints.create(&spec).await?;
/// let endpoint = endpoints.wait_until_running("my-assistant").await?;
/// println!("{}", endpoint.driver()?.generate("Name three painters".into()).await?.text());
/// endpoints.pause("my-assistant").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Endpoints {
    pub(super) settings: Arc<EndpointsSettings>,
}

impl Endpoints {
    pub(super) fn new(settings: EndpointsSettings) -> Self {
        Self { settings: Arc::new(settings) }
    }

    /// Returns all endpoints.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`], or a failed connection.
    pub async fn list(&self) -> Result<Vec<InferenceEndpoint>, BotticelliError> {
        let namespace = self.settings.namespace().await?;
        let call = Call::new(Method::GET, format!("endpoint/{namespace}"), namespace, CallKind::List);
        let body = self.settings.client.json(&call, self.limit()).await?;
        if !body.get("items").is_some_and(Value::is_array) {
            return Err(unusable(namespace, "the response has no list of endpoints"));
        }
        list(&body, "/items").iter().map(|item| self.read(item, namespace)).collect()
    }

    /// Returns an endpoint.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`], for example if the namespace has no endpoint with this name, or a failed connection.
    pub async fn get(&self, name: &str) -> Result<InferenceEndpoint, BotticelliError> {
        self.get_within(name, self.limit()).await
    }

    /// Creates an endpoint. The endpoint then starts: see [`wait_until_running`](Self::wait_until_running).
    ///
    /// The method reads the price list first. It refuses an instance that is not in the list, and a price above the
    /// [limit](super::EndpointsBuilder::with_max_price_per_hour).
    ///
    /// # Errors
    ///
    /// An [`EndpointError`], for example for an invalid setting, a price above the limit, or a name that is taken. A failed connection.
    pub async fn create(&self, spec: &EndpointSpec) -> Result<InferenceEndpoint, BotticelliError> {
        spec.validate()?;
        let accelerator = match self.instance_for(spec).await {
            Ok(instance) => {
                let replica = instance.price_per_hour();
                check_price(&spec.name, self.settings.max_price, replica, spec.max_replicas)?;
                instance.accelerator().to_owned()
            }
            Err(error) => match spec.accelerator() {
                // Without a limit, a price list that cannot be read does not prevent the creation.
                Some(accelerator) if self.settings.max_price.is_none() && !is_unknown_instance(&error) => {
                    tracing::debug!(%error, "the price list cannot be read");
                    accelerator.to_owned()
                }
                _ => return Err(error),
            },
        };
        let namespace = self.settings.namespace().await?;
        let subject = format!("{namespace}/{}", spec.name);
        let call = Call {
            body: Some(to_bytes(&spec.body(&accelerator))),
            hidden: spec.hidden(),
            ..Call::new(Method::POST, format!("endpoint/{namespace}"), &subject, CallKind::Create)
        };
        match self.settings.client.text(&call, self.limit()).await {
            Ok(text) => self.read(&parse(&text, &subject)?, namespace),
            Err(error) if error.attempts() > 1 && is(&error, &EndpointErrorKind::NameTaken) => {
                // An earlier attempt may have created the endpoint, although its response was lost.
                let found = self.get(&spec.name).await?;
                if found.repository() == spec.repository && found.state().is_new() {
                    Ok(found)
                } else {
                    Err(error)
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Changes an endpoint. The earlier version responds until the new one is deployed.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`], for example for a price above the limit, or a failed connection.
    pub async fn update(
        &self,
        name: &str,
        update: &EndpointUpdate,
    ) -> Result<InferenceEndpoint, BotticelliError> {
        update.validate(name)?;
        let accelerator = self.check_update(name, update).await?;
        let namespace = self.settings.namespace().await?;
        let subject = format!("{namespace}/{name}");
        let call = Call {
            body: Some(to_bytes(&update.body(accelerator.as_deref()))),
            hidden: update.hidden(),
            ..endpoint_call(Method::PUT, name, "", &subject, namespace)?
        };
        let body = self.settings.client.json(&call, self.limit()).await;
        let body = self.with_nearest(name, body).await?;
        self.read(&body, namespace)
    }

    /// Returns the last lines of the container's log. The container may log the content of requests.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`] or a failed connection.
    pub async fn logs(&self, name: &str, lines: u32) -> Result<String, BotticelliError> {
        if lines == 0 {
            return Err(invalid(name, "lines", "0", "is zero"));
        }
        self.text_of(name, "/logs", Some(format!("tail={lines}"))).await
    }

    /// Returns the metrics in the `OpenMetrics` text format: latencies, requests, replicas, and use of the instances. The service offers
    /// them to teams and enterprises only.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`] or a failed connection.
    pub async fn metrics(&self, name: &str) -> Result<String, BotticelliError> {
        self.text_of(name, "/open-metrics", None).await
    }

    async fn text_of(
        &self,
        name: &str,
        path: &str,
        query: Option<String>,
    ) -> Result<String, BotticelliError> {
        let namespace = self.settings.namespace().await?;
        let subject = format!("{namespace}/{name}");
        let call = Call { query, ..endpoint_call(Method::GET, name, path, &subject, namespace)? };
        let sent = self.settings.client.text(&call, self.limit()).await;
        self.with_nearest(name, sent).await
    }

    pub(super) async fn get_within(
        &self,
        name: &str,
        limit: Duration,
    ) -> Result<InferenceEndpoint, BotticelliError> {
        let namespace = self.settings.namespace().await?;
        let subject = format!("{namespace}/{name}");
        let call = endpoint_call(Method::GET, name, "", &subject, namespace)?;
        let body = self.settings.client.json(&call, limit).await;
        let body = self.with_nearest(name, body).await?;
        self.read(&body, namespace)
    }

    /// Returns the limit of a request.
    pub(super) fn limit(&self) -> Duration {
        self.settings.client.limit
    }

    pub(super) fn read(&self, value: &Value, namespace: &str) -> Result<InferenceEndpoint, BotticelliError> {
        InferenceEndpoint::read(value, namespace, &self.settings.driver)
            .ok_or_else(|| unusable(namespace, "the response does not describe an endpoint"))
    }

    /// Adds the nearest names to the error for an unknown endpoint.
    pub(super) async fn with_nearest<T>(
        &self,
        name: &str,
        result: Result<T, BotticelliError>,
    ) -> Result<T, BotticelliError> {
        let error = match result {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let BotticelliErrorKind::Endpoint(found) = error.kind() else { return Err(error) };
        if !matches!(found.kind(), EndpointErrorKind::NotFound { .. }) {
            return Err(error);
        }
        // The list is only for the message.
        let Ok(all) = Box::pin(self.list()).await else { return Err(error) };
        let near = all.iter().map(InferenceEndpoint::name);
        let near = near.filter(|other| strsim::jaro_winkler(name, other) > 0.8).take(3).map(str::to_owned);
        let kind = EndpointErrorKind::NotFound { nearest: near.collect() };
        let named = EndpointError::new(kind, found.endpoint())
            .with_message(found.message().map(str::to_owned))
            .with_request_id(found.request_id().map(str::to_owned));
        Err(match (found.host(), found.status()) {
            (Some(host), Some(status)) => named.with_status(host, status),
            _ => named,
        }
        .into())
    }
}

/// Returns whether the error has this kind.
pub(super) fn is(error: &BotticelliError, kind: &EndpointErrorKind) -> bool {
    matches!(error.kind(), BotticelliErrorKind::Endpoint(found) if found.kind() == kind)
}

fn is_unknown_instance(error: &BotticelliError) -> bool {
    matches!(error.kind(), BotticelliErrorKind::Endpoint(found)
        if matches!(found.kind(), EndpointErrorKind::UnknownInstance { .. }))
}

fn to_bytes(body: &Map<String, Value>) -> bytes::Bytes {
    Value::Object(body.clone()).to_string().into()
}
