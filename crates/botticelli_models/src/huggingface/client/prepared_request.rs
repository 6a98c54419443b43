//! A request that is ready to be sent.

use crate::huggingface::client::chat_body::{chat_body, model_of, to_json};
use crate::huggingface::client::chat_form::ChatForm;
use crate::huggingface::conversions::{self, Decoder, ExpectedResponse};
use crate::huggingface::costs::price_fetch::PriceFetch;
use crate::huggingface::dto::HuggingFaceRequest;
use crate::huggingface::routing::provider_selection::Requirements;
use crate::huggingface::routing::route_plan::RoutePlan;
use crate::huggingface::settings::DriverSettings;
use crate::transport::{CallGuard, Deadline, TimeSpent, TimeoutTracker};
use botticelli_core::{GenerateRequest, ToolChoice};
use botticelli_error::BotticelliError;
use bytes::Bytes;
use futures::future::{Either, ready};
use serde::Serialize;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// A request that is ready to be sent: its body, its route, and the response that it leads to.
#[derive(Debug)]
pub(in crate::huggingface) struct PreparedRequest {
    pub(in crate::huggingface) plan: RoutePlan,
    /// The JSON, which all attempts share: images make it large.
    pub(in crate::huggingface) body: Bytes,
    pub(in crate::huggingface) expected: ExpectedResponse,
    pub(in crate::huggingface) has_media: bool,
    /// The caller's `tool_choice`, unless it is `Auto`.
    pub(in crate::huggingface) tool_choice: Option<ToolChoice>,
    /// Permission for attempts after one that may be billed, and the record of what was sent.
    pub(in crate::huggingface) guard: CallGuard,
    /// A fetch of the catalog to poll while the call waits.
    pub(in crate::huggingface) price_fetch: Option<Box<PriceFetch>>,
}

impl PreparedRequest {
    /// Prepares a request of any kind on the route of `plan`.
    pub(in crate::huggingface) fn new(
        settings: &DriverSettings,
        dto: &impl Serialize,
        plan: RoutePlan,
        decoder: Decoder,
    ) -> Result<Box<Self>, BotticelliError> {
        Ok(Self::with_body(settings, to_json(dto)?, plan, decoder))
    }

    fn with_body(settings: &DriverSettings, body: Bytes, plan: RoutePlan, decoder: Decoder) -> Box<Self> {
        let limit = Some(settings.client.http.limits().response());
        let expected = ExpectedResponse { decoder, limit, ..ExpectedResponse::default() };
        let price_fetch = settings.price_fetch();
        let guard = CallGuard::default();
        Box::new(Self { plan, body, expected, has_media: false, tool_choice: None, guard, price_fetch })
    }

    /// Prepares a chat completion: adds the driver's defaults, and selects a route.
    ///
    /// Invalid requests are rejected before anything is sent. Most calls have nothing to look up, and their requests are ready at
    /// once.
    pub(in crate::huggingface) fn chat<'a>(
        settings: &'a DriverSettings,
        mut request: GenerateRequest,
        is_streamed: bool,
        deadline: &'a Deadline,
    ) -> impl Future<Output = Result<Box<Self>, BotticelliError>> + Send + use<'a> {
        if let Some(form) = ChatForm::find(settings, &request).filter(|_| !is_streamed) {
            let requirements = Requirements::of(&request, form.max_tokens, settings.selection_mode);
            let plan = RoutePlan::without_lookup(settings, &requirements, &form.model);
            if let Some(plan) = plan.filter(|plan| plan.model == form.model) {
                let body = form.json().cloned();
                let prepared = body.map(|body| Self::with_body(settings, body, plan, Decoder::Chat));
                return Either::Left(ready(prepared.map(|prepared| prepared.of(&request, &form.dto))));
            }
        }
        let model = match model_of(settings, &request) {
            Ok(model) => model,
            Err(error) => return Either::Left(ready(Err(error))),
        };
        let dto = match chat_body(settings, &mut request, &model) {
            Ok(dto) if is_streamed => dto.streaming(),
            Ok(dto) => dto,
            Err(error) => return Either::Left(ready(Err(error))),
        };
        let requirements = Requirements::of(&request, request.max_tokens(), settings.selection_mode);
        if let Some(plan) = RoutePlan::without_lookup(settings, &requirements, &model) {
            return Either::Left(ready(Self::on_route(settings, &request, dto, plan)));
        }
        Either::Right(Box::pin(async move {
            let plan = RoutePlan::make(settings, &requirements, &model);
            let plan = within(settings, deadline, plan).await?;
            Self::on_route(settings, &request, dto, plan)
        }))
    }

    fn on_route(
        settings: &DriverSettings,
        request: &GenerateRequest,
        mut dto: HuggingFaceRequest,
        plan: RoutePlan,
    ) -> Result<Box<Self>, BotticelliError> {
        if *plan.model != **dto.model() {
            dto = dto.with_model(&*plan.model);
        }
        Ok(Self::new(settings, &dto, plan, Decoder::Chat)?.of(request, &dto))
    }

    /// Adds what the response depends on.
    fn of(mut self: Box<Self>, request: &GenerateRequest, dto: &HuggingFaceRequest) -> Box<Self> {
        self.expected.choices = dto.n().unwrap_or_default();
        if !dto.tools().is_empty() {
            self.expected.tools = dto.tools().iter().map(|tool| tool.function().name().clone()).collect();
        }
        self.has_media = conversions::has_media(dto);
        self.tool_choice = request.tool_choice().filter(|choice| **choice != ToolChoice::Auto).cloned();
        self.guard = CallGuard::new(request.retry_gate(), request.sent_flag());
        self
    }
}

/// Runs a lookup within the call's deadline.
pub(in crate::huggingface) async fn within<T: Send>(
    settings: &DriverSettings,
    deadline: &Deadline,
    lookup: impl Future<Output = Result<T, BotticelliError>> + Send,
) -> Result<T, BotticelliError> {
    let mut lookup = pin!(lookup);
    // Most calls have nothing to look up, and need no timer.
    if let Poll::Ready(found) = poll_fn(|cx| Poll::Ready(lookup.as_mut().poll(cx))).await {
        return found;
    }
    let host = settings.endpoint.address().host().into();
    let timeouts = deadline.attempt(TimeSpent::default());
    Box::pin(async move { TimeoutTracker::new(deadline.clock(), &host, timeouts).limit(lookup).await })
        .await?
}
