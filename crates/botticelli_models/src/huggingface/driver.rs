//! The driver: puts the steps together.

use super::answer::{Body, accepted, response};
use super::conversions::{self, Asked};
use super::credentials::Credentials;
use super::dto::HuggingFaceRequest;
use super::origin::Origin;
use super::route::Endpoint;
use super::stream::{AnswerStream, pieces};
use super::{Dialect, PROVIDER, catalog};
use crate::transport::{Answer, Call, HttpClient, Patience, Retrier};
use async_trait::async_trait;
use botticelli_core::{GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo, Timeouts};
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
use botticelli_interface::{BotticelliDriver, ChunkStream};
use futures::StreamExt;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Answers requests through Hugging Face Inference, or any server that speaks the same dialect.
///
/// Clones are cheap and share connections. `Debug` shows no token.
///
/// ```no_run
/// use botticelli_interface::BotticelliDriver;
/// use botticelli_models::huggingface::HuggingFaceDriver;
///
/// # async fn example() -> botticelli_error::ModelsResult<()> {
/// let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:cheapest")
///     .base_url("http://127.0.0.1:8080/v1")
///     .build()?;
/// let answer = driver.generate("Name three painters".into()).await?;
/// println!("{} ({} tokens)", answer.text(), answer.usage().and_then(|u| u.total_tokens()).unwrap_or(0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct HuggingFaceDriver {
    shared: Arc<Shared>,
}

/// What a driver is made of.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) model: String,
    pub(super) endpoint: Endpoint,
    pub(super) dialect: Dialect,
    pub(super) credentials: Credentials,
    pub(super) bill_to: Option<HeaderValue>,
    pub(super) generation: GenerationConfig,
    pub(super) timeouts: Timeouts,
    pub(super) retrier: Retrier,
    pub(super) http: HttpClient,
}

impl From<Shared> for HuggingFaceDriver {
    fn from(shared: Shared) -> Self {
        Self { shared: Arc::new(shared) }
    }
}

#[async_trait]
impl BotticelliDriver for HuggingFaceDriver {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        let Shared { retrier, http, .. } = &*self.shared;
        let started = http.clock().now();
        let timeouts = request.timeouts().unwrap_or(self.shared.timeouts);
        let request = self.request(request)?;
        let attempt = |spent| self.attempt(&request, Patience::for_an_answer(&timeouts, spent), started);
        let (response, retries) = retrier.run(request.model(), timeouts.total, attempt).await?;
        Ok(response.with_retries(retries))
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        let Shared { retrier, http, .. } = &*self.shared;
        let started = http.clock().now();
        let timeouts = request.timeouts().unwrap_or(self.shared.timeouts);
        let request = self.request(request)?.streaming();
        let attempt = |spent| self.attempt_stream(&request, timeouts, spent, started);
        let (stream, retries) = retrier.run(request.model(), timeouts.first_token, attempt).await?;
        Ok(match stream {
            Begun::Pieces(stream) => stream.after(retries).boxed(),
            Begun::Whole(response) => pieces(response.with_retries(retries)).boxed(),
        })
    }

    fn provider_name(&self) -> &'static str {
        PROVIDER
    }

    fn model_name(&self) -> &str {
        &self.shared.model
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        self.shared.endpoint.check(model)?;
        let url = self.shared.endpoint.model(model);
        let patience = Patience::for_an_answer(&self.shared.timeouts, Duration::ZERO);
        let answer = self.send(Method::GET, url, None, patience).await?;
        let asked = self.asked(model, &answer);
        catalog::entry(answer, &asked).await
    }
}

/// A stream that has begun.
enum Begun {
    Pieces(Box<AnswerStream>),
    Whole(Box<GenerateResponse>),
}

const BILL_TO: HeaderName = HeaderName::from_static("x-hf-bill-to");

