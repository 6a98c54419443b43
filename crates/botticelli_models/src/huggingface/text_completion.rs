//! Text completions: `/completions`, or text-generation-inference's own API.

use crate::huggingface::client::prepared_request::{PreparedRequest, within};
use crate::huggingface::conversions::{Decoder, GenerationReader, completion_request, generate_request};
use crate::huggingface::dto::HuggingFaceGenerateRequest;
use crate::huggingface::routing::route_plan::RoutePlan;
use crate::huggingface::routing::text_endpoints;
use crate::huggingface::settings::DriverSettings;
use crate::huggingface::{Dialect, PROVIDER};
use crate::transport::Deadline;
use botticelli_core::CompletionRequest;
use botticelli_error::{BotticelliError, BotticelliErrorKind, ModelsError};

/// A text completion with its route.
pub(in crate::huggingface) struct TextCall {
    request: CompletionRequest,
    plan: RoutePlan,
    /// The body of a request to text-generation-inference's own API; `None` for `/completions`.
    tgi: Option<HuggingFaceGenerateRequest>,
    is_streamed: bool,
}

impl TextCall {
    /// Adds the driver's defaults to a request, validates it, and selects its route.
    pub(in crate::huggingface) async fn new(
        settings: &DriverSettings,
        request: CompletionRequest,
        is_streamed: bool,
        deadline: &Deadline,
    ) -> Result<Self, BotticelliError> {
        let is_tgi = settings.dialect == Dialect::Tgi;
        let model = request.model().unwrap_or(&settings.model).to_owned();
        settings.check_model(&model)?;
        if is_tgi && model != settings.model {
            let what = format!("{model:?} on a server that was set up with another model");
            let remedy =
                "text-generation-inference's own API names none: build a driver for the server of that model";
            return Err(ModelsError::unsupported(PROVIDER, what, remedy).into());
        }
        let request = request.with_defaults(&settings.generation).with_model(&*model);
        let tgi = is_tgi.then(|| generate_request(&request)).transpose()?;
        let plan = within(settings, deadline, RoutePlan::for_text(settings, &model)).await?;
        Ok(Self { request: request.with_model(&*plan.model), plan, tgi, is_streamed })
    }

    /// Returns the request to send.
    pub(in crate::huggingface) fn prepare(
        &self,
        settings: &DriverSettings,
    ) -> Result<PreparedRequest, BotticelliError> {
        let plan_at = |url| RoutePlan { url, ..self.plan.clone() };
        if let Some(dto) = &self.tgi {
            let plan = plan_at(text_endpoints::generate(&self.plan.url, self.is_streamed));
            let dto = if self.is_streamed { dto.clone().streaming() } else { dto.clone() };
            let decoder = Decoder::Tgi(GenerationReader::of(&self.request));
            return PreparedRequest::new(settings, &dto, plan, decoder);
        }
        let dto = completion_request(&self.request)?;
        let dto = if self.is_streamed { dto.streaming() } else { dto };
        let plan = plan_at(text_endpoints::completions(&self.plan.url));
        PreparedRequest::new(settings, &dto, plan, Decoder::Text)
    }

    /// Drops `details` if a server refuses the field, which the driver adds by itself. Returns whether the request changed.
    pub(in crate::huggingface) fn drop_details(&mut self, error: &BotticelliError) -> bool {
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
