//! Text classification: labels with scores.

use super::accessors::{settings, task_request, task_response};
use super::{TaskMetadata, TaskOptions, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request for the labels of one or more texts.
///
/// ```
/// use botticelli_core::tasks::ClassificationRequest;
///
/// let request = ClassificationRequest::from("I like you. I love you.").with_top_k(1);
/// assert_eq!(request.top_k(), Some(1));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct ClassificationRequest {
    #[builder(setter(custom))]
    inputs: Vec<String>,
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

/// The function that converts the output of a model to scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScoreFunction {
    /// Each score is independent, from 0 to 1.
    Sigmoid,
    /// The scores of all labels add up to 1.
    Softmax,
    /// The output of the model, unchanged.
    None,
}

const OWNER: &str = "ClassificationRequest";

task_request!(ClassificationRequest, ClassificationRequestBuilder);
settings!(ClassificationRequest {
    copy "number of labels in the response." top_k, with_top_k: u32;
    copy "function that converts the output of the model to scores." function_to_apply, with_function_to_apply: ScoreFunction;
});
super::accessors::texts!(ClassificationRequest, ClassificationRequestBuilder);

impl ClassificationRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: no text, an empty text,
    /// zero labels.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::texts(OWNER, "inputs", &self.inputs)?;
        check::positive(OWNER, "top_k", self.top_k)
    }
}

/// A request for the scores of labels that the caller chooses, with a model that was not trained for them.
///
/// ```
/// use botticelli_core::tasks::ZeroShotRequest;
///
/// let request = ZeroShotRequest::new(["I would like my money back"], ["refund", "legal", "faq"]);
/// assert_eq!(request.labels().len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct ZeroShotRequest {
    #[builder(setter(custom))]
    inputs: Vec<String>,
    #[builder(setter(custom))]
    labels: Vec<String>,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Independent scores for each label, instead of scores that add up to 1. Default: the server's (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_label: Option<bool>,
    /// Sentence that the model judges, with `{}` for the label, such as `This text is about {}.`. Default: the server's.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    hypothesis_template: Option<String>,
}

task_request!(ZeroShotRequest, ZeroShotRequestBuilder);
settings!(ZeroShotRequest {
    copy "setting for independent scores of each label." multi_label, with_multi_label: bool;
    text "sentence that the model judges, with `{}` for the label." hypothesis_template, with_hypothesis_template: String;
});
super::accessors::inputs!(ZeroShotRequest, ZeroShotRequestBuilder);

impl ZeroShotRequest {
    /// Returns a request that scores these labels for each text.
    pub fn new<T: Into<String>, L: Into<String>>(
        inputs: impl IntoIterator<Item = T>,
        labels: impl IntoIterator<Item = L>,
    ) -> Self {
        let inputs = inputs.into_iter().map(Into::into).collect();
        Self { inputs, labels: labels.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Returns the labels.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: no text, an empty text,
    /// fewer than two labels, a template without `{}`.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        const OWNER: &str = "ZeroShotRequest";
        check::texts(OWNER, "inputs", &self.inputs)?;
        check::labels(OWNER, &self.labels)?;
        check::template(OWNER, self.hypothesis_template.as_deref())
    }
}

impl ZeroShotRequestBuilder {
    /// Sets the labels, at least two.
    pub fn labels<T: Into<String>>(mut self, labels: impl IntoIterator<Item = T>) -> Self {
        self.labels = Some(labels.into_iter().map(Into::into).collect());
        self
    }
}

/// A label with its score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelScore {
    label: String,
    score: f64,
}

impl LabelScore {
    /// Returns a label with its score.
    pub fn new(label: impl Into<String>, score: f64) -> Self {
        Self { label: label.into(), score }
    }

    /// Returns the label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the score, usually from 0 to 1.
    pub const fn score(&self) -> f64 {
        self.score
    }
}

/// The labels of the texts of a request, in their order. The labels of each text are sorted by their score, the best one first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClassificationResponse {
    results: Vec<Vec<LabelScore>>,
    metadata: TaskMetadata,
}

task_response!(ClassificationResponse);

impl ClassificationResponse {
    /// Returns a response with the labels of each text, which are sorted by their score.
    pub fn new(mut results: Vec<Vec<LabelScore>>) -> Self {
        for labels in &mut results {
            labels.sort_by(|left, right| right.score.total_cmp(&left.score));
        }
        Self { results, metadata: TaskMetadata::default() }
    }

    /// Returns the response with the best labels of each text only; `None` for all labels.
    pub fn truncated(mut self, most: Option<usize>) -> Self {
        self.results.iter_mut().for_each(|labels| labels.truncate(most.unwrap_or(usize::MAX)));
        self
    }

    /// Returns the labels of each text.
    pub fn results(&self) -> &[Vec<LabelScore>] {
        &self.results
    }

    /// Returns the labels of the first text.
    pub fn labels(&self) -> &[LabelScore] {
        self.results.first().map_or(&[], Vec::as_slice)
    }

    /// Returns the best label of the first text.
    pub fn best(&self) -> Option<&LabelScore> {
        self.labels().first()
    }
}
