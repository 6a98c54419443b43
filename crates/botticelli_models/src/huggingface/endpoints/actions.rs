//! Actions on an endpoint: pause, resume, scale to zero, delete.

use super::call::{Call, endpoint_call};
use super::client::parse;
use super::endpoint::InferenceEndpoint;
use super::endpoints::Endpoints;
use super::state::EndpointState;
use botticelli_error::{BotticelliError, BotticelliErrorKind, EndpointError, EndpointErrorKind};
use reqwest::Method;

/// An action, and the states in which its effect has already happened.
#[derive(Clone, Copy, Debug)]
struct Action {
    name: &'static str,
    path: &'static str,
    is_done: fn(&EndpointState) -> bool,
}

const PAUSE: Action =
    Action { name: "pause", path: "/pause", is_done: |state| *state == EndpointState::Paused };

const RESUME: Action = Action {
    name: "resume",
    path: "/resume",
    is_done: |state| *state == EndpointState::Running || state.is_changing(),
};

const SCALE_TO_ZERO: Action = Action {
    name: "scale to zero",
    path: "/scale-to-zero",
    is_done: |state| *state == EndpointState::ScaledToZero,
};

impl Endpoints {
    /// Stops an endpoint, which then costs nothing and does not start by itself. A paused endpoint stays paused.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`], for example if the endpoint cannot be paused in its state. A failed connection.
    pub async fn pause(&self, name: &str) -> Result<InferenceEndpoint, BotticelliError> {
        self.act(name, PAUSE).await
    }

    /// Starts a paused endpoint. A running endpoint stays as it is.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`] or a failed connection.
    pub async fn resume(&self, name: &str) -> Result<InferenceEndpoint, BotticelliError> {
        self.act(name, RESUME).await
    }

    /// Stops the replicas of an endpoint, which then costs nothing and starts on the next request.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`], for example for a paused endpoint. A failed connection.
    pub async fn scale_to_zero(&self, name: &str) -> Result<InferenceEndpoint, BotticelliError> {
        self.act(name, SCALE_TO_ZERO).await
    }

    /// Deletes an endpoint permanently, with its settings and logs.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`] or a failed connection.
    pub async fn delete(&self, name: &str) -> Result<(), BotticelliError> {
        let namespace = self.settings.namespace().await?;
        let subject = format!("{namespace}/{name}");
        let call = endpoint_call(Method::DELETE, name, "", &subject, namespace)?;
        match self.settings.client.text(&call, self.limit()).await {
            Ok(_) => Ok(()),
            // An earlier attempt has deleted the endpoint, although its response was lost.
            Err(error) if error.attempts() > 1 && is_not_found(&error) => Ok(()),
            Err(error) => self.with_nearest(name, Err(error)).await,
        }
    }

    async fn act(&self, name: &str, action: Action) -> Result<InferenceEndpoint, BotticelliError> {
        let namespace = self.settings.namespace().await?;
        let subject = format!("{namespace}/{name}");
        let call: Call<'_> = endpoint_call(Method::POST, name, action.path, &subject, namespace)?;
        match self.settings.client.text(&call, self.limit()).await {
            // Some answers are empty.
            Ok(text) if text.trim().is_empty() => self.get(name).await,
            Ok(text) => self.read(&parse(&text, &subject)?, namespace),
            Err(error) => match refused_state(&error) {
                Some(refused) => self.explain(name, action, refused.clone()).await,
                None => self.with_nearest(name, Err(error)).await,
            },
        }
    }

    /// Returns the endpoint if the effect of the action has already happened, otherwise an error with the state of the endpoint.
    async fn explain(
        &self,
        name: &str,
        action: Action,
        refused: EndpointError,
    ) -> Result<InferenceEndpoint, BotticelliError> {
        let endpoint = self.get(name).await?;
        if (action.is_done)(endpoint.state()) {
            return Ok(endpoint);
        }
        let state = endpoint.state().to_string();
        let kind = EndpointErrorKind::WrongState { action: action.name, state };
        let error = EndpointError::new(kind, endpoint.full_name())
            .with_message(refused.message().map(str::to_owned))
            .with_request_id(refused.request_id().map(str::to_owned));
        Err(match (refused.host(), refused.status()) {
            (Some(host), Some(status)) => error.with_status(host, status),
            _ => error,
        }
        .into())
    }
}

/// Returns the error of an action that the service refuses, perhaps because of the state.
fn refused_state(error: &BotticelliError) -> Option<&EndpointError> {
    match error.kind() {
        BotticelliErrorKind::Endpoint(refused) if *refused.kind() == EndpointErrorKind::Rejected => {
            Some(refused)
        }
        _ => None,
    }
}

fn is_not_found(error: &BotticelliError) -> bool {
    matches!(error.kind(), BotticelliErrorKind::Endpoint(found)
        if matches!(found.kind(), EndpointErrorKind::NotFound { .. }))
}
