//! One request of a task: sends it until its response arrives, and records the facts of the response.

use super::body::Parameters;
use super::driver::HuggingFaceTasks;
use super::route::{TaskRoute, TaskServer};
use super::send_record::SendRecord;
use super::task::Task;
use crate::huggingface::PROVIDER;
use crate::huggingface::client::api_client::ApiRequest;
use crate::huggingface::client::json_body::JsonBody;
use crate::huggingface::conversions::{ErrorContext, cost, parse, refusal_in_response, usage};
use crate::huggingface::dto::{HuggingFaceResponse, HuggingFaceUsage};
use crate::huggingface::routing::provider_route::ProviderRoute;
use crate::transport::{Deadline, Target};
use botticelli_core::tasks::{Media, TaskMetadata, TaskOptions};
use botticelli_core::{Timings, Usage};
use botticelli_error::{BotticelliError, BuilderError, JsonError, JsonErrorKind};
use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

const INFERENCE_PROVIDER: HeaderName = HeaderName::from_static("x-inference-provider");

/// A call of a task, with its route and its deadline.
#[derive(Debug)]
pub(super) struct TaskCall<'a> {
    pub(super) driver: &'a HuggingFaceTasks,
    pub(super) task: &'static Task,
    pub(super) route: TaskRoute,
    pub(super) deadline: Deadline,
    /// Fields of the caller that have no setting.
    extra: &'a Map<String, Value>,
    /// `true` if the request has timeouts.
    pub(super) has_timeouts: bool,
    /// The permission for retries, and the record of what was sent.
    pub(super) record: SendRecord,
    owner: &'static str,
}

/// A response, and the facts that its errors need.
#[derive(Clone, Copy)]
pub(super) struct Answer<'a> {
    pub(super) body: &'a JsonBody,
    /// The content type, without parameters.
    pub(super) media_type: &'a str,
    pub(super) context: &'a ErrorContext,
}

/// The text of a response, and the facts that its errors need.
pub(super) struct Reply<'a> {
    pub(super) text: &'a str,
    body: &'a JsonBody,
    context: &'a ErrorContext,
}

