//! Sentence similarity: one text compared with others.

use super::accessors::{task_request, task_response};
use super::{TaskMetadata, TaskOptions, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request for the similarity of one text to others.
///
/// ```
/// use botticelli_core::tasks::SimilarityRequest;
///
/// let request = SimilarityRequest::new("A painter in Florence", ["An artist in Italy", "A recipe"]);
/// assert_eq!(request.sentences().len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default)]
#[serde(default)]
pub struct SimilarityRequest {
    /// The text that is compared with the others.
    #[builder(setter(into))]
    source: String,
    #[builder(setter(custom))]
    sentences: Vec<String>,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
}

const OWNER: &str = "SimilarityRequest";

task_request!(SimilarityRequest, SimilarityRequestBuilder);

impl SimilarityRequest {
    /// Returns a request that compares `source` with these texts.
    pub fn new<T: Into<String>>(source: impl Into<String>, sentences: impl IntoIterator<Item = T>) -> Self {
        let sentences = sentences.into_iter().map(Into::into).collect();
        Self { source: source.into(), sentences, ..Self::default() }
    }

    /// Returns the text that is compared with the others.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the other texts.
    pub fn sentences(&self) -> &[String] {
        &self.sentences
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: a missing or empty text.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::text(OWNER, "source", &self.source)?;
        check::texts(OWNER, "sentences", &self.sentences)
    }
}

impl SimilarityRequestBuilder {
    /// Sets the texts that are compared with the source. Default: none, which is an error.
    pub fn sentences<T: Into<String>>(mut self, sentences: impl IntoIterator<Item = T>) -> Self {
        self.sentences = Some(sentences.into_iter().map(Into::into).collect());
        self
    }
}

/// The similarities of a text to others, in the order of the request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SimilarityResponse {
    scores: Vec<f64>,
    metadata: TaskMetadata,
}

task_response!(SimilarityResponse);

impl SimilarityResponse {
    /// Returns a response with these scores.
    pub fn new(scores: Vec<f64>) -> Self {
        Self { scores, metadata: TaskMetadata::default() }
    }

    /// Returns one score for each sentence. For most models, it is the cosine of two embeddings, from -1 to 1.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }
}
