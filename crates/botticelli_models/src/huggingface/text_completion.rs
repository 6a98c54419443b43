//! Going on with a text: `/completions`, or text-generation-inference's own API.

use crate::huggingface::Dialect;
use crate::huggingface::PROVIDER;
use crate::huggingface::conversions::{GenerationReader, Wording, completion_request, generate_request};
use crate::huggingface::driver::{HuggingFaceDriver, PreparedRequest};
use crate::huggingface::dto::HuggingFaceGenerateRequest;
use crate::huggingface::routing::route_plan::RoutePlan;
use crate::huggingface::routing::text_endpoints;
use crate::transport::AttemptTimeouts;
use async_trait::async_trait;
use botticelli_core::{CompletionRequest, GenerateResponse};
use botticelli_error::{BotticelliError, BotticelliErrorKind, ModelsError};
use botticelli_interface::{ChunkStream, CompletionDriver};
use std::time::Duration;

#[async_trait]
impl CompletionDriver for HuggingFaceDriver {
    async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError> {
        let (timeouts, started) = self.begin(request.timeouts());
        let asking = self.asking(request, AttemptTimeouts::for_an_answer(&timeouts, Duration::ZERO)).await?;
        match self.answer(&Self::text_question(&asking, false)?, timeouts, started).await {
            Err(error) => match asking.without_details(&error) {
                Some(asking) => self.answer(&Self::text_question(&asking, false)?, timeouts, started).await,
                None => Err(error),
            },
            answered => answered,
        }
    }

    async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError> {
        let (timeouts, started) = self.begin(request.timeouts());
        let asking = self.asking(request, AttemptTimeouts::for_a_stream(&timeouts, Duration::ZERO)).await?;
        match self.answer_stream(&Self::text_question(&asking, true)?, timeouts, started).await {
            Err(error) => match asking.without_details(&error) {
                Some(asking) => {
                    self.answer_stream(&Self::text_question(&asking, true)?, timeouts, started).await
                }
                None => Err(error),
            },
            begun => begun,
        }
    }
}

/// What is asked, in full.
struct Asking {
    request: CompletionRequest,
    plan: RoutePlan,
    /// What is sent; `None` where it is what `/completions` wants.
    generate: Option<HuggingFaceGenerateRequest>,
}

impl Asking {
    /// The same without `details`, where the server refuses that, which nobody but the driver had asked for.
    fn without_details(self, error: &BotticelliError) -> Option<Self> {
        let BotticelliErrorKind::Models(refused) = error.kind() else { return None };
        let said = refused.details().message.as_deref().unwrap_or_default();
        let is_unknown = said.contains("model_kwargs") && said.contains("'details'");
        let generate = self.generate?;
        (is_unknown && generate.parameters().details().is_some())
            .then(|| Self { generate: Some(generate.without_details()), ..self })
    }
}

impl HuggingFaceDriver {
    /// What is asked: the request, and what the driver adds where it says nothing.
    async fn asking(
        &self,
        request: CompletionRequest,
        patience: AttemptTimeouts,
    ) -> Result<Asking, BotticelliError> {
        let shared = self.shared();
        let is_native = shared.dialect == Dialect::Tgi;
        let model = request.model().unwrap_or(&shared.model).to_owned();
        shared.check(&model)?;
        if is_native && model != shared.model {
            let what = format!("{model:?} on a server that was set up with another model");
            let remedy =
                "text-generation-inference's own API names none: build a driver for the server of that model";
            return Err(ModelsError::unsupported(PROVIDER, what, remedy).into());
        }
        let request = request.with_defaults(&shared.generation).with_model(&*model);
        let generate = is_native.then(|| generate_request(&request)).transpose()?;
        let plan = self.in_time(RoutePlan::for_text(shared, &model), patience).await?;
        Ok(Asking { request: request.with_model(&*plan.model), plan, generate })
    }

    fn text_question(asking: &Asking, is_streamed: bool) -> Result<PreparedRequest, BotticelliError> {
        let Asking { request, plan, generate } = asking;
        let on_the_way = |url| RoutePlan { url, ..plan.clone() };
        if let Some(generate) = generate {
            let plan = on_the_way(text_endpoints::generate(&plan.url, is_streamed));
            let generate = generate.clone();
            let generate = if is_streamed { generate.streaming() } else { generate };
            let reader = GenerationReader::of(request);
            return PreparedRequest::new(&generate, plan, Wording::Generation(reader));
        }
        let dto = completion_request(request)?;
        let dto = if is_streamed { dto.streaming() } else { dto };
        PreparedRequest::new(&dto, on_the_way(text_endpoints::completions(&plan.url)), Wording::Text)
    }
}
