//! Question answering: the part of a text that answers a question.

use super::accessors::{settings, task_request, task_response};
use super::{TaskMetadata, TaskOptions, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request for the part of a text that answers a question.
///
/// ```
/// use botticelli_core::tasks::QuestionAnsweringRequest;
///
/// let request =
///     QuestionAnsweringRequest::new("What is the capital of France?", "The capital of France is Paris.");
/// assert_eq!(request.question(), "What is the capital of France?");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct QuestionAnsweringRequest {
    /// The question.
    #[builder(setter(into, strip_option = false))]
    question: String,
    /// The text with the answer.
    #[builder(setter(into, strip_option = false))]
    context: String,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Number of answers. Default: the server's (1).
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    /// Number of tokens that the parts of a long text have in common.
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_stride: Option<u32>,
    /// Maximum length of an answer, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_answer_len: Option<u32>,
    /// Maximum length of a part of the text with the question, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_seq_len: Option<u32>,
    /// Maximum length of the question, in tokens. The rest is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_question_len: Option<u32>,
    /// Permission for an empty answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    handle_impossible_answer: Option<bool>,
    /// Alignment of answers with words, for languages that separate words with spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    align_to_words: Option<bool>,
}

const OWNER: &str = "QuestionAnsweringRequest";

task_request!(QuestionAnsweringRequest, QuestionAnsweringRequestBuilder);
settings!(QuestionAnsweringRequest {
    copy "number of answers." top_k, with_top_k: u32;
    copy "number of tokens that the parts of a long text have in common." doc_stride, with_doc_stride: u32;
    copy "maximum length of an answer, in tokens." max_answer_len, with_max_answer_len: u32;
    copy "maximum length of a part of the text with the question, in tokens." max_seq_len, with_max_seq_len: u32;
    copy "maximum length of the question, in tokens." max_question_len, with_max_question_len: u32;
    copy "permission for an empty answer." handle_impossible_answer, with_handle_impossible_answer: bool;
    copy "alignment of answers with words." align_to_words, with_align_to_words: bool;
});

impl QuestionAnsweringRequest {
    /// Returns a request for the answer to `question` in the text `context`.
    pub fn new(question: impl Into<String>, context: impl Into<String>) -> Self {
        Self { question: question.into(), context: context.into(), ..Self::default() }
    }

    /// Returns the question.
    pub fn question(&self) -> &str {
        &self.question
    }

    /// Returns the text with the answer.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: a missing text, zero answers.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::text(OWNER, "question", &self.question)?;
        check::text(OWNER, "context", &self.context)?;
        check::positive(OWNER, "top_k", self.top_k)
    }
}

/// An answer to a question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    text: String,
    score: Option<f64>,
    start: Option<usize>,
    end: Option<usize>,
}

impl Answer {
    /// Returns an answer. Not every model gives a score.
    pub fn new(text: impl Into<String>, score: Option<f64>) -> Self {
        Self { text: text.into(), score, start: None, end: None }
    }

    /// Sets the place of the answer.
    pub const fn with_span(mut self, start: Option<usize>, end: Option<usize>) -> Self {
        self.start = start;
        self.end = end;
        self
    }

    /// Returns the answer.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the score, from 0 to 1.
    pub const fn score(&self) -> Option<f64> {
        self.score
    }

    /// Returns the beginning of the answer: in a text, the first character, counted from 0; in a document, the first word.
    pub const fn start(&self) -> Option<usize> {
        self.start
    }

    /// Returns the end of the answer: in a text, the character after the last one; in a document, the last word.
    pub const fn end(&self) -> Option<usize> {
        self.end
    }
}

/// The answers to a question, the best one first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuestionAnsweringResponse {
    answers: Vec<Answer>,
    metadata: TaskMetadata,
}

task_response!(QuestionAnsweringResponse);

impl QuestionAnsweringResponse {
    /// Returns a response with these answers.
    pub fn new(answers: Vec<Answer>) -> Self {
        Self { answers, metadata: TaskMetadata::default() }
    }

    /// Returns the answers, the best one first.
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// Returns the best answer.
    pub fn best(&self) -> Option<&Answer> {
        self.answers.first()
    }
}
