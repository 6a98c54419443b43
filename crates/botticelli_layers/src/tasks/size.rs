//! Upper bounds of the tokens of a request.

use botticelli_core::tasks::{
    AudioClassificationRequest, AudioToAudioRequest, ClassificationRequest, DocumentQuestionRequest,
    EmbeddingRequest, FillMaskRequest, ImageClassificationRequest, ImageSegmentationRequest,
    ImageToImageRequest, ImageToTextRequest, ObjectDetectionRequest, QuestionAnsweringRequest, RerankRequest,
    SimilarityRequest, SparseEmbeddingRequest, SummarizationRequest, TableQuestionRequest, TabularRequest,
    TextToAudioRequest, TextToImageRequest, TextToSpeechRequest, TokenClassificationRequest,
    TranscriptionRequest, TranslationRequest, VideoRequest, VisualQuestionRequest, ZeroShotImageRequest,
    ZeroShotRequest,
};

/// Tokens that a model adds to a text: its beginning, its end, and the separators between two texts.
const PER_TEXT: u64 = 16;

/// The size of a request.
pub(crate) trait TaskSize {
    /// Returns the upper bound in tokens. A token is at least one byte of a text. `None` for a request with media, with text that the
    /// server adds, or with a response that has tokens.
    fn tokens(&self) -> Option<u64> {
        None
    }
}

fn of_text(text: &str) -> Option<u64> {
    u64::try_from(text.len()).ok()?.checked_add(PER_TEXT)
}

fn of_texts(texts: &[String]) -> Option<u64> {
    texts.iter().map(|text| of_text(text)).try_fold(0, |sum: u64, size| sum.checked_add(size?))
}

/// Returns the bound of texts that are each sent together with `other`.
fn of_pairs(texts: &[String], other: &str) -> Option<u64> {
    let count = u64::try_from(texts.len()).ok()?;
    of_text(other)?.checked_mul(count)?.checked_add(of_texts(texts)?)
}

impl TaskSize for EmbeddingRequest {
    fn tokens(&self) -> Option<u64> {
        // The text of a prompt is known to the server only.
        if self.prompt_name().is_some() { None } else { of_texts(self.inputs()) }
    }
}

impl TaskSize for SparseEmbeddingRequest {
    fn tokens(&self) -> Option<u64> {
        if self.prompt_name().is_some() { None } else { of_texts(self.inputs()) }
    }
}

impl TaskSize for SimilarityRequest {
    fn tokens(&self) -> Option<u64> {
        of_text(self.source())?.checked_add(of_texts(self.sentences())?)
    }
}

impl TaskSize for RerankRequest {
    fn tokens(&self) -> Option<u64> {
        of_pairs(self.documents(), self.query())
    }
}

impl TaskSize for ClassificationRequest {
    fn tokens(&self) -> Option<u64> {
        of_texts(self.inputs())
    }
}

impl TaskSize for TokenClassificationRequest {
    fn tokens(&self) -> Option<u64> {
        of_texts(self.inputs())
    }
}

macro_rules! unbounded {
    ($($request:ident)*) => {$(
        impl TaskSize for $request {}
    )*};
}

// A long context of a question is sent in parts, each with the question.
unbounded! {
    AudioClassificationRequest AudioToAudioRequest DocumentQuestionRequest FillMaskRequest ImageClassificationRequest
    ImageSegmentationRequest ImageToImageRequest ImageToTextRequest ObjectDetectionRequest QuestionAnsweringRequest
    SummarizationRequest
    TableQuestionRequest TabularRequest TextToAudioRequest TextToImageRequest TextToSpeechRequest TranscriptionRequest
    TranslationRequest VideoRequest VisualQuestionRequest ZeroShotImageRequest ZeroShotRequest
}
