//! The table of tasks, their methods, and their providers.

use super::driver::HuggingFaceTasks;
use super::task::Task;
use super::{
    audio, classification, embedding, generation, image, question_answering, rerank, similarity,
    sparse_embedding, tabular, text,
};

/// A task, its method, and the providers whose requests the driver knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportedTask {
    task: &'static Task,
    method: &'static str,
}

const SUPPORTED: [SupportedTask; 30] = [
    entry(&embedding::TASK, "EmbeddingDriver::embed"),
    entry(&sparse_embedding::TASK, "SparseEmbeddingDriver::embed_sparse"),
    entry(&similarity::TASK, "SimilarityDriver::similarity"),
    entry(&rerank::TASK, "RerankDriver::rerank"),
    entry(&classification::TEXT, "ClassificationDriver::classify"),
    entry(&classification::ZERO_SHOT, "ClassificationDriver::classify_zero_shot"),
    entry(&classification::TOKENS, "ClassificationDriver::classify_tokens"),
    entry(&question_answering::TEXT, "QuestionAnsweringDriver::answer"),
    entry(&question_answering::TABLE, "QuestionAnsweringDriver::answer_from_table"),
    entry(&text::FILL_MASK, "TextTaskDriver::fill_mask"),
    entry(&text::SUMMARIZATION, "TextTaskDriver::summarize"),
    entry(&text::TRANSLATION, "TextTaskDriver::translate"),
    entry(&tabular::CLASSIFICATION, "TabularDriver::classify_rows"),
    entry(&tabular::REGRESSION, "TabularDriver::predict_rows"),
    entry(&image::CLASSIFICATION, "ImageTaskDriver::classify_image"),
    entry(&image::ZERO_SHOT, "ImageTaskDriver::classify_image_zero_shot"),
    entry(&image::DETECTION, "ImageTaskDriver::detect_objects"),
    entry(&image::SEGMENTATION, "ImageTaskDriver::segment_image"),
    entry(&image::TO_TEXT, "ImageTaskDriver::describe_image"),
    entry(&image::VISUAL_QUESTION, "ImageTaskDriver::answer_about_image"),
    entry(&image::DOCUMENT_QUESTION, "ImageTaskDriver::answer_about_document"),
    entry(&audio::TRANSCRIPTION, "AudioTaskDriver::transcribe"),
    entry(&audio::CLASSIFICATION, "AudioTaskDriver::classify_audio"),
    entry(&audio::CONVERSION, "AudioTaskDriver::convert_audio"),
    entry(&generation::TO_IMAGE, "MediaGenerationDriver::generate_image"),
    entry(&generation::IMAGE_TO_IMAGE, "MediaGenerationDriver::edit_image"),
    entry(&generation::TO_SPEECH, "MediaGenerationDriver::generate_speech"),
    entry(&generation::TO_AUDIO, "MediaGenerationDriver::generate_audio"),
    entry(&generation::TO_VIDEO, "MediaGenerationDriver::generate_video"),
    entry(&generation::IMAGE_TO_VIDEO, "MediaGenerationDriver::generate_video"),
];

const fn entry(task: &'static Task, method: &'static str) -> SupportedTask {
    SupportedTask { task, method }
}

impl SupportedTask {
    /// Returns the name of the task on the Hub, such as `feature-extraction`.
    pub const fn name(&self) -> &'static str {
        self.task.name
    }

    /// Returns the trait and its method, such as `EmbeddingDriver::embed`.
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// Returns the providers behind the router. Empty for sparse embeddings, which only text-embeddings-inference has.
    pub const fn providers(&self) -> &'static [&'static str] {
        self.task.providers
    }
}

impl HuggingFaceTasks {
    /// Returns all tasks, for tables and menus.
    ///
    /// ```
    /// use botticelli_models::huggingface::HuggingFaceTasks;
    ///
    /// let embeds = HuggingFaceTasks::supported_tasks().find(|task| task.name() == "feature-extraction");
    /// assert!(embeds.is_some_and(|task| task.providers().contains(&"hf-inference")));
    /// ```
    pub fn supported_tasks() -> impl Iterator<Item = SupportedTask> {
        SUPPORTED.into_iter()
    }
}
