//! The driver: puts the steps together.

use super::answer::{Body, accepted, response};
use super::caller::Caller;
use super::choice::{Choosing, Wants};
use super::conversions::{self, Asked, Wording};
use super::dto::HuggingFaceRequest;
use super::origin::Origin;
use super::plan::{OwnRoute, Plan};
use super::route::Endpoint;
use super::stream::{AnswerStream, pieces};
use super::{Catalog, Dialect, PROVIDER, catalog, provider_route};
use crate::transport::{Answer, Patience, Retrier};
use async_trait::async_trait;
use botticelli_core::{GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo, Timeouts};
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, JsonError, JsonErrorKind, TimeoutClock};
use botticelli_interface::{BotticelliDriver, ChunkStream};
use bytes::Bytes;
use futures::StreamExt;
use reqwest::Method;
use serde::Serialize;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
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
    /// The provider that was set, if one was.
    pub(super) own_route: Option<OwnRoute>,
    pub(super) catalog: Catalog,
    pub(super) choosing: Choosing,
    pub(super) dialect: Dialect,
    pub(super) generation: GenerationConfig,
    pub(super) timeouts: Timeouts,
    pub(super) retrier: Retrier,
    pub(super) caller: Caller,
    /// What the caller should know with every answer.
    pub(super) warnings: Vec<String>,
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
        let asked = self.asked(request, Mode::Plain)?;
        let question = self.question(asked, (TimeoutClock::Total, timeouts.total)).await?;
        self.answer(&question, timeouts, started).await
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        let (timeouts, started) = self.begin(request.timeouts());
        let asked = self.asked(request, Mode::Streamed)?;
        let question = self.question(asked, (TimeoutClock::FirstToken, timeouts.first_token)).await?;
        self.answer_stream(&question, timeouts, started).await
    }

    fn provider_name(&self) -> &'static str {
        PROVIDER
    }

    fn model_name(&self) -> &str {
        &self.shared.model
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        self.shared.check(model)?;
        if let Some(info) = self.shared.catalog.kept(self.shared.endpoint.listed(model)) {
            return Ok(Some(info));
        }
        let Some(url) = self.shared.endpoint.model(model) else { return Ok(None) };
        let patience = Patience::for_an_answer(&self.shared.timeouts, Duration::ZERO);
        let answer = self.shared.caller.send(Method::GET, url, None, patience).await?;
        let asked = self.shared.caller.asked(Some(model), &answer);
        catalog::entry(answer, &asked).await
    }
}

/// What is sent, the way it takes, and how its answer is read.
#[derive(Debug)]
pub(super) struct Question {
    plan: Plan,
    /// Shared by all attempts: a picture makes it large.
    body: Bytes,
    choices: Option<u32>,
    /// The names of the tools that are offered.
    tools: Arc<[String]>,
    wording: Wording,
    has_media: bool,
}

impl Question {
    /// What is asked on the way of `plan`, whose answer comes in this wording.
    pub(super) fn new(
        request: &impl Serialize,
        plan: Plan,
        wording: Wording,
    ) -> Result<Self, BotticelliError> {
        let body = serde_json::to_vec(request).map_err(|error| {
            let kind = JsonErrorKind::Unreadable { what: "request", beginning: String::new() };
            JsonError::new(kind, PROVIDER).with_source(error)
        })?;
        let tools = Arc::default();
        Ok(Self { plan, body: body.into(), choices: None, tools, wording, has_media: false })
    }

    fn chat(request: &HuggingFaceRequest, plan: Plan) -> Result<Self, BotticelliError> {
        let tools = request.tools().iter().map(|tool| tool.function().name().clone()).collect();
        let has_media = conversions::has_media(request);
        Ok(Self { choices: request.n(), tools, has_media, ..Self::new(request, plan, Wording::Chat)? })
    }
}

/// How an answer is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Plain,
    Streamed,
}

/// A stream that has begun.
enum Begun {
    Pieces(AnswerStream),
    Whole(Box<GenerateResponse>),
}

impl Shared {
    /// Whether OpenAI itself answers.
    fn is_openai(&self) -> bool {
        let is_provider = self.own_route.as_ref().is_some_and(|own| own.provider.name() == "openai");
        is_provider || self.endpoint.address().host() == "api.openai.com"
    }

    /// Refuses a model's name that cannot be one, or that this server cannot know.
    pub(super) fn check(&self, model: &str) -> Result<(), BotticelliError> {
        match &self.own_route {
            Some(_) => provider_route::check(model),
            None => self.endpoint.check(model),
        }
    }
}

