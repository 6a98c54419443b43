//! Requests whose responses vary.

use super::call::TaskRequest;
use botticelli_core::tasks::{
    AudioClassificationRequest, AudioToAudioRequest, ClassificationRequest, DocumentQuestionRequest,
    FillMaskRequest, ImageClassificationRequest, ImageSegmentationRequest, ImageToImageRequest,
    ImageToTextRequest, ObjectDetectionRequest, QuestionAnsweringRequest, RerankRequest, SimilarityRequest,
    SparseEmbeddingRequest, SummarizationRequest, TableQuestionRequest, TabularRequest, TextToAudioRequest,
    TextToImageRequest, TextToSpeechRequest, TokenClassificationRequest, TranscriptionRequest,
    TranslationRequest, VideoRequest, VisualQuestionRequest, ZeroShotImageRequest, ZeroShotRequest,
};
use serde_json::{Map, Value};

/// A request that may be cached.
pub(crate) trait Sampled: TaskRequest {
    /// Returns whether the same request may get another response the next time.
    fn is_sampled(&self) -> bool {
        samples(self.options().extra())
    }
}

/// Returns whether the parameters of a generation make it vary.
fn samples(parameters: &Map<String, Value>) -> bool {
    let is_warm = |temperature: &Value| temperature.as_f64().is_some_and(|temperature| temperature != 0.0);
    parameters.get("do_sample") == Some(&Value::Bool(true))
        || parameters.get("temperature").is_some_and(is_warm)
}

macro_rules! sampled {
    ($($request:ident: $is_sampled:expr;)*) => {$(
        impl Sampled for $request {
            fn is_sampled(&self) -> bool {
                let is_sampled: fn(&Self) -> bool = $is_sampled;
                is_sampled(self) || samples(self.options().extra())
            }
        }
    )*};
}

sampled! {
    SummarizationRequest: |request| samples(request.generate_parameters());
    TranslationRequest: |request| samples(request.generate_parameters());
    TranscriptionRequest: |request| samples(request.generation_parameters());
    // Models draw images and speech from noise.
    TextToImageRequest: |request| request.seed().is_none();
    VideoRequest: |request| request.seed().is_none();
    ImageToImageRequest: |_| true;
    TextToSpeechRequest: |_| true;
    TextToAudioRequest: |_| true;
    AudioToAudioRequest: |_| true;
}

macro_rules! constant {
    ($($request:ident)*) => {$(
        impl Sampled for $request {}
    )*};
}

constant! {
    AudioClassificationRequest ClassificationRequest DocumentQuestionRequest FillMaskRequest ImageClassificationRequest
    ImageSegmentationRequest ImageToTextRequest ObjectDetectionRequest QuestionAnsweringRequest RerankRequest
    SimilarityRequest SparseEmbeddingRequest TableQuestionRequest TabularRequest TokenClassificationRequest VisualQuestionRequest
    ZeroShotImageRequest ZeroShotRequest
}
