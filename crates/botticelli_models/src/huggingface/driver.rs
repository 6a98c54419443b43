//! The driver: puts the steps together.

use crate::huggingface::Catalog;
use crate::huggingface::Dialect;
use crate::huggingface::PROVIDER;
use crate::huggingface::catalog::catalog;
use crate::huggingface::client::api_client::ApiClient;
use crate::huggingface::client::response_metadata::ResponseMetadata;
use crate::huggingface::client::stream_options::{BareStreams, bare_of, refuses_stream_options};
use crate::huggingface::conversions::{self, Asked, Wording};
use crate::huggingface::dto::HuggingFaceRequest;
use crate::huggingface::response::{BodyKind, accepted, response};
use crate::huggingface::routing::endpoint::Endpoint;
use crate::huggingface::routing::provider_route;
use crate::huggingface::routing::provider_selection::{Requirements, SelectionMode};
use crate::huggingface::routing::route_plan::{FixedProvider, RoutePlan};
use crate::huggingface::stream::{AnswerStream, pieces};
use crate::transport::{AttemptTimeouts, CallLimits, HttpResponse, Retrier, TimeSpent, TimeoutTracker};
use async_trait::async_trait;
use botticelli_core::{GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo, Timeouts, ToolChoice};
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
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
    shared: Arc<DriverSettings>,
}

/// What a driver is made of.
#[derive(Debug)]
pub(in crate::huggingface) struct DriverSettings {
    pub(in crate::huggingface) model: String,
    pub(in crate::huggingface) endpoint: Endpoint,
    /// The provider that was set, if one was.
    pub(in crate::huggingface) own_route: Option<FixedProvider>,
    pub(in crate::huggingface) catalog: Catalog,
    pub(in crate::huggingface) choosing: SelectionMode,
    pub(in crate::huggingface) dialect: Dialect,
    pub(in crate::huggingface) generation: GenerationConfig,
    pub(in crate::huggingface) timeouts: Timeouts,
    pub(in crate::huggingface) retrier: Retrier,
    pub(in crate::huggingface) caller: ApiClient,
    /// Who is known to refuse `stream_options`.
    pub(in crate::huggingface) bare_streams: BareStreams,
    /// What the caller should know with every answer.
    pub(in crate::huggingface) warnings: Vec<String>,
}

impl From<DriverSettings> for HuggingFaceDriver {
    fn from(shared: DriverSettings) -> Self {
        Self { shared: Arc::new(shared) }
    }
}

#[async_trait]
impl BotticelliDriver for HuggingFaceDriver {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        let (timeouts, started) = self.begin(request.timeouts());
        let asked = self.asked(request, Mode::Plain)?;
        let question =
            self.question(asked, AttemptTimeouts::for_an_answer(&timeouts, Duration::ZERO)).await?;
        self.answer(&question, timeouts, started).await
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        let (timeouts, started) = self.begin(request.timeouts());
        let asked = self.asked(request, Mode::Streamed)?;
        let question = self.question(asked, AttemptTimeouts::for_a_stream(&timeouts, Duration::ZERO)).await?;
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
        let patience = AttemptTimeouts::for_an_answer(&self.shared.timeouts, Duration::ZERO);
        let answer = self.shared.caller.send(Method::GET, url, None, patience).await?;
        let asked = self.shared.caller.asked(Some(model), &answer);
        catalog::entry(answer, &asked).await
    }
}

/// What is sent, the way it takes, and how its answer is read.
#[derive(Debug)]
pub(in crate::huggingface) struct PreparedRequest {
    plan: RoutePlan,
    /// Shared by all attempts: a picture makes it large.
    body: Bytes,
    choices: Option<u32>,
    /// The names of the tools that are offered.
    tools: Arc<[String]>,
    wording: Wording,
    has_media: bool,
    /// What the caller said of tools.
    tool_choice: Option<ToolChoice>,
}

impl PreparedRequest {
    /// What is asked on the way of `plan`, whose answer comes in this wording.
    pub(in crate::huggingface) fn new(
        request: &impl Serialize,
        plan: RoutePlan,
        wording: Wording,
    ) -> Result<Self, BotticelliError> {
        let body = serde_json::to_vec(request).map_err(|error| {
            let kind = JsonErrorKind::Unreadable { what: "request", beginning: String::new() };
            JsonError::new(kind, PROVIDER).with_source(error)
        })?;
        let tools = Arc::default();
        let (choices, has_media, tool_choice) = (None, false, None);
        Ok(Self { plan, body: body.into(), choices, tools, wording, has_media, tool_choice })
    }

