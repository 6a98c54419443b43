//! Reranking: documents ordered by their relevance to a query.

use super::accessors::{settings, task_request, task_response};
use super::{TaskMetadata, TaskOptions, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request to order documents by their relevance to a query.
///
/// ```
/// use botticelli_core::tasks::RerankRequest;
///
/// let request = RerankRequest::new("Who painted Venus?", ["Bread is baked.", "Botticelli painted Venus."])
///     .with_top_n(1);
/// assert_eq!(request.top_n(), Some(1));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct RerankRequest {
    /// The query.
    #[builder(setter(into, strip_option = false))]
    query: String,
    #[builder(setter(custom))]
    documents: Vec<String>,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Number of documents in the response. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    top_n: Option<u32>,
    /// Scores without the final sigmoid function, where the server supports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_scores: Option<bool>,
    /// Truncation: a text above the model's maximum is cut, in place of an error. Default: the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<bool>,
}

const OWNER: &str = "RerankRequest";

task_request!(RerankRequest, RerankRequestBuilder);
settings!(RerankRequest {
    copy "number of documents in the response." top_n, with_top_n: u32;
    copy "setting for scores without the final sigmoid function." raw_scores, with_raw_scores: bool;
    copy "truncation: a text above the model's maximum is cut." truncate, with_truncate: bool;
});

impl RerankRequest {
    /// Returns a request that orders these documents.
    pub fn new<T: Into<String>>(query: impl Into<String>, documents: impl IntoIterator<Item = T>) -> Self {
        let documents = documents.into_iter().map(Into::into).collect();
        Self { query: query.into(), documents, ..Self::default() }
    }

    /// Returns the query.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Returns the documents.
    pub fn documents(&self) -> &[String] {
        &self.documents
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: a missing or empty text,
    /// zero documents in the response.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::text(OWNER, "query", &self.query)?;
        check::texts(OWNER, "documents", &self.documents)?;
        check::positive(OWNER, "top_n", self.top_n)
    }
}

impl RerankRequestBuilder {
    /// Sets the documents. Default: none, which is an error.
    pub fn documents<T: Into<String>>(mut self, documents: impl IntoIterator<Item = T>) -> Self {
        self.documents = Some(documents.into_iter().map(Into::into).collect());
        self
    }
}

/// A document with its relevance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankedDocument {
    index: usize,
    score: f64,
}

impl RankedDocument {
    /// Returns the document at this index of the request, with its score.
    pub const fn new(index: usize, score: f64) -> Self {
        Self { index, score }
    }

    /// Returns the index of the document in the request, from 0.
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Returns the relevance. A higher score is more relevant; the range depends on the model.
    pub const fn score(&self) -> f64 {
        self.score
    }
}

/// Documents in the order of their relevance, the most relevant first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RerankResponse {
    documents: Vec<RankedDocument>,
    metadata: TaskMetadata,
}

task_response!(RerankResponse);

impl RerankResponse {
    /// Returns a response with these documents, which are sorted by their score.
    pub fn new(mut documents: Vec<RankedDocument>) -> Self {
        documents
            .sort_by(|left, right| right.score.total_cmp(&left.score).then(left.index.cmp(&right.index)));
        Self { documents, metadata: TaskMetadata::default() }
    }

    /// Returns the response with its first documents only.
    pub fn truncated(mut self, most: usize) -> Self {
        self.documents.truncate(most);
        self
    }

    /// Returns the documents, the most relevant first.
    pub fn documents(&self) -> &[RankedDocument] {
        &self.documents
    }
}
