//! Images: classification, detection, segmentation, description, and questions about them.

use super::accessors::{media_input, settings, task_request, task_response};
use super::{Media, ScoreFunction, TaskMetadata, TaskOptions, WordBox, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request for the labels of an image.
///
/// ```
/// use botticelli_core::tasks::{ImageClassificationRequest, Media};
///
/// let image = Media::new(&b"\x89PNG\r\n\x1a\n..."[..]);
/// let request = ImageClassificationRequest::from(image).with_top_k(3);
/// assert_eq!(request.image().media_type(), "image/png");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct ImageClassificationRequest {
    /// The image.
    #[builder(setter(into, strip_option = false))]
    image: Media,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Number of labels in the response, the best ones. Default: the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    /// Function that converts the output of the model to scores. Default: the model's.
    #[serde(skip_serializing_if = "Option::is_none")]
    function_to_apply: Option<ScoreFunction>,
}

/// A request for the scores of labels that the caller chooses, for an image.
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct ZeroShotImageRequest {
    /// The image.
    #[builder(setter(into, strip_option = false))]
    image: Media,
    /// The labels, at least two.
    #[builder(setter(strip_option = false))]
    labels: Vec<String>,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Sentence that the model judges, with `{}` for the label, such as `a photo of {}`. Default: the server's.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    hypothesis_template: Option<String>,
}

/// A request for the text of an image: a caption, or the text that it shows. The model decides which.
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default)]
#[serde(default)]
pub struct ImageToTextRequest {
    /// The image.
    #[builder(setter(into))]
    image: Media,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
}

/// A request for the answer to a question about an image.
///
/// ```
/// use botticelli_core::tasks::{Media, VisualQuestionRequest};
///
/// let image = Media::new(&b"\xff\xd8\xff\xe0..."[..]);
/// let request = VisualQuestionRequest::new("How many cats are there?", image);
/// assert_eq!(request.question(), "How many cats are there?");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct VisualQuestionRequest {
    /// The question.
    #[builder(setter(into, strip_option = false))]
    question: String,
    /// The image.
    #[builder(setter(into, strip_option = false))]
    image: Media,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Number of answers. Default: the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
}

/// A request for the answer to a question about a document, which is an image of its page.
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct DocumentQuestionRequest {
    /// The question.
    #[builder(setter(into, strip_option = false))]
    question: String,
    /// The image of the page.
    #[builder(setter(into, strip_option = false))]
    image: Media,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Number of answers. Default: the server's (1).
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    /// Number of tokens that the parts of a long document have in common.
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_stride: Option<u32>,
    /// Maximum length of an answer, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_answer_len: Option<u32>,
    /// Maximum length of the question, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_question_len: Option<u32>,
    /// Maximum length of a part of the document with the question, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_seq_len: Option<u32>,
    /// Permission for an empty answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    handle_impossible_answer: Option<bool>,
    /// Language of the text recognition, such as `eng`.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    /// Words of the document with their places, in place of the server's text recognition.
    #[builder(setter(into, strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    word_boxes: Vec<WordBox>,
}

task_request!(ImageClassificationRequest, ImageClassificationRequestBuilder);
task_request!(ZeroShotImageRequest, ZeroShotImageRequestBuilder);
task_request!(ImageToTextRequest, ImageToTextRequestBuilder);
task_request!(VisualQuestionRequest, VisualQuestionRequestBuilder);
task_request!(DocumentQuestionRequest, DocumentQuestionRequestBuilder);
settings!(ImageClassificationRequest {
    copy "number of labels in the response." top_k, with_top_k: u32;
    copy "function that converts the output of the model to scores." function_to_apply, with_function_to_apply: ScoreFunction;
});
settings!(ZeroShotImageRequest {
    list "labels, at least two." labels, with_labels: String;
    text "sentence that the model judges, with `{}` for the label." hypothesis_template, with_hypothesis_template: String;
});
settings!(VisualQuestionRequest {
    copy "number of answers." top_k, with_top_k: u32;
});
settings!(DocumentQuestionRequest {
    copy "number of answers." top_k, with_top_k: u32;
    copy "number of tokens that the parts of a long document have in common." doc_stride, with_doc_stride: u32;
    copy "maximum length of an answer, in tokens." max_answer_len, with_max_answer_len: u32;
    copy "maximum length of the question, in tokens." max_question_len, with_max_question_len: u32;
    copy "maximum length of a part of the document with the question, in tokens." max_seq_len, with_max_seq_len: u32;
    copy "permission for an empty answer." handle_impossible_answer, with_handle_impossible_answer: bool;
    text "language of the text recognition." lang, with_lang: String;
    list "words of the document with their places, in place of the server's text recognition." word_boxes, with_word_boxes: WordBox;
});
media_input!(ImageClassificationRequest, image, "image");
media_input!(ImageToTextRequest, image, "image");

impl ImageClassificationRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: bytes that are not an image,
    /// zero labels.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::image("ImageClassificationRequest", &self.image)?;
        check::positive("ImageClassificationRequest", "top_k", self.top_k)
    }
}

impl ZeroShotImageRequest {
    /// Returns a request that scores these labels for an image.
    pub fn new<T: Into<String>>(image: impl Into<Media>, labels: impl IntoIterator<Item = T>) -> Self {
        Self { image: image.into(), ..Self::default() }.with_labels(labels)
    }

    /// Returns the image.
    pub const fn image(&self) -> &Media {
        &self.image
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: bytes that are not an image,
    /// fewer than two labels, a template without `{}`.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        const OWNER: &str = "ZeroShotImageRequest";
        check::image(OWNER, &self.image)?;
        check::labels(OWNER, &self.labels)?;
        check::template(OWNER, self.hypothesis_template.as_deref())
    }
}

impl ImageToTextRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) if the bytes are not an image.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::image("ImageToTextRequest", &self.image)
    }
}

impl VisualQuestionRequest {
    /// Returns a request for the answer to `question` about an image.
    pub fn new(question: impl Into<String>, image: impl Into<Media>) -> Self {
        Self { question: question.into(), image: image.into(), ..Self::default() }
    }

    /// Returns the question.
    pub fn question(&self) -> &str {
        &self.question
    }

    /// Returns the image.
    pub const fn image(&self) -> &Media {
        &self.image
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: no question, bytes that are
    /// not an image, zero answers.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        const OWNER: &str = "VisualQuestionRequest";
        check::text(OWNER, "question", &self.question)?;
        check::image(OWNER, &self.image)?;
        check::positive(OWNER, "top_k", self.top_k)
    }
}

impl DocumentQuestionRequest {
    /// Returns a request for the answer to `question` in the image of a page.
    pub fn new(question: impl Into<String>, image: impl Into<Media>) -> Self {
        Self { question: question.into(), image: image.into(), ..Self::default() }
    }

    /// Returns the question.
    pub fn question(&self) -> &str {
        &self.question
    }

    /// Returns the image of the page.
    pub const fn image(&self) -> &Media {
        &self.image
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: no question, bytes that are
    /// not an image, zero answers, a box outside of the page.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        const OWNER: &str = "DocumentQuestionRequest";
        check::text(OWNER, "question", &self.question)?;
        check::image(OWNER, &self.image)?;
        check::positive(OWNER, "top_k", self.top_k)?;
        check::word_boxes(OWNER, &self.word_boxes)
    }
}

/// The text of an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageToTextResponse {
    text: String,
    metadata: TaskMetadata,
}

task_response!(ImageToTextResponse);

impl ImageToTextResponse {
    /// Returns a response with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), metadata: TaskMetadata::default() }
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }
}
