//! Sparse embeddings: texts as weights of a few words.

use super::accessors::{settings, task_request, task_response, texts};
use super::{TaskMetadata, TaskOptions, TruncationDirection, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A request for the sparse embeddings of one or more texts, with a model such as SPLADE.
///
/// ```
/// use botticelli_core::tasks::SparseEmbeddingRequest;
///
/// let request = SparseEmbeddingRequest::new(["A painter", "A baker"]).with_truncate(true);
/// assert_eq!(request.inputs().len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct SparseEmbeddingRequest {
    #[builder(setter(custom))]
    inputs: Vec<String>,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Name of a prompt of the model, such as `query`, that the server puts before each text.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_name: Option<String>,
    /// Truncation: a text above the model's maximum is cut, in place of an error. Default: the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<bool>,
    /// Side at which a text is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncation_direction: Option<TruncationDirection>,
}

task_request!(SparseEmbeddingRequest, SparseEmbeddingRequestBuilder);
settings!(SparseEmbeddingRequest {
    text "name of a prompt of the model that the server puts before each text." prompt_name, with_prompt_name: String;
    copy "truncation: a text above the model's maximum is cut." truncate, with_truncate: bool;
    copy "side at which a text is cut." truncation_direction, with_truncation_direction: TruncationDirection;
});
texts!(SparseEmbeddingRequest, SparseEmbeddingRequestBuilder);

impl SparseEmbeddingRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field and the remedy: no text, an empty text.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::texts("SparseEmbeddingRequest", "inputs", &self.inputs)
    }
}

/// A vector of which most numbers are 0: the indices of the others, in ascending order, and their values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SparseEmbedding {
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl SparseEmbedding {
    /// Returns a vector with these indices and values, sorted by their index.
    pub fn new(entries: impl IntoIterator<Item = (u32, f32)>) -> Self {
        let mut entries: Vec<(u32, f32)> = entries.into_iter().collect();
        entries.sort_by_key(|(index, _)| *index);
        let (indices, values) = entries.into_iter().unzip();
        Self { indices, values }
    }

    /// Returns the indices, usually of words in the vocabulary of the model, in ascending order.
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// Returns the values, in the order of the indices.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Returns the indices with their values.
    pub fn entries(&self) -> impl Iterator<Item = (u32, f32)> + '_ {
        self.indices.iter().copied().zip(self.values.iter().copied())
    }

    /// Returns the dot product of two vectors, which is their similarity.
    ///
    /// ```
    /// use botticelli_core::tasks::SparseEmbedding;
    ///
    /// let query = SparseEmbedding::new([(7, 2.0), (3, 1.0)]);
    /// assert_eq!(query.dot(&SparseEmbedding::new([(7, 0.5), (9, 4.0)])), 1.0);
    /// ```
    pub fn dot(&self, other: &Self) -> f64 {
        let (mut ours, mut theirs) = (self.entries().peekable(), other.entries().peekable());
        let mut sum = 0.0;
        while let (Some((left, left_value)), Some((right, right_value))) = (ours.peek(), theirs.peek()) {
            match left.cmp(right) {
                Ordering::Less => ours.next(),
                Ordering::Greater => theirs.next(),
                Ordering::Equal => {
                    sum += f64::from(*left_value) * f64::from(*right_value);
                    ours.next();
                    theirs.next()
                }
            };
        }
        sum
    }
}

/// The sparse embeddings of the texts of a request, in their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SparseEmbeddingResponse {
    embeddings: Vec<SparseEmbedding>,
    metadata: TaskMetadata,
}

task_response!(SparseEmbeddingResponse);

impl SparseEmbeddingResponse {
    /// Returns a response with these embeddings.
    pub fn new(embeddings: Vec<SparseEmbedding>) -> Self {
        Self { embeddings, metadata: TaskMetadata::default() }
    }

    /// Returns the embeddings, one for each text.
    pub fn embeddings(&self) -> &[SparseEmbedding] {
        &self.embeddings
    }

    /// Returns the embeddings without a copy.
    pub fn into_embeddings(self) -> Vec<SparseEmbedding> {
        self.embeddings
    }
}
