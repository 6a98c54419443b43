//! Token classification: the entities of a text.

use super::accessors::{settings, task_request, task_response};
use super::{TaskMetadata, TaskOptions, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request for the entities in one or more texts, such as names and places.
///
/// ```
/// use botticelli_core::tasks::{AggregationStrategy, TokenClassificationRequest};
///
/// let request = TokenClassificationRequest::from("My name is Sarah Jessica Parker")
///     .with_aggregation_strategy(AggregationStrategy::Simple);
/// assert_eq!(request.inputs().len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct TokenClassificationRequest {
    #[builder(setter(custom))]
    inputs: Vec<String>,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Rule that joins tokens to entities. Default: the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    aggregation_strategy: Option<AggregationStrategy>,
    /// Labels that the response leaves out.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignore_labels: Vec<String>,
    /// Number of tokens that the parts of a long text have in common.
    #[serde(skip_serializing_if = "Option::is_none")]
    stride: Option<u32>,
}

/// The rule that joins tokens to entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AggregationStrategy {
    /// Tokens are not joined.
    None,
    /// Tokens with the same label are joined.
    Simple,
    /// The first token of a word decides.
    First,
    /// The mean of the scores of a word decides.
    Average,
    /// The token with the highest score of a word decides.
    Max,
}

const OWNER: &str = "TokenClassificationRequest";

task_request!(TokenClassificationRequest, TokenClassificationRequestBuilder);
settings!(TokenClassificationRequest {
    copy "rule that joins tokens to entities." aggregation_strategy, with_aggregation_strategy: AggregationStrategy;
    list "labels that the response leaves out." ignore_labels, with_ignore_labels: String;
    copy "number of tokens that the parts of a long text have in common." stride, with_stride: u32;
});
super::accessors::texts!(TokenClassificationRequest, TokenClassificationRequestBuilder);

impl TokenClassificationRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: no text, an empty text.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::texts(OWNER, "inputs", &self.inputs)
    }
}

/// An entity in a text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entity {
    label: String,
    score: f64,
    word: String,
    start: Option<usize>,
    end: Option<usize>,
}

impl Entity {
    /// Returns an entity with its label and its score.
    pub fn new(label: impl Into<String>, word: impl Into<String>, score: f64) -> Self {
        Self { label: label.into(), word: word.into(), score, start: None, end: None }
    }

    /// Sets the place of the entity: the first character, and the character after the last one, counted from 0.
    pub const fn with_span(mut self, start: Option<usize>, end: Option<usize>) -> Self {
        self.start = start;
        self.end = end;
        self
    }

    /// Returns the label, such as `PER`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the score, from 0 to 1.
    pub const fn score(&self) -> f64 {
        self.score
    }

    /// Returns the words of the entity. Some models change case and spaces.
    pub fn word(&self) -> &str {
        &self.word
    }

    /// Returns the first character of the entity in the text, counted from 0 in characters, not in bytes.
    pub const fn start(&self) -> Option<usize> {
        self.start
    }

    /// Returns the character after the last one of the entity.
    pub const fn end(&self) -> Option<usize> {
        self.end
    }
}

/// The entities of the texts of a request, in their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenClassificationResponse {
    results: Vec<Vec<Entity>>,
    metadata: TaskMetadata,
}

task_response!(TokenClassificationResponse);

impl TokenClassificationResponse {
    /// Returns a response with the entities of each text.
    pub fn new(results: Vec<Vec<Entity>>) -> Self {
        Self { results, metadata: TaskMetadata::default() }
    }

    /// Returns the entities of each text.
    pub fn results(&self) -> &[Vec<Entity>] {
        &self.results
    }

    /// Returns the entities of the first text.
    pub fn entities(&self) -> &[Entity] {
        self.results.first().map_or(&[], Vec::as_slice)
    }
}
