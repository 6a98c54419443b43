//! Lookups: GET requests whose response is a JSON object.

use crate::huggingface::client::api_client::{ApiClient, ApiRequest};
use crate::huggingface::client::json_body::{Content, read_object};
use crate::transport::{CallGuard, Deadline, Retrier, Target};
use botticelli_error::BotticelliError;
use reqwest::Url;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A GET request that is retried until its limit.
#[derive(Clone, Copy, Debug)]
pub(in crate::huggingface) struct Lookup<'a> {
    /// The name of what is looked up, for logs.
    pub(in crate::huggingface) name: &'a str,
    pub(in crate::huggingface) url: &'a Url,
    /// The model that error messages name.
    pub(in crate::huggingface) model: Option<&'a str>,
    /// Limit over all attempts.
    pub(in crate::huggingface) limit: Duration,
}

impl Lookup<'_> {
    /// Sends the request, and parses the response, which `classify` classifies.
    pub(in crate::huggingface) async fn run<T: DeserializeOwned>(
        self,
        client: &ApiClient,
        retrier: &Retrier,
        classify: fn(&T) -> Content,
    ) -> Result<T, BotticelliError> {
        Ok(self.run_dated(client, retrier, classify).await?.0)
    }

    /// Sends the request as [`run`](Self::run), and returns the server's time of the response too.
    pub(in crate::huggingface) async fn run_dated<T: DeserializeOwned>(
        self,
        client: &ApiClient,
        retrier: &Retrier,
        classify: fn(&T) -> Content,
    ) -> Result<(T, Option<SystemTime>), BotticelliError> {
        let target = &Target::from(self.url.clone());
        let deadline = Deadline::of_lookup(client.http.clock(), self.limit);
        let model = self.model.map(Arc::from);
        let request = ApiRequest { model: model.as_ref(), ..ApiRequest::default() };
        let attempt = |spent| {
            let timeouts = deadline.attempt(spent);
            async move {
                let (response, context) = client.send(target, request, timeouts).await?;
                let date = response.date();
                Ok((read_object(response, &context, classify).await?, date))
            }
        };
        Ok(retrier.run(self.name, &CallGuard::default(), &deadline, attempt).await?.0)
    }
}
