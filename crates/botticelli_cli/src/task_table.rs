//! The tasks by name: their inputs, and the calls.

use crate::failure::{Failure, Outcome};
use botticelli::tasks::{
    AudioClassificationRequest, AudioTaskDriver, AudioToAudioRequest, ClassificationDriver,
    ClassificationRequest, DocumentQuestionRequest, EmbeddingDriver, EmbeddingRequest, FillMaskRequest,
    HuggingFaceTasks, ImageClassificationRequest, ImageSegmentationRequest, ImageTaskDriver,
    ImageToImageRequest, ImageToTextRequest, MediaGenerationDriver, ObjectDetectionRequest,
    QuestionAnsweringDriver, QuestionAnsweringRequest, RerankDriver, RerankRequest, SimilarityDriver,
    SimilarityRequest, SparseEmbeddingDriver, SparseEmbeddingRequest, SummarizationRequest,
    TableQuestionRequest, TabularDriver, TabularRequest, TextTaskDriver, TextToAudioRequest,
    TextToImageRequest, TextToSpeechRequest, TokenClassificationRequest, TranscriptionRequest,
    TranslationRequest, VideoRequest, VisualQuestionRequest, ZeroShotImageRequest, ZeroShotRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The inputs of a task, in the order of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Any number of texts.
    Texts,
    /// One text, in the field of this name.
    Text(&'static str),
    /// A text, and then a list of texts.
    TextAndTexts(&'static str, &'static str),
    /// Two texts.
    TwoTexts(&'static str, &'static str),
    /// A file, in the field of this name.
    File(&'static str),
    /// A file and a text, which may be missing.
    FileAndText(&'static str, &'static str),
    /// A JSON file with a table: an object of columns.
    Table,
    /// A question, and a table.
    TextAndTable(&'static str),
}

impl Shape {
    /// Returns the inputs for people.
    pub(crate) fn usage(self) -> String {
        match self {
            Self::Texts => "TEXT...".to_owned(),
            Self::Text(name) => name.to_uppercase(),
            Self::TextAndTexts(first, rest) => format!("{} {}...", first.to_uppercase(), rest.to_uppercase()),
            Self::TwoTexts(first, second) => format!("{} {}", first.to_uppercase(), second.to_uppercase()),
            Self::File(name) => format!("{}-FILE", name.to_uppercase()),
            Self::FileAndText(name, text) => format!("{}-FILE {}", name.to_uppercase(), text.to_uppercase()),
            Self::Table => "JSON-FILE".to_owned(),
            Self::TextAndTable(text) => format!("{} JSON-FILE", text.to_uppercase()),
        }
    }
}

/// Sends a request of JSON, and returns the response as JSON. Fields that the library does not know go to the server unchanged.
macro_rules! tasks {
    ($($name:literal, $shape:expr, $request:ty, $call:ident;)+) => {
        /// The name and the inputs of each task.
        pub(crate) const TASKS: &[(&str, Shape)] = &[$(($name, $shape)),+];

        /// Runs a task.
        pub(crate) async fn run(
            driver: &HuggingFaceTasks,
            name: &str,
            fields: Map<String, Value>,
        ) -> Outcome<Value> {
            match name {
                $($name => {
                    let request: $request = typed(name, fields)?;
                    Ok(json(&driver.$call(request).await?)?)
                })+
                _ => Err(unknown(name)),
            }
        }
    };
}

tasks! {
    "feature-extraction", Shape::Texts, EmbeddingRequest, embed;
    "sparse-embedding", Shape::Texts, SparseEmbeddingRequest, embed_sparse;
    "sentence-similarity", Shape::TextAndTexts("source", "sentences"), SimilarityRequest, similarity;
    "text-ranking", Shape::TextAndTexts("query", "documents"), RerankRequest, rerank;
    "text-classification", Shape::Texts, ClassificationRequest, classify;
    "zero-shot-classification", Shape::Texts, ZeroShotRequest, classify_zero_shot;
    "token-classification", Shape::Texts, TokenClassificationRequest, classify_tokens;
    "question-answering", Shape::TwoTexts("question", "context"), QuestionAnsweringRequest, answer;
    "table-question-answering", Shape::TextAndTable("question"), TableQuestionRequest, answer_from_table;
    "fill-mask", Shape::Text("input"), FillMaskRequest, fill_mask;
    "summarization", Shape::Texts, SummarizationRequest, summarize;
    "translation", Shape::Texts, TranslationRequest, translate;
    "tabular-classification", Shape::Table, TabularRequest, classify_rows;
    "tabular-regression", Shape::Table, TabularRequest, predict_rows;
    "image-classification", Shape::File("image"), ImageClassificationRequest, classify_image;
    "zero-shot-image-classification", Shape::File("image"), ZeroShotImageRequest, classify_image_zero_shot;
    "object-detection", Shape::File("image"), ObjectDetectionRequest, detect_objects;
    "image-segmentation", Shape::File("image"), ImageSegmentationRequest, segment_image;
    "image-to-text", Shape::File("image"), ImageToTextRequest, describe_image;
    "visual-question-answering", Shape::FileAndText("image", "question"), VisualQuestionRequest, answer_about_image;
    "document-question-answering", Shape::FileAndText("image", "question"), DocumentQuestionRequest, answer_about_document;
    "automatic-speech-recognition", Shape::File("audio"), TranscriptionRequest, transcribe;
    "audio-classification", Shape::File("audio"), AudioClassificationRequest, classify_audio;
    "audio-to-audio", Shape::File("audio"), AudioToAudioRequest, convert_audio;
    "text-to-image", Shape::Text("prompt"), TextToImageRequest, generate_image;
    "image-to-image", Shape::FileAndText("image", "prompt"), ImageToImageRequest, edit_image;
    "text-to-speech", Shape::Text("text"), TextToSpeechRequest, generate_speech;
    "text-to-audio", Shape::Text("prompt"), TextToAudioRequest, generate_audio;
    "text-to-video", Shape::Text("prompt"), VideoRequest, generate_video;
    "image-to-video", Shape::FileAndText("image", "prompt"), VideoRequest, generate_video;
}

/// Returns the inputs of a task.
pub(crate) fn shape(name: &str) -> Outcome<Shape> {
    TASKS.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Failure {
    Failure::usage(format!("there is no task '{name}'. `botticelli task --list` prints all."))
}

/// Reads a request, and moves the fields that it does not have into `extra`.
fn typed<T: DeserializeOwned + Serialize>(name: &str, mut fields: Map<String, Value>) -> Outcome<T> {
    let read = |fields: Map<String, Value>| {
        serde_json::from_value::<T>(Value::Object(fields))
            .map_err(|error| Failure::usage(format!("{name}: {error}. Correct the option.")))
    };
    let known = json(&read(fields.clone())?)?;
    let names: Vec<String> = fields.keys().filter(|key| known.get(key.as_str()).is_none()).cloned().collect();
    let mut extra = Map::new();
    for name in names {
        if let Some(value) = fields.remove(&name) {
            extra.insert(name, value);
        }
    }
    if !extra.is_empty() {
        fields.insert("extra".to_owned(), Value::Object(extra));
    }
    read(fields)
}

fn json(value: &impl Serialize) -> Outcome<Value> {
    serde_json::to_value(value).map_err(|error| Failure::new(crate::Exit::Failed, error.to_string()))
}
