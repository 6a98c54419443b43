//! Requests and responses of tasks other than text generation.
//!
//! Every request has a builder, which validates it, and `with_*` methods. Only settings that are set are sent. Every response has
//! the facts of its call ([`TaskMetadata`]): provider, request id, retries, usage, cost.
//!
//! | task | request, response |
//! | --- | --- |
//! | embeddings | [`EmbeddingRequest`], [`EmbeddingResponse`]; [`SparseEmbeddingRequest`], [`SparseEmbeddingResponse`] |
//! | sentence similarity | [`SimilarityRequest`], [`SimilarityResponse`] |
//! | reranking | [`RerankRequest`], [`RerankResponse`] |
//! | text classification | [`ClassificationRequest`], [`ZeroShotRequest`], [`ClassificationResponse`] |
//! | token classification | [`TokenClassificationRequest`], [`TokenClassificationResponse`] |
//! | question answering | [`QuestionAnsweringRequest`], [`QuestionAnsweringResponse`] |
//! | questions about tables | [`TableQuestionRequest`], [`TableQuestionResponse`] |
//! | fill mask | [`FillMaskRequest`], [`FillMaskResponse`] |
//! | summarization | [`SummarizationRequest`], [`SummarizationResponse`] |
//! | translation | [`TranslationRequest`], [`TranslationResponse`] |
//! | labels of images | [`ImageClassificationRequest`], [`ZeroShotImageRequest`], [`ClassificationResponse`] |
//! | objects and segments of images | [`ObjectDetectionRequest`], [`ImageSegmentationRequest`], and their responses |
//! | text of images | [`ImageToTextRequest`], [`ImageToTextResponse`] |
//! | questions about images and documents | [`VisualQuestionRequest`], [`DocumentQuestionRequest`], [`QuestionAnsweringResponse`] |
//! | images | [`TextToImageRequest`], [`ImageToImageRequest`], [`MediaResponse`] |
//! | video | [`VideoRequest`], [`MediaResponse`] |
//! | music and sounds | [`TextToAudioRequest`], [`MediaResponse`] |
//! | speech | [`TextToSpeechRequest`], [`MediaResponse`]; [`TranscriptionRequest`], [`TranscriptionResponse`] |
//! | audio | [`AudioClassificationRequest`], [`ClassificationResponse`]; [`AudioToAudioRequest`], [`AudioToAudioResponse`] |
//! | tabular data | [`TabularRequest`], [`TabularClassificationResponse`], [`TabularRegressionResponse`] |

mod accessors;
mod audio;
mod check;
mod classification;
mod detection;
mod embedding;
mod fill_mask;
mod generation;
mod image;
mod media;
mod metadata;
mod options;
mod question_answering;
mod rerank;
mod similarity;
mod sparse_embedding;
mod table;
mod table_question;
mod tabular;
mod text_to_audio;
mod text_to_text;
mod token_classification;
mod word_box;

pub use audio::{
    AudioClassificationRequest, AudioClassificationRequestBuilder, AudioToAudioRequest,
    AudioToAudioRequestBuilder, AudioToAudioResponse, AudioTrack, TranscriptChunk, TranscriptionRequest,
    TranscriptionRequestBuilder, TranscriptionResponse,
};
pub use classification::{
    ClassificationRequest, ClassificationRequestBuilder, ClassificationResponse, LabelScore, ScoreFunction,
    ZeroShotRequest, ZeroShotRequestBuilder,
};
pub use detection::{
    BoundingBox, DetectedObject, ImageSegment, ImageSegmentationRequest, ImageSegmentationRequestBuilder,
    ImageSegmentationResponse, ObjectDetectionRequest, ObjectDetectionRequestBuilder,
    ObjectDetectionResponse, SegmentationSubtask,
};
pub use embedding::{
    Embedding, EmbeddingEncoding, EmbeddingRequest, EmbeddingRequestBuilder, EmbeddingResponse,
    TruncationDirection,
};
pub use fill_mask::{FillMaskRequest, FillMaskRequestBuilder, FillMaskResponse, MaskFill};
pub use generation::{
    ImageToImageRequest, ImageToImageRequestBuilder, MediaResponse, TextToImageRequest,
    TextToImageRequestBuilder, TextToSpeechRequest, TextToSpeechRequestBuilder, VideoRequest,
    VideoRequestBuilder,
};
pub use image::{
    DocumentQuestionRequest, DocumentQuestionRequestBuilder, ImageClassificationRequest,
    ImageClassificationRequestBuilder, ImageToTextRequest, ImageToTextRequestBuilder, ImageToTextResponse,
    VisualQuestionRequest, VisualQuestionRequestBuilder, ZeroShotImageRequest, ZeroShotImageRequestBuilder,
};
pub use media::Media;
pub use metadata::{TaskMetadata, TaskMetadataBuilder};
pub use options::TaskOptions;
pub use question_answering::{
    Answer, QuestionAnsweringRequest, QuestionAnsweringRequestBuilder, QuestionAnsweringResponse,
};
pub use rerank::{RankedDocument, RerankRequest, RerankRequestBuilder, RerankResponse};
pub use similarity::{SimilarityRequest, SimilarityRequestBuilder, SimilarityResponse};
pub use sparse_embedding::{
    SparseEmbedding, SparseEmbeddingRequest, SparseEmbeddingRequestBuilder, SparseEmbeddingResponse,
};
pub use table::Table;
pub use table_question::{
    TableAnswer, TableQuestionRequest, TableQuestionRequestBuilder, TableQuestionResponse,
};
pub use tabular::{
    TabularClassificationResponse, TabularRegressionResponse, TabularRequest, TabularRequestBuilder,
};
pub use text_to_audio::{TextToAudioRequest, TextToAudioRequestBuilder};
pub use text_to_text::{
    SummarizationRequest, SummarizationRequestBuilder, SummarizationResponse, TextTruncation,
    TranslationRequest, TranslationRequestBuilder, TranslationResponse,
};
pub use token_classification::{
    AggregationStrategy, Entity, TokenClassificationRequest, TokenClassificationRequestBuilder,
    TokenClassificationResponse,
};
pub use word_box::WordBox;