impl HuggingFaceDriver {
    /// What is sent: the request, and what the driver adds where it says nothing.
    fn request(&self, request: GenerateRequest) -> Result<HuggingFaceRequest, BotticelliError> {
        let model = request.model().unwrap_or(&self.shared.model).to_owned();
        self.shared.endpoint.check(&model)?;
        conversions::request(
            &request.with_defaults(&self.shared.generation).with_model(model),
            self.shared.dialect,
        )
    }

    /// One attempt at a plain answer.
    async fn attempt(
        &self,
        request: &HuggingFaceRequest,
        patience: Patience,
        started: Instant,
    ) -> Result<GenerateResponse, BotticelliError> {
        let (answer, asked) = self.ask(request, patience).await?;
        let http = &self.shared.http;
        let origin = Origin::new(request.model(), &answer, http, started);
        if Body::of(&answer) == Body::Events {
            // A server that streams unasked: the same answer in pieces, on the same clock.
            return AnswerStream::new(answer.events(None, None), asked, origin, http.limits()).whole().await;
        }
        Ok(origin.mark(response(answer, &asked).await?, None))
    }

    /// One attempt at a stream, up to its first piece.
    async fn attempt_stream(
        &self,
        request: &HuggingFaceRequest,
        timeouts: Timeouts,
        spent: Duration,
        started: Instant,
    ) -> Result<Begun, BotticelliError> {
        let (mut answer, asked) = self.ask(request, Patience::for_a_stream(&timeouts, spent)).await?;
        let http = &self.shared.http;
        let origin = Origin::new(request.model(), &answer, http, started);
        match Body::look_at(&mut answer).await? {
            // A server that cannot stream: the same answer, in one piece.
            Body::Json => Ok(Begun::Whole(Box::new(origin.mark(response(answer, &asked).await?, None)))),
            Body::Html => Err(JsonError::new(JsonErrorKind::Html, answer.host()).into()),
            Body::Events | Body::Unknown => {
                let events = answer.events(timeouts.idle, timeouts.keep_alive);
                AnswerStream::new(events, asked, origin, http.limits())
                    .begun()
                    .await
                    .map(Box::new)
                    .map(Begun::Pieces)
            }
        }
    }

    /// Sends it; gives back an answer that is no refusal, as far as its status tells.
    async fn ask(
        &self,
        request: &HuggingFaceRequest,
        patience: Patience,
    ) -> Result<(Answer, Asked), BotticelliError> {
        let body = serde_json::to_vec(request).map_err(|error| {
            let kind = JsonErrorKind::Unreadable { what: "request", beginning: String::new() };
            JsonError::new(kind, PROVIDER).with_source(error)
        })?;
        let url = self.shared.endpoint.chat();
        let answer = self.send(Method::POST, url, Some(body), patience).await?;
        let mut asked = self.asked(request.model(), &answer);
        asked.choices = request.n();
        let answer = accepted(answer, &asked).await?;
        self.shared.retrier.wakeups.ready(request.model());
        Ok((answer, asked))
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<Vec<u8>>,
        patience: Patience,
    ) -> Result<Answer, BotticelliError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(token) = &self.shared.credentials.token {
            // The token was checked when the driver was built: it is visible ASCII.
            if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())) {
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
        }
        if let Some(bill_to) = &self.shared.bill_to {
            headers.insert(BILL_TO, bill_to.clone());
        }
        self.shared.http.send(Call { method, url, headers, body }, patience).await
    }

    fn asked(&self, model: &str, answer: &Answer) -> Asked {
        Asked {
            host: Some(answer.host().to_owned()),
            path: Some(answer.path().to_owned()),
            model: Some(model.to_owned()),
            token: self.shared.credentials.token.clone(),
            withheld: self.shared.credentials.withheld.clone(),
            request_id: answer.request_id(),
            choices: None,
            forbids_retry: answer.forbids_retry(),
            retry_after: answer.wait_hint(self.shared.http.clock().wall_time()),
        }
    }
}