impl HuggingFaceDriver {
    /// The models that the router serves, by whom and at what price. Nothing is fetched yet.
    pub fn catalog(&self) -> Catalog {
        self.shared.catalog.clone()
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// How long a call may take, and since when.
    pub(super) fn begin(&self, timeouts: Option<Timeouts>) -> (Timeouts, Instant) {
        (timeouts.unwrap_or(self.shared.timeouts), self.shared.caller.http.clock().now())
    }

    /// How much of a call's time has gone by.
    fn since(&self, started: Instant) -> Duration {
        self.shared.caller.http.clock().now().saturating_duration_since(started)
    }

    /// What is asked: the request, and what the driver adds where it says nothing. What cannot be right is refused before
    /// anybody is asked anything.
    fn asked(
        &self,
        request: GenerateRequest,
        mode: Mode,
    ) -> Result<(Box<HuggingFaceRequest>, Wants), BotticelliError> {
        let model = match request.model() {
            Some(model) => {
                self.shared.check(model)?;
                model.to_owned()
            }
            // It was checked when the driver was built.
            None => self.shared.model.clone(),
        };
        let request = request.with_defaults(&self.shared.generation).with_model(model);
        let dto = conversions::request(&request, self.shared.dialect)?;
        let dto = if self.shared.is_openai() { dto.with_max_completion_tokens() } else { dto };
        let wants = Wants::of(&request, self.shared.choosing);
        Ok((Box::new(if mode == Mode::Streamed { dto.streaming() } else { dto }), wants))
    }

    /// What is sent, and the way it takes.
    async fn question(
        &self,
        (asked, wants): (Box<HuggingFaceRequest>, Wants),
        deadline: (TimeoutClock, Option<Duration>),
    ) -> Result<Question, BotticelliError> {
        let plan = self.in_time(Plan::make(&self.shared, &wants, asked.model()), deadline).await?;
        Question::chat(
            &if plan.model == *asked.model() { *asked } else { asked.with_model(&*plan.model) },
            plan,
        )
    }

    /// What is looked up before the call counts for its deadline.
    pub(super) async fn in_time<T>(
        &self,
        look_up: impl Future<Output = Result<T, BotticelliError>>,
        (clock, limit): (TimeoutClock, Option<Duration>),
    ) -> Result<T, BotticelliError> {
        let Some(limit) = limit else { return look_up.await };
        let mut look_up = pin!(look_up);
        let mut sleep = None;
        poll_fn(|cx| {
            if let Poll::Ready(found) = look_up.as_mut().poll(cx) {
                return Poll::Ready(found);
            }
            // Most calls have nothing to look up, and need no timer.
            let sleep = sleep.get_or_insert_with(|| self.shared.caller.http.clock().sleep(limit));
            sleep.as_mut().poll(cx).map(|()| {
                let kind = HttpErrorKind::Timeout { clock, limit };
                Err(HttpError::new(kind, self.shared.endpoint.address().host()).into())
            })
        })
        .await
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
        let (response, retries) =
            self.shared.retrier.run(&question.plan.requested_model, limit, attempt).await?;
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
        let (stream, retries) =
            self.shared.retrier.run(&question.plan.requested_model, limit, attempt).await?;
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
        let http = &self.shared.caller.http;
        let origin = Origin::new(&question.plan, &answer, &asked, http, started);
        if Body::of(&answer) == Body::Events {
            // A server that streams unasked: the same answer in pieces, on the same clock.
            let stream = AnswerStream::new(answer.events(None, None), asked, origin, http.limits());
            return stream.whole().await;
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
        let http = &self.shared.caller.http;
        let origin = Origin::new(&question.plan, &answer, &asked, http, started);
        match Body::look_at(&mut answer).await? {
            // A server that cannot stream: the same answer, in one piece.
            Body::Json => {
                let response = Box::pin(response(answer, &asked)).await?;
                Ok(Begun::Whole(Box::new(origin.mark(response, &asked, None))))
            }
            Body::Html => Err(JsonError::new(JsonErrorKind::Html, answer.host()).into()),
            Body::Events | Body::Unknown => {
                let events = answer.events(timeouts.idle, timeouts.keep_alive);
                let stream = AnswerStream::new(events, asked, origin, http.limits());
                stream.begun().await.map(Begun::Pieces)
            }
        }
    }

    /// Sends it; gives back an answer that is no refusal, as far as its status tells.
    async fn ask(&self, question: &Question, patience: Patience) -> Result<(Answer, Asked), BotticelliError> {
        let Question { plan, body, choices, tools, wording, has_media } = question;
        let Shared { caller, retrier, .. } = &*self.shared;
        let answer = caller.send(Method::POST, plan.url.clone(), Some(body.clone()), patience).await?;
        let mut asked = caller.asked(Some(&plan.requested_model), &answer);
        asked.choices = *choices;
        asked.tools.clone_from(tools);
        asked.wording = wording.clone();
        asked.has_media = *has_media;
        let answer = accepted(answer, &asked).await?;
        retrier.wakeups.ready(&plan.requested_model);
        Ok((answer, asked))
    }
}