impl<'a> TaskCall<'a> {
    /// Starts a call: finds its route. `owner` is the type of the request, for error messages.
    pub(super) async fn start(
        driver: &'a HuggingFaceTasks,
        task: &'static Task,
        owner: &'static str,
        options: &'a TaskOptions,
    ) -> Result<TaskCall<'a>, BotticelliError> {
        let deadline = driver.settings.deadline(options.timeouts());
        let route = TaskRoute::find(&driver.settings, driver.api, task, options.model(), &deadline).await?;
        let has_timeouts = options.timeouts().is_some();
        let record = SendRecord::new(options);
        Ok(Self { driver, task, route, deadline, extra: options.extra(), has_timeouts, record, owner })
    }

    /// Returns the caller's fields that have no setting.
    pub(super) fn extra(&self) -> &Map<String, Value> {
        self.extra
    }

    /// Returns the URL of `path` at the server.
    pub(super) fn url(&self, path: &str) -> Result<Url, BotticelliError> {
        self.route.url(&self.driver.settings, path)
    }

    /// Returns the URL of a task that only Hugging Face's own servers and dedicated endpoints have.
    pub(super) fn hosted_url(&self) -> Result<Url, BotticelliError> {
        match &self.route.server {
            TaskServer::Hosted | TaskServer::Endpoint => self.url(""),
            TaskServer::OpenAi | TaskServer::Tei | TaskServer::Provider(_) => {
                let remedy = "use the provider hf-inference, or a dedicated endpoint (`TaskApi::Endpoint`)";
                Err(self.route.unsupported(self.task, remedy))
            }
        }
    }

    /// Joins the results of several requests.
    pub(super) fn join<T>(&self, parts: Vec<(Vec<T>, TaskMetadata)>) -> (Vec<T>, TaskMetadata) {
        let (mut all, mut facts) = (Vec::new(), None);
        for (part, metadata) in parts {
            all.extend(part);
            facts = TaskMetadata::merged(facts, metadata);
        }
        (all, self.with_usage(facts.unwrap_or_default(), None, None))
    }

    /// Returns JSON with the caller's extra fields, in the object at `place` (`parameters`, or the body itself).
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if an extra field has a setting.
    pub(super) fn json(&self, dto: &impl Serialize, place: Option<&str>) -> Result<Bytes, BotticelliError> {
        let unreadable = |error| -> BotticelliError {
            let kind = JsonErrorKind::Unreadable { what: "request", beginning: String::new() };
            JsonError::new(kind, PROVIDER).with_source(error).into()
        };
        if self.extra.is_empty() {
            return Ok(serde_json::to_vec(dto).map_err(unreadable)?.into());
        }
        let mut body = serde_json::to_value(dto).map_err(unreadable)?;
        let target = match (place, &mut body) {
            (Some(place), Value::Object(body)) => body.entry(place).or_insert_with(|| Map::new().into()),
            (_, body) => body,
        };
        if let Value::Object(target) = target {
            for (name, value) in self.extra.iter().filter(|(_, value)| !value.is_null()) {
                if target.contains_key(name) {
                    let (reason, remedy) = ("it has its own setting", "use that setting instead");
                    let field = format!("extra.{name}");
                    return Err(BuilderError::refused(self.owner, field, "set", reason, remedy).into());
                }
                target.insert(name.clone(), value.clone());
            }
        }
        Ok(serde_json::to_vec(&body).map_err(unreadable)?.into())
    }

    /// Returns the body of a request with media: the bytes, or JSON with base64 if the request has parameters. For bytes, also returns
    /// their content type.
    pub(super) fn media_body<'m>(
        &self,
        media: &'m Media,
        parameters: Parameters,
    ) -> Result<(Bytes, Option<&'m str>), BotticelliError> {
        if parameters.is_empty() && self.extra.is_empty() {
            return Ok((media.data().clone(), Some(media.media_type())));
        }
        let body = self.json(&parameters.body(media.to_base64()), Some("parameters"))?;
        Ok((body, None))
    }

    /// Returns the usual headers with another content type, and another type of the response.
    pub(super) fn headers(&self, content_type: Option<&str>, accept: Option<&'static str>) -> HeaderMap {
        let mut headers = self.driver.settings.client.headers_of_json().clone();
        // If the caller's content type is invalid, the server detects the type.
        if let Some(content_type) = content_type {
            let unknown = HeaderValue::from_static("application/octet-stream");
            headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap_or(unknown));
        }
        if let Some(accept) = accept {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        if let TaskServer::Provider(name) = &self.route.server
            && let Ok(provider) = ProviderRoute::for_tasks(name, None)
        {
            headers.extend(provider.headers());
        }
        let settings = &self.driver.settings;
        if settings.provider.as_ref().is_some_and(|own| own.is_direct() && own.name() == "fal-ai")
            && let Some(key) = &settings.client.credentials.token
            && let Ok(mut value) = HeaderValue::from_str(&format!("Key {}", key.expose_secret()))
        {
            // fal has its own scheme for its own keys.
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }

    /// Sends media to Hugging Face's own servers or a dedicated endpoint, and reads the response with `read`.
    pub(super) async fn send_media<T: Send>(
        &self,
        media: &Media,
        parameters: Parameters,
        read: impl Fn(&Answer<'_>) -> Result<T, BotticelliError> + Send + Sync,
    ) -> Result<(T, TaskMetadata), BotticelliError> {
        let (body, media_type) = self.media_body(media, parameters)?;
        let headers = self.headers(media_type, None);
        let (value, facts) = self.send(&self.hosted_url()?, &body, Some(&headers), read).await?;
        Ok((value, self.with_usage(facts, None, None)))
    }

    /// Sends JSON, and reads the JSON of the response with `read`. Failed attempts are repeated.
    pub(super) async fn post<T: Send>(
        &self,
        url: &Url,
        body: &Bytes,
        read: impl Fn(&Reply<'_>) -> Result<T, BotticelliError> + Send + Sync,
    ) -> Result<(T, TaskMetadata), BotticelliError> {
        self.send(url, body, None, |answer: &Answer<'_>| read(&answer.reply()?)).await
    }

    /// Sends a body with these headers, or as JSON, and reads the response with `read`. Failed attempts are repeated.
    pub(super) async fn send<T: Send>(
        &self,
        url: &Url,
        body: &Bytes,
        headers: Option<&HeaderMap>,
        read: impl Fn(&Answer<'_>) -> Result<T, BotticelliError> + Send + Sync,
    ) -> Result<(T, TaskMetadata), BotticelliError> {
        let settings = &*self.driver.settings;
        let (model, read) = (&self.route.requested_model, &read);
        let guard = &self.record.begin();
        let target = &Target::from(url.clone());
        let attempt = |spent| {
            let timeouts = self.deadline.attempt(spent);
            let request = ApiRequest {
                body: Some(body),
                model: Some(model),
                headers,
                guard: Some(guard),
                ..ApiRequest::default()
            };
            async move {
                let (response, context) = settings.client.send(target, request, timeouts).await?;
                settings.retrier.loading_models.ready(model);
                let provider = response.header(INFERENCE_PROVIDER).or(self.route.provider());
                let metadata = TaskMetadata::builder().requested_model(&**model).requests(1);
                let mut metadata = match provider {
                    Some(provider) => metadata.provider(context.redact(provider)),
                    None => metadata,
                };
                if let Some(id) = &context.request_id {
                    metadata = metadata.request_id(context.redact(id));
                }
                if let Some(limit) = response.rate_limit(self.deadline.clock().wall_time()) {
                    metadata = metadata.rate_limit(Box::new(limit));
                }
                let metadata = metadata.warnings(self.route.warnings.clone()).build()?;
                let media_type = response.media_type().to_ascii_lowercase();
                let body = JsonBody::read(response).await.map_err(|broken| broken.error)?;
                let value = read(&Answer { body: &body, media_type: &media_type, context: &context })?;
                Ok((value, metadata))
            }
        };
        let ((value, metadata), retries) =
            settings.retrier.run(model, guard, &self.deadline, attempt).await?;
        let timings = Timings::new(None, Some(self.deadline.elapsed()));
        Ok((value, metadata.with_retries(retries).with_timings(timings)))
    }

    /// Returns a text of the server without the token that was sent, because some servers repeat it.
    pub(super) fn redact(&self, text: &str) -> String {
        match &self.driver.settings.client.credentials.token {
            Some(token) => token.redact(text.to_owned()),
            None => text.to_owned(),
        }
    }

    /// Returns the facts of a response with the model and the token counts that it names.
    pub(super) fn with_usage(
        &self,
        metadata: TaskMetadata,
        model: Option<String>,
        counts: Option<&HuggingFaceUsage>,
    ) -> TaskMetadata {
        let reported = counts.and_then(cost);
        let counts: Option<Usage> = counts.map(usage).filter(|usage| !usage.is_empty());
        let cost = reported.unwrap_or_else(|| self.driver.settings.cost(counts.as_ref()));
        let model = model.map(|model| self.redact(&model));
        metadata.with_model(model).with_usage(counts, cost)
    }
}

impl<'a> Answer<'a> {
    /// Returns the text of the response.
    pub(super) fn reply(&self) -> Result<Reply<'a>, BotticelliError> {
        Ok(Reply { text: self.body.text(self.context)?, body: self.body, context: self.context })
    }
}

impl Reply<'_> {
    /// Parses the response. If it has another shape, it may be an error object.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, BotticelliError> {
        parse(self.text).map_err(|error| self.mismatch(&error))
    }

    /// Returns the error for a response with an unexpected shape.
    pub(super) fn mismatch(&self, error: &serde_json::Error) -> BotticelliError {
        let object = self.text.starts_with('{').then(|| parse::<HuggingFaceResponse>(self.text));
        let refusal =
            object.and_then(Result::ok).and_then(|response| refusal_in_response(&response, self.context));
        refusal.unwrap_or_else(|| self.body.mismatch(self.text, self.context, error))
    }

    /// Returns the error for a response whose JSON has the expected shape, but an impossible value.
    pub(super) fn invalid(&self, reason: &str) -> BotticelliError {
        self.mismatch(&serde::de::Error::custom(reason)).with_note(format!("The problem: {reason}."))
    }
}
