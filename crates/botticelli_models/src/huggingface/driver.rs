//! The driver: puts the steps together.

use super::answer::{Body, accepted, response};
use super::conversions::{self, Asked, Wording};
use super::credentials::Credentials;
use super::dto::HuggingFaceRequest;
use super::origin::Origin;
use super::route::{Endpoint, check_model};
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
use serde::Serialize;
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
        let (timeouts, started) = self.begin(request.timeouts());
        let question = self.chat_question(&self.request(request)?)?;
        self.answer(&question, timeouts, started).await
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        let (timeouts, started) = self.begin(request.timeouts());
        let question = self.chat_question(&self.request(request)?.streaming())?;
        self.answer_stream(&question, timeouts, started).await
    }

    fn provider_name(&self) -> &'static str {
        PROVIDER
    }

    fn model_name(&self) -> &str {
        &self.shared.model
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        check_model(model)?;
        let url = self.shared.endpoint.model(model);
        let patience = Patience::for_an_answer(&self.shared.timeouts, Duration::ZERO);
        let answer = self.send(Method::GET, url, None, patience).await?;
        let asked = self.asked(model, &answer);
        catalog::entry(answer, &asked).await
    }
}

/// What is sent where, and how its answer is read.
#[derive(Debug)]
pub(super) struct Question {
    model: String,
    url: Url,
    body: Vec<u8>,
    choices: Option<u32>,
    wording: Wording,
}

impl Question {
    /// What `model` is asked at `url`: a chat, until something else is said.
    pub(super) fn new(model: &str, url: Url, request: &impl Serialize) -> Result<Self, BotticelliError> {
        let body = serde_json::to_vec(request).map_err(|error| {
            let kind = JsonErrorKind::Unreadable { what: "request", beginning: String::new() };
            JsonError::new(kind, PROVIDER).with_source(error)
        })?;
        Ok(Self { model: model.to_owned(), url, body, choices: None, wording: Wording::Chat })
    }

    /// The same, with an answer in other words.
    pub(super) fn worded(mut self, wording: Wording) -> Self {
        self.wording = wording;
        self
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
        conversions::request(
            &request.with_defaults(&self.shared.generation).with_model(model),
            self.shared.dialect,
        )
    }

    fn chat_question(&self, request: &HuggingFaceRequest) -> Result<Question, BotticelliError> {
        let url = self.shared.endpoint.chat().clone();
        let question = Question::new(request.model(), url, request)?;
        Ok(Question { choices: request.n(), ..question })
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// How long a call may take, and since when.
    pub(super) fn begin(&self, timeouts: Option<Timeouts>) -> (Timeouts, Instant) {
        (timeouts.unwrap_or(self.shared.timeouts), self.shared.http.clock().now())
    }

    /// How much of a call's time has gone by.
    fn since(&self, started: Instant) -> Duration {
        self.shared.http.clock().now().saturating_duration_since(started)
    }

    /// Asks until there is an answer, or no sense in asking again.
    pub(super) async fn answer(
        &self,
        question: &Question,
        timeouts: Timeouts,
        started: Instant,
    ) -> Result<GenerateResponse, BotticelliError> {
        let before = self.since(started);
        let limit = timeouts.total.map(|limit| limit.saturating_sub(before));
        let attempt = |spent: Duration| {
            let patience = Patience::for_an_answer(&timeouts, spent.saturating_add(before));
            self.attempt(question, patience, started)
        };
        let (response, retries) = self.shared.retrier.run(&question.model, limit, attempt).await?;
        Ok(response.with_retries(retries))
    }

    /// Asks until a stream has begun, or there is no sense in asking again.
    pub(super) async fn answer_stream(
        &self,
        question: &Question,
        timeouts: Timeouts,
        started: Instant,
    ) -> Result<ChunkStream, BotticelliError> {
        let before = self.since(started);
        let limit = timeouts.first_token.map(|limit| limit.saturating_sub(before));
        let attempt =
            |spent: Duration| self.attempt_stream(question, timeouts, spent.saturating_add(before), started);
        let (stream, retries) = self.shared.retrier.run(&question.model, limit, attempt).await?;
        Ok(match stream {
            Begun::Pieces(stream) => stream.after(retries).boxed(),
            Begun::Whole(response) => pieces(response.with_retries(retries)).boxed(),
        })
    }

    /// One attempt at a plain answer.
    async fn attempt(
        &self,
        question: &Question,
        patience: Patience,
        started: Instant,
    ) -> Result<GenerateResponse, BotticelliError> {
        let (answer, asked) = self.ask(question, patience).await?;
        let http = &self.shared.http;
        let origin = Origin::new(&question.model, &answer, &asked, http, started);
        if Body::of(&answer) == Body::Events {
            // A server that streams unasked: the same answer in pieces, on the same clock.
            return AnswerStream::new(answer.events(None, None), asked, origin, http.limits()).whole().await;
        }
        Ok(origin.mark(response(answer, &asked).await?, &asked, None))
    }

    /// One attempt at a stream, up to its first piece.
    async fn attempt_stream(
        &self,
        question: &Question,
        timeouts: Timeouts,
        spent: Duration,
        started: Instant,
    ) -> Result<Begun, BotticelliError> {
        let (mut answer, asked) = self.ask(question, Patience::for_a_stream(&timeouts, spent)).await?;
        let http = &self.shared.http;
        let origin = Origin::new(&question.model, &answer, &asked, http, started);
        match Body::look_at(&mut answer).await? {
            // A server that cannot stream: the same answer, in one piece.
            Body::Json => {
                Ok(Begun::Whole(Box::new(origin.mark(response(answer, &asked).await?, &asked, None))))
            }
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
    async fn ask(&self, question: &Question, patience: Patience) -> Result<(Answer, Asked), BotticelliError> {
        let Question { model, url, body, choices, wording } = question;
        let answer = self.send(Method::POST, url.clone(), Some(body.clone()), patience).await?;
        let asked = Asked { choices: *choices, wording: wording.clone(), ..self.asked(model, &answer) };
        let answer = accepted(answer, &asked).await?;
        self.shared.retrier.wakeups.ready(model);
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
            wording: Wording::Chat,
            forbids_retry: answer.forbids_retry(),
            retry_after: answer.wait_hint(self.shared.http.clock().wall_time()),
        }
    }
}