    fn chat(
        request: &HuggingFaceRequest,
        plan: RoutePlan,
        tool_choice: Option<ToolChoice>,
    ) -> Result<Self, BotticelliError> {
        let tools = request.tools().iter().map(|tool| tool.function().name().clone()).collect();
        let has_media = conversions::has_media(request);
        let question = Self::new(request, plan, Wording::Chat)?;
        Ok(Self { choices: request.n(), tools, has_media, tool_choice, ..question })
    }
}

/// A request as it is sent, and what has to be known of it besides.
struct Asking {
    dto: Box<HuggingFaceRequest>,
    wants: Requirements,
    tool_choice: Option<ToolChoice>,
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

impl DriverSettings {
    /// Whether OpenAI itself answers.
    fn is_openai(&self) -> bool {
        let is_provider = self.own_route.as_ref().is_some_and(|own| own.provider.name() == "openai");
        is_provider || self.endpoint.address().host() == "api.openai.com"
    }

    /// Refuses a model's name that cannot be one, or that this server cannot know.
    pub(in crate::huggingface) fn check(&self, model: &str) -> Result<(), BotticelliError> {
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

    pub(in crate::huggingface) fn shared(&self) -> &DriverSettings {
        &self.shared
    }

    /// How long a call may take, and since when.
    pub(in crate::huggingface) fn begin(&self, timeouts: Option<Timeouts>) -> (Timeouts, Instant) {
        (timeouts.unwrap_or(self.shared.timeouts), self.shared.caller.http.clock().now())
    }

    /// What is asked: the request, and what the driver adds where it says nothing. What cannot be right is refused before
    /// anybody is asked anything.
    fn asked(&self, request: GenerateRequest, mode: Mode) -> Result<Asking, BotticelliError> {
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
        let wants = Requirements::of(&request, self.shared.choosing);
        let dto = Box::new(if mode == Mode::Streamed { dto.streaming() } else { dto });
        Ok(Asking { dto, wants, tool_choice: request.tool_choice().cloned() })
    }

    /// What is sent, and the way it takes.
    async fn question(
        &self,
        Asking { dto, wants, tool_choice }: Asking,
        patience: AttemptTimeouts,
    ) -> Result<PreparedRequest, BotticelliError> {
        let plan = self.in_time(RoutePlan::make(&self.shared, &wants, dto.model()), patience).await?;
        let dto = if plan.model == *dto.model() { *dto } else { dto.with_model(&*plan.model) };
        PreparedRequest::chat(&dto, plan, tool_choice)
    }

    /// What is looked up before the call counts for its deadline.
    pub(in crate::huggingface) async fn in_time<T: Send>(
        &self,
        look_up: impl Future<Output = Result<T, BotticelliError>> + Send,
        patience: AttemptTimeouts,
    ) -> Result<T, BotticelliError> {
        let mut look_up = pin!(look_up);
        // Most calls have nothing to look up, and need no clocks.
        if let Poll::Ready(found) = poll_fn(|cx| Poll::Ready(look_up.as_mut().poll(cx))).await {
            return found;
        }
        let (clock, host) = (self.shared.caller.http.clock(), self.shared.endpoint.address().host().into());
        Box::pin(async move { TimeoutTracker::new(clock, &host, patience).limit(look_up).await }).await?
    }

    /// Asks until there is an answer, or no sense in asking again.
    pub(in crate::huggingface) async fn answer(
        &self,
        question: &PreparedRequest,
        timeouts: Timeouts,
        started: Instant,
    ) -> Result<GenerateResponse, BotticelliError> {
        let limits =
            CallLimits { started, total: timeouts.total(), first_token: None, loading: timeouts.loading() };
        let patience = AttemptTimeouts::for_an_answer(&timeouts, Duration::ZERO);
        let attempt = |spent| self.attempt(question, patience.after(spent), started);
        let (response, retries) =
            self.shared.retrier.run(&question.plan.requested_model, limits, attempt).await?;
        Ok(response.with_retries(retries))
    }

    /// Asks until a stream has begun, or there is no sense in asking again.
    pub(in crate::huggingface) async fn answer_stream(
        &self,
        question: &PreparedRequest,
        timeouts: Timeouts,
        started: Instant,
    ) -> Result<ChunkStream, BotticelliError> {
        let (total, first_token, loading) =
            (timeouts.stream_total(), timeouts.first_token(), timeouts.loading());
        let limits = CallLimits { started, total, first_token, loading };
        let attempt = |spent| self.attempt_stream(question, timeouts, spent, started);
        let (stream, retries) =
            self.shared.retrier.run(&question.plan.requested_model, limits, attempt).await?;
        Ok(match stream {
            Begun::Pieces(stream) => stream.after(retries).boxed(),
            Begun::Whole(response) => pieces(response.with_retries(retries)).boxed(),
        })
    }

    /// One attempt at a plain answer.
    async fn attempt(
        &self,
        question: &PreparedRequest,
        patience: AttemptTimeouts,
        started: Instant,
    ) -> Result<GenerateResponse, BotticelliError> {
        let (mut answer, asked) = self.ask(question, &question.body, patience).await?;
        let http = &self.shared.caller.http;
        let origin = ResponseMetadata::new(&question.plan, &answer, &asked, http, started);
        let origin = origin.expecting(question.tool_choice.as_ref());
        if BodyKind::look_at(&mut answer).await? == BodyKind::Events {
            // A server that streams unasked: the same answer in pieces, on the same clock.
            let stream = AnswerStream::new(answer.events(None, None), asked, origin, http.limits());
            return stream.whole().await;
        }
        Ok(origin.mark(response(answer, &asked).await?, &asked, None))
    }

    /// One attempt at a stream, up to its first piece. A server that refuses `stream_options`, for which only the driver had
    /// asked, is asked once more without.
    async fn attempt_stream(
        &self,
        question: &PreparedRequest,
        timeouts: Timeouts,
        spent: TimeSpent,
        started: Instant,
    ) -> Result<Begun, BotticelliError> {
        let bare_streams = &self.shared.bare_streams;
        let server = self.server_of(&question.plan);
        let is_known = bare_streams.has(server);
        let bare = if is_known { bare_of(&question.body) } else { None };
        let body = bare.as_ref().unwrap_or(&question.body);
        let error = match self.begin_stream(question, body, timeouts, spent, started).await {
            Err(error) if !is_known && refuses_stream_options(&error) => error,
            begun => return begun,
        };
        let Some(body) = bare_of(&question.body) else { return Err(error) };
        tracing::debug!(%error, "the stream is asked for again at once, without `stream_options`");
        let since = self.shared.caller.http.clock().now().saturating_duration_since(started);
        let spent = spent.at(since);
        let begun = Box::pin(self.begin_stream(question, &body, timeouts, spent, started)).await?;
        // It is known only now: the words may have been about something else.
        bare_streams.add(server);
        Ok(begun)
    }

    async fn begin_stream(
        &self,
        question: &PreparedRequest,
        body: &Bytes,
        timeouts: Timeouts,
        spent: TimeSpent,
        started: Instant,
    ) -> Result<Begun, BotticelliError> {
        let patience = AttemptTimeouts::for_a_stream(&timeouts, Duration::ZERO).after(spent);
        let (mut answer, asked) = self.ask(question, body, patience).await?;
        let http = &self.shared.caller.http;
        let origin = ResponseMetadata::new(&question.plan, &answer, &asked, http, started);
        let origin = origin.expecting(question.tool_choice.as_ref());
        match BodyKind::look_at(&mut answer).await? {
            // A server that cannot stream: the same answer, in one piece.
            BodyKind::Json => {
                let response = Box::pin(response(answer, &asked)).await?;
                Ok(Begun::Whole(Box::new(origin.mark(response, &asked, None))))
            }
            BodyKind::Html => Err(JsonError::new(JsonErrorKind::Html, answer.host()).into()),
            BodyKind::Events | BodyKind::Unknown => {
                let events = answer.events(timeouts.idle(), timeouts.keep_alive());
                let stream = AnswerStream::new(events, asked, origin, http.limits());
                stream.begun().await.map(Begun::Pieces)
            }
        }
    }

    /// Who decides what may be asked: behind the router, whoever serves the model.
    fn server_of<'a>(&self, plan: &'a RoutePlan) -> &'a str {
        if self.shared.endpoint.address().is_router() { &plan.requested_model } else { "" }
    }

    /// Sends it; gives back an answer that is no refusal, as far as its status tells.
    async fn ask(
        &self,
        question: &PreparedRequest,
        body: &Bytes,
        patience: AttemptTimeouts,
    ) -> Result<(HttpResponse, Asked), BotticelliError> {
        let PreparedRequest { plan, choices, tools, wording, has_media, .. } = question;
        let DriverSettings { caller, retrier, .. } = &*self.shared;
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
