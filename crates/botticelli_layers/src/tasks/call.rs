//! A verb for each task, and what layers read in its request and its response.

use super::size::TaskSize;
use crate::verb::{Request, Response, Verb};
use botticelli_core::tasks::{
    AudioClassificationRequest, AudioToAudioRequest, AudioToAudioResponse, ClassificationRequest,
    ClassificationResponse, DocumentQuestionRequest, EmbeddingRequest, EmbeddingResponse, FillMaskRequest,
    FillMaskResponse, ImageClassificationRequest, ImageSegmentationRequest, ImageSegmentationResponse,
    ImageToImageRequest, ImageToTextRequest, ImageToTextResponse, MediaResponse, ObjectDetectionRequest,
    ObjectDetectionResponse, QuestionAnsweringRequest, QuestionAnsweringResponse, RerankRequest,
    RerankResponse, SimilarityRequest, SimilarityResponse, SparseEmbeddingRequest, SparseEmbeddingResponse,
    SummarizationRequest, SummarizationResponse, TableQuestionRequest, TableQuestionResponse,
    TabularClassificationResponse, TabularRegressionResponse, TabularRequest, TaskMetadata, TaskOptions,
    TextToAudioRequest, TextToImageRequest, TextToSpeechRequest, TokenClassificationRequest,
    TokenClassificationResponse, TranscriptionRequest, TranscriptionResponse, TranslationRequest,
    TranslationResponse, VideoRequest, VisualQuestionRequest, ZeroShotImageRequest, ZeroShotRequest,
};
use botticelli_core::{Cost, CostEstimate, RateLimitStatus, RetryGate, SentFlag, Timeouts, Usage};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::{
    AudioTaskDriver, ClassificationDriver, EmbeddingDriver, ImageTaskDriver, MediaGenerationDriver,
    QuestionAnsweringDriver, RerankDriver, SimilarityDriver, SparseEmbeddingDriver, TabularDriver,
    TextTaskDriver,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::ready;

/// A request of a task.
#[allow(dead_code, reason = "each layer uses a part of it")]
pub(crate) trait TaskRequest: Request + Serialize + DeserializeOwned {
    fn options(&self) -> &TaskOptions;
    fn with_options(self, options: TaskOptions) -> Self;
    fn check(&self) -> Result<(), BotticelliError>;
}

/// A response of a task.
#[allow(dead_code, reason = "each layer uses a part of it")]
pub(crate) trait TaskResponse: Response + PartialEq + Serialize + DeserializeOwned {
    fn metadata(&self) -> &TaskMetadata;
    fn with_metadata(self, metadata: TaskMetadata) -> Self;
}

/// A call of a task.
#[allow(dead_code, reason = "each layer uses a part of it")]
pub(crate) trait TaskVerb<D: ?Sized>: Verb<D, Request: TaskRequest, Response: TaskResponse> {}

impl<D: ?Sized, V: Verb<D, Request: TaskRequest, Response: TaskResponse>> TaskVerb<D> for V {}

macro_rules! requests {
    ($($request:ident)*) => {$(
        impl Request for $request {
            fn model(&self) -> Option<&str> {
                self.model()
            }

            fn timeouts(&self) -> Option<Timeouts> {
                self.timeouts()
            }

            fn with_timeouts(self, timeouts: Timeouts) -> Self {
                self.with_timeouts(timeouts)
            }

            fn retry_gate(&self) -> Option<&RetryGate> {
                self.options().retry_gate()
            }

            fn with_retry_gate(self, gate: RetryGate) -> Self {
                let options = self.options().clone().with_retry_gate(gate);
                self.with_options(options)
            }

            fn sent_flag(&self) -> Option<&SentFlag> {
                self.options().sent_flag()
            }

            fn with_sent_flag(self, flag: SentFlag) -> Self {
                let options = self.options().clone().with_sent_flag(flag);
                self.with_options(options)
            }
        }

        impl TaskRequest for $request {
            fn options(&self) -> &TaskOptions {
                self.options()
            }

            fn with_options(self, options: TaskOptions) -> Self {
                self.with_options(options)
            }

            fn check(&self) -> Result<(), BotticelliError> {
                self.validate()
            }
        }
    )*};
}

requests! {
    AudioClassificationRequest AudioToAudioRequest ClassificationRequest DocumentQuestionRequest EmbeddingRequest
    FillMaskRequest ImageClassificationRequest ImageSegmentationRequest ImageToImageRequest ImageToTextRequest
    ObjectDetectionRequest QuestionAnsweringRequest RerankRequest SimilarityRequest SparseEmbeddingRequest SummarizationRequest TextToAudioRequest
    TableQuestionRequest TabularRequest TextToImageRequest TextToSpeechRequest TokenClassificationRequest
    TranscriptionRequest TranslationRequest VideoRequest VisualQuestionRequest ZeroShotImageRequest ZeroShotRequest
}

macro_rules! responses {
    ($($response:ident)*) => {$(
        impl Response for $response {
            fn cost(&self) -> Cost {
                self.cost()
            }

            fn usage(&self) -> Option<&Usage> {
                self.usage()
            }

            fn provider(&self) -> Option<&str> {
                self.provider()
            }

            fn is_cached(&self) -> bool {
                self.metadata().is_cached()
            }

            fn rate_limit(&self) -> Option<&RateLimitStatus> {
                self.metadata().rate_limit()
            }

            fn further_requests(&self) -> usize {
                let requests = self.metadata().requests().saturating_sub(1);
                requests.saturating_add(self.retries().len())
            }

            fn has_exhausted_route(&self) -> bool {
                false
            }

            fn with_warning(self, warning: String) -> Self {
                let metadata = self.metadata().clone().with_warning(warning);
                self.with_metadata(metadata)
            }
        }

        impl TaskResponse for $response {
            fn metadata(&self) -> &TaskMetadata {
                self.metadata()
            }

            fn with_metadata(self, metadata: TaskMetadata) -> Self {
                self.with_metadata(metadata)
            }
        }
    )*};
}

responses! {
    AudioToAudioResponse ClassificationResponse EmbeddingResponse FillMaskResponse ImageSegmentationResponse
    ImageToTextResponse MediaResponse ObjectDetectionResponse QuestionAnsweringResponse RerankResponse
    SimilarityResponse SparseEmbeddingResponse SummarizationResponse TableQuestionResponse TabularClassificationResponse
    TabularRegressionResponse TokenClassificationResponse TranscriptionResponse TranslationResponse
}

macro_rules! verbs {
    ({} $($driver:ident { $($verb:ident $method:ident($request:ident) -> $response:ident;)+ })+) => {$($(
        #[derive(Debug)]
        pub(crate) struct $verb;

        impl<D: $driver + ?Sized> Verb<D> for $verb {
            type Request = $request;
            type Response = $response;
            const NAME: &'static str = stringify!($method);

            fn send(driver: &D, request: $request) -> BoxFuture<'_, Result<$response, BotticelliError>> {
                driver.$method(request)
            }

            fn estimate<'a>(
                driver: &'a D,
                request: &'a $request,
            ) -> BoxFuture<'a, Result<CostEstimate, BotticelliError>> {
                ready(Ok(driver.estimate_task(request.tokens()))).boxed()
            }

            fn reports_sends(driver: &D) -> bool {
                driver.reports_task_sends()
            }

            fn provider_name(driver: &D) -> Option<&'static str> {
                Some(driver.provider_name())
            }

            fn model_name(driver: &D) -> Option<&str> {
                Some(driver.model_name())
            }
        }
    )+)+};
}

super::table::all_tasks!(verbs, {});
