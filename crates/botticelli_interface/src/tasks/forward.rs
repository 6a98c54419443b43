//! Driver implementations for references, `Box` and `Arc`.

use super::{
    AudioTaskDriver, ClassificationDriver, EmbeddingDriver, ImageTaskDriver, MediaGenerationDriver,
    QuestionAnsweringDriver, RerankDriver, SimilarityDriver, SparseEmbeddingDriver, TabularDriver,
    TaskDriver, TextTaskDriver,
};
use botticelli_core::CostEstimate;
use botticelli_core::tasks::{
    AudioClassificationRequest, AudioToAudioRequest, AudioToAudioResponse, ClassificationRequest,
    ClassificationResponse, DocumentQuestionRequest, EmbeddingRequest, EmbeddingResponse, FillMaskRequest,
    FillMaskResponse, ImageClassificationRequest, ImageSegmentationRequest, ImageSegmentationResponse,
    ImageToImageRequest, ImageToTextRequest, ImageToTextResponse, MediaResponse, ObjectDetectionRequest,
    ObjectDetectionResponse, QuestionAnsweringRequest, QuestionAnsweringResponse, RerankRequest,
    RerankResponse, SimilarityRequest, SimilarityResponse, SparseEmbeddingRequest, SparseEmbeddingResponse,
    SummarizationRequest, SummarizationResponse, TableQuestionRequest, TableQuestionResponse,
    TabularClassificationResponse, TabularRegressionResponse, TabularRequest, TextToAudioRequest,
    TextToImageRequest, TextToSpeechRequest, TokenClassificationRequest, TokenClassificationResponse,
    TranscriptionRequest, TranscriptionResponse, TranslationRequest, TranslationResponse, VideoRequest,
    VisualQuestionRequest, ZeroShotImageRequest, ZeroShotRequest,
};
use botticelli_error::BotticelliError;
use futures::future::BoxFuture;
use std::sync::Arc;

macro_rules! forward_metadata {
    ($($pointer:ty),*) => {$(
        #[deny(clippy::missing_trait_methods)]
        impl<D: TaskDriver + ?Sized> TaskDriver for $pointer {
            fn provider_name(&self) -> &'static str {
                (**self).provider_name()
            }

            fn model_name(&self) -> &str {
                (**self).model_name()
            }

            fn canonical_server(&self) -> Option<Vec<u8>> {
                (**self).canonical_server()
            }

            fn estimate_task(&self, tokens: Option<u64>) -> CostEstimate {
                (**self).estimate_task(tokens)
            }

            fn reports_task_sends(&self) -> bool {
                (**self).reports_task_sends()
            }
        }
    )*};
}

forward_metadata!(&D, Box<D>, Arc<D>);

// Calls return the future of the inner driver, as in `crate::forward`.
macro_rules! forward {
    ($driver:ident { $($call:ident($request:ty) -> $response:ty;)+ }) => {
        forward!(@pointer $driver, &D { $($call($request) -> $response;)+ });
        forward!(@pointer $driver, Box<D> { $($call($request) -> $response;)+ });
        forward!(@pointer $driver, Arc<D> { $($call($request) -> $response;)+ });
    };
    (@pointer $driver:ident, $pointer:ty { $($call:ident($request:ty) -> $response:ty;)+ }) => {
        #[deny(clippy::missing_trait_methods)]
        impl<D: $driver + ?Sized> $driver for $pointer {
            $(
                fn $call<'a, 'b>(&'a self, request: $request) -> BoxFuture<'b, Result<$response, BotticelliError>>
                where
                    'a: 'b,
                    Self: 'b,
                {
                    (**self).$call(request)
                }
            )+
        }
    };
}

forward!(EmbeddingDriver { embed(EmbeddingRequest) -> EmbeddingResponse; });
forward!(SparseEmbeddingDriver { embed_sparse(SparseEmbeddingRequest) -> SparseEmbeddingResponse; });
forward!(SimilarityDriver { similarity(SimilarityRequest) -> SimilarityResponse; });
forward!(RerankDriver { rerank(RerankRequest) -> RerankResponse; });
forward!(ClassificationDriver {
    classify(ClassificationRequest) -> ClassificationResponse;
    classify_zero_shot(ZeroShotRequest) -> ClassificationResponse;
    classify_tokens(TokenClassificationRequest) -> TokenClassificationResponse;
});
forward!(QuestionAnsweringDriver {
    answer(QuestionAnsweringRequest) -> QuestionAnsweringResponse;
    answer_from_table(TableQuestionRequest) -> TableQuestionResponse;
});
forward!(TextTaskDriver {
    fill_mask(FillMaskRequest) -> FillMaskResponse;
    summarize(SummarizationRequest) -> SummarizationResponse;
    translate(TranslationRequest) -> TranslationResponse;
});
forward!(TabularDriver {
    classify_rows(TabularRequest) -> TabularClassificationResponse;
    predict_rows(TabularRequest) -> TabularRegressionResponse;
});
forward!(ImageTaskDriver {
    classify_image(ImageClassificationRequest) -> ClassificationResponse;
    classify_image_zero_shot(ZeroShotImageRequest) -> ClassificationResponse;
    detect_objects(ObjectDetectionRequest) -> ObjectDetectionResponse;
    segment_image(ImageSegmentationRequest) -> ImageSegmentationResponse;
    describe_image(ImageToTextRequest) -> ImageToTextResponse;
    answer_about_image(VisualQuestionRequest) -> QuestionAnsweringResponse;
    answer_about_document(DocumentQuestionRequest) -> QuestionAnsweringResponse;
});
forward!(AudioTaskDriver {
    transcribe(TranscriptionRequest) -> TranscriptionResponse;
    classify_audio(AudioClassificationRequest) -> ClassificationResponse;
    convert_audio(AudioToAudioRequest) -> AudioToAudioResponse;
});
forward!(MediaGenerationDriver {
    generate_image(TextToImageRequest) -> MediaResponse;
    edit_image(ImageToImageRequest) -> MediaResponse;
    generate_speech(TextToSpeechRequest) -> MediaResponse;
    generate_audio(TextToAudioRequest) -> MediaResponse;
    generate_video(VideoRequest) -> MediaResponse;
});
