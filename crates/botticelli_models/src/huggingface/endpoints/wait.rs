//! Waits until an endpoint is running.

use super::endpoint::InferenceEndpoint;
use super::endpoints::Endpoints;
use super::progress::EndpointProgress;
use super::state::EndpointState;
use crate::transport::{AttemptTimeouts, TimeSpent};
use botticelli_error::{BotticelliError, EndpointError, EndpointErrorKind, TimeoutKind};
use reqwest::Method;
use std::time::Duration;

/// Permission of a fine-grained token to call endpoints.
const INFER: &str = "inference.endpoints.infer.write";

impl Endpoints {
    /// Waits until an endpoint is running and its server responds, and returns it. An endpoint that is scaled to zero is woken.
    ///
    /// Temporary errors of a single poll are ignored until the [limit](super::EndpointsBuilder::with_wait_timeout).
    ///
    /// # Errors
    ///
    /// An [`EndpointError`]: the deployment failed, the endpoint is paused, or the limit is reached. The endpoint is not stopped.
    pub async fn wait_until_running(&self, name: &str) -> Result<InferenceEndpoint, BotticelliError> {
        let (settings, clock) = (&*self.settings, self.settings.clock());
        let started = clock.now();
        let elapsed = || clock.now().saturating_duration_since(started);
        loop {
            let polled = self.get_within(name, self.left(elapsed())).await;
            let last = match polled {
                Ok(endpoint) => {
                    if let Some(observer) = &settings.observer {
                        observer.notify(&EndpointProgress::new(endpoint.clone(), elapsed()));
                    }
                    if self.is_ready(&endpoint, self.left(elapsed())).await? {
                        return Ok(endpoint);
                    }
                    let kind =
                        |limit| EndpointErrorKind::WaitTimeout { limit, state: endpoint.state().to_string() };
                    let kind = kind(settings.wait_limit.unwrap_or_default());
                    let message = endpoint.message().map(str::to_owned);
                    EndpointError::new(kind, endpoint.full_name()).with_message(message).into()
                }
                Err(error) if error.is_retryable() => error,
                Err(error) => return Err(error),
            };
            let wait = settings.poll_interval;
            if settings.wait_limit.is_some_and(|limit| elapsed().saturating_add(wait) > limit) {
                return Err(last);
            }
            clock.sleep(wait).await;
        }
    }

    /// Returns the limit of a request within the wait.
    fn left(&self, elapsed: Duration) -> Duration {
        let left = self.settings.wait_limit.map(|limit| limit.saturating_sub(elapsed));
        let left = left.map(|left| left.max(Duration::from_secs(1)));
        left.map_or(self.limit(), |left| left.min(self.limit()))
    }

    /// Returns whether the endpoint responds.
    async fn is_ready(&self, endpoint: &InferenceEndpoint, limit: Duration) -> Result<bool, BotticelliError> {
        let error = |kind| EndpointError::new(kind, endpoint.full_name());
        match endpoint.state() {
            EndpointState::Running if endpoint.url().is_some() => self.is_healthy(endpoint, limit).await,
            // The request only wakes the endpoint. Its server cannot respond properly yet.
            EndpointState::ScaledToZero if endpoint.url().is_some() => {
                self.is_healthy(endpoint, limit).await?;
                Ok(false)
            }
            EndpointState::Failed | EndpointState::UpdateFailed => {
                let state = endpoint.state().to_string();
                let message = endpoint.message().map(str::to_owned);
                Err(error(EndpointErrorKind::Failed { state }).with_message(message).into())
            }
            EndpointState::Paused => Err(error(EndpointErrorKind::Paused).into()),
            _ => Ok(false),
        }
    }

    /// Returns whether the server of the endpoint responds to a health check. It gets the token only at a host of Hugging Face.
    async fn is_healthy(
        &self,
        endpoint: &InferenceEndpoint,
        limit: Duration,
    ) -> Result<bool, BotticelliError> {
        let address = endpoint.address()?;
        let url = address.at(&format!("{}{}", address.path(), endpoint.health_path()));
        let timeouts = AttemptTimeouts {
            first_token: None,
            total: (TimeoutKind::Total, Some(limit)),
            spent: TimeSpent::default(),
        };
        let response = match self.settings.client.send(Method::GET, &url, None, timeouts).await {
            Ok(response) => response,
            // The server is not there yet. The next poll asks again.
            Err(error) if error.is_retryable() => return Ok(false),
            Err(error) => return Err(error),
        };
        match response.status() {
            200 => Ok(true),
            status @ (401 | 403) => {
                let kind = EndpointErrorKind::PermissionDenied { permission: INFER };
                let host = response.host().to_string();
                Err(EndpointError::new(kind, endpoint.full_name()).with_status(host, status).into())
            }
            _ => Ok(false),
        }
    }
}
