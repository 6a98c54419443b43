//! A request that is ready to be sent.

use crate::huggingface::PROVIDER;
use crate::huggingface::conversions::{self, Decoder, ExpectedResponse};
use crate::huggingface::costs::price_fetch::PriceFetch;
use crate::huggingface::dto::HuggingFaceRequest;
use crate::huggingface::routing::provider_selection::Requirements;
use crate::huggingface::routing::route_plan::RoutePlan;
use crate::huggingface::settings::DriverSettings;
use crate::transport::{CallGuard, Deadline, TimeSpent, TimeoutTracker};
use botticelli_core::{GenerateRequest, ToolChoice};
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
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
    ) -> Result<Self, BotticelliError> {
        let body = serde_json::to_vec(dto).map_err(|error| {
            let kind = JsonErrorKind::Unreadable { what: "request", beginning: String::new() };
            JsonError::new(kind, PROVIDER).with_source(error)
        })?;
        let limit = Some(settings.client.http.limits().response());
        let expected = ExpectedResponse { decoder, limit, ..ExpectedResponse::default() };
        let price_fetch = settings.price_fetch();
        let body = body.into();
        let guard = CallGuard::default();
        Ok(Self { plan, body, expected, has_media: false, tool_choice: None, guard, price_fetch })
    }

    /// Prepares a chat completion: adds the driver's defaults, and selects a route.
    ///
    /// Invalid requests are rejected before anything is sent. Most calls have nothing to look up, and their requests are ready at
    /// once.
    pub(in crate::huggingface) fn chat<'a>(
        settings: &'a DriverSettings,
        request: GenerateRequest,
        is_streamed: bool,
        deadline: &'a Deadline,
    ) -> impl Future<Output = Result<Self, BotticelliError>> + Send + use<'a> {
        let (request, mut dto) = match chat_body(settings, request) {
            Ok(body) => body,
            Err(error) => return Either::Left(ready(Err(error))),
        };
        if is_streamed {
            dto = dto.streaming();
        }
        let requirements = Requirements::of(&request, settings.selection_mode);
        if let Some(plan) = RoutePlan::without_lookup(settings, &requirements, dto.model()) {
            return Either::Left(ready(Self::on_route(settings, &request, dto, plan)));
        }
        Either::Right(Box::pin(async move {
            let plan = RoutePlan::make(settings, &requirements, dto.model());
            let plan = within(settings, deadline, plan).await?;
            Self::on_route(settings, &request, dto, plan)
        }))
    }

    fn on_route(
        settings: &DriverSettings,
        request: &GenerateRequest,
        mut dto: HuggingFaceRequest,
        plan: RoutePlan,
    ) -> Result<Self, BotticelliError> {
        if plan.model != *dto.model() {
            dto = dto.with_model(&*plan.model);
        }
        let mut prepared = Self::new(settings, &dto, plan, Decoder::Chat)?;
        prepared.expected.choices = dto.n().unwrap_or_default();
        prepared.expected.tools = dto.tools().iter().map(|tool| tool.function().name().clone()).collect();
        prepared.has_media = conversions::has_media(&dto);
        prepared.tool_choice = request.tool_choice().filter(|choice| **choice != ToolChoice::Auto).cloned();
        prepared.guard = CallGuard::new(request.retry_gate(), request.sent_flag());
        Ok(prepared)
    }
}

/// Adds the driver's defaults to a request, validates it, and returns it with its body, which is not streamed and has no selected
/// provider.
pub(in crate::huggingface) fn chat_body(
    settings: &DriverSettings,
    request: GenerateRequest,
) -> Result<(GenerateRequest, HuggingFaceRequest), BotticelliError> {
    let model = match request.model() {
        Some(model) => {
            settings.check_model(model)?;
            model.to_owned()
        }
        // The driver's own model was checked when the driver was built.
        None => settings.model.clone(),
    };
    let request = request.with_defaults(&settings.generation).with_model(model);
    let dto = conversions::request(&request, settings.dialect)?;
    let dto = if settings.is_openai() { dto.with_max_completion_tokens() } else { dto };
    Ok((request, dto))
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
