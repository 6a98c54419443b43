//! Text completions: `/completions`, or text-generation-inference's own API.

use crate::huggingface::client::canonical::canonical;
use crate::huggingface::client::chat_body::to_json;
use crate::huggingface::client::prepared_request::{PreparedRequest, within};
use crate::huggingface::conversions::{Decoder, GenerationReader, completion_request, generate_request};
use crate::huggingface::costs::estimate::Prospect;
use crate::huggingface::costs::token_bounds::TokenBounds;
use crate::huggingface::dto::HuggingFaceGenerateRequest;
use crate::huggingface::routing::provider_selection::Requirements;
use crate::huggingface::routing::public_address::public_address;
use crate::huggingface::routing::route_plan::RoutePlan;
use crate::huggingface::routing::text_endpoints;
use crate::huggingface::settings::DriverSettings;
use crate::huggingface::{Dialect, PROVIDER};
use crate::transport::{CallGuard, Deadline};
use botticelli_core::CompletionRequest;
use botticelli_error::{BotticelliError, BotticelliErrorKind, ModelsError};
use reqwest::Url;
use std::sync::Arc;

/// Adds the driver's model and defaults to a request, and validates the model name.
fn with_settings(
    settings: &DriverSettings,
    request: CompletionRequest,
) -> Result<CompletionRequest, BotticelliError> {
    let model = request.model().unwrap_or(&settings.model).to_owned();
    settings.check_model(&model)?;
    if settings.dialect == Dialect::Tgi && *model != *settings.model {
        let what = format!("{model:?} on a server that was set up with another model");
        let remedy =
            "text-generation-inference's own API names none: build a driver for the server of that model";
        return Err(ModelsError::unsupported(PROVIDER, what, remedy).into());
    }
    Ok(request.with_defaults(&settings.generation).with_model(model))
}

/// Returns the body of a request to text-generation-inference's own API, if the server has that dialect.
fn tgi_request(
    settings: &DriverSettings,
    request: &CompletionRequest,
) -> Result<Option<HuggingFaceGenerateRequest>, BotticelliError> {
    (settings.dialect == Dialect::Tgi).then(|| generate_request(request)).transpose()
}

/// Returns the canonical form of a text completion, without a selected route.
pub(in crate::huggingface) fn canonical_completion(
    settings: &DriverSettings,
    request: CompletionRequest,
) -> Result<Vec<u8>, BotticelliError> {
    let request = with_settings(settings, request)?;
    let chat = settings.endpoint.chat(request.model().unwrap_or(&settings.model));
    let (url, json) = match tgi_request(settings, &request)? {
        Some(dto) => (text_endpoints::generate(chat.url(), false), to_json(&dto)?),
        None => (text_endpoints::completions(chat.url()), to_json(&completion_request(&request)?)?),
    };
    Ok(canonical(settings, &public_address(&url), &json))
}

/// Returns a text completion that is not sent yet.
pub(in crate::huggingface) fn prospect(
    settings: &DriverSettings,
    request: CompletionRequest,
) -> Result<Prospect, BotticelliError> {
    let request = with_settings(settings, request)?;
    let bounds = match tgi_request(settings, &request)? {
        Some(dto) => TokenBounds::of_generate(&dto),
        None => TokenBounds::of_completion(&completion_request(&request)?),
    };
    let model = request.model().unwrap_or(&settings.model).to_owned();
    let timeouts = request.timeouts();
    Ok(Prospect { model, bounds, requirements: Requirements::default(), timeouts })
}

/// A text completion with its route.
pub(in crate::huggingface) struct TextCall {
    request: CompletionRequest,
    plan: RoutePlan,
    /// The body of a request to text-generation-inference's own API; `None` for `/completions`.
    tgi: Option<HuggingFaceGenerateRequest>,
    is_streamed: bool,
    /// `true` if a request that was replaced may be billed.
    is_billed: bool,
}

impl TextCall {
    /// Adds the driver's defaults to a request, validates it, and selects its route.
    pub(in crate::huggingface) async fn new(
        settings: &DriverSettings,
        request: CompletionRequest,
        is_streamed: bool,
        deadline: &Deadline,
    ) -> Result<Self, BotticelliError> {
        let request = with_settings(settings, request)?;
        let tgi = tgi_request(settings, &request)?;
        let model = request.model().map_or_else(|| settings.model.clone(), Arc::from);
        let plan = within(settings, deadline, RoutePlan::for_text(settings, &model)).await?;
        Ok(Self { request: request.with_model(&*plan.model), plan, tgi, is_streamed, is_billed: false })
    }

    /// Returns the request to send.
    pub(in crate::huggingface) fn prepare(
        &self,
        settings: &DriverSettings,
    ) -> Result<Box<PreparedRequest>, BotticelliError> {
        let chat = self.plan.target.url();
        let plan_at = |url: Url| RoutePlan { target: url.into(), ..self.plan.clone() };
        if let Some(dto) = &self.tgi {
            let plan = plan_at(text_endpoints::generate(chat, self.is_streamed));
            let dto = if self.is_streamed { dto.clone().streaming() } else { dto.clone() };
            let decoder = Decoder::Tgi(GenerationReader::of(&self.request));
            return Ok(self.with_guard(PreparedRequest::new(settings, &dto, plan, decoder)?));
        }
        let dto = completion_request(&self.request)?;
        let dto = if self.is_streamed { dto.streaming() } else { dto };
        let plan = plan_at(text_endpoints::completions(chat));
        Ok(self.with_guard(PreparedRequest::new(settings, &dto, plan, Decoder::Text)?))
    }

    fn guard(&self) -> CallGuard {
        CallGuard::new(self.request.retry_gate(), self.request.sent_flag())
    }

    fn with_guard(&self, mut prepared: Box<PreparedRequest>) -> Box<PreparedRequest> {
        prepared.guard = self.guard();
        prepared
    }

    /// Changes the request after `error`, if that removes the cause.
    ///
    /// # Errors
    ///
    /// The same error, if nothing is changed, or if the retry gate refuses because the failed request may be billed.
    pub(in crate::huggingface) async fn change_after(
        &mut self,
        error: BotticelliError,
        deadline: &Deadline,
    ) -> Result<(), BotticelliError> {
        if !self.drop_details(&error) {
            return Err(error.with_billing(self.is_billed));
        }
        match self.guard().permit(error, deadline).await {
            Ok(error) => {
                self.is_billed |= error.may_be_billed();
                Ok(())
            }
            Err(error) => Err(error.with_billing(self.is_billed)),
        }
    }

    /// Drops `details` if a server refuses the field, which the driver adds by itself. Returns whether the request changed.
    fn drop_details(&mut self, error: &BotticelliError) -> bool {
        let BotticelliErrorKind::Models(models) = error.kind() else { return false };
        let message = models.details().message.as_deref().unwrap_or_default();
        let is_unknown = message.contains("model_kwargs") && message.contains("'details'");
        match self.tgi.take() {
            Some(dto) if is_unknown && dto.parameters().details().is_some() => {
                self.tgi = Some(dto.without_details());
                true
            }
            dto => {
                self.tgi = dto;
                false
            }
        }
    }
}
