//! Embeddings: texts as vectors.

use super::accessors::{settings, task_request, task_response};
use super::{TaskMetadata, TaskOptions, check};
use botticelli_error::{BotticelliError, BuilderError};
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request for the embeddings of one or more texts.
///
/// A driver splits a long list into requests that the server accepts. The embeddings have the order of the texts.
///
/// ```
/// use botticelli_core::tasks::EmbeddingRequest;
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let one: EmbeddingRequest = "A painter in Florence".into();
/// assert_eq!(one.inputs().len(), 1);
///
/// let many = EmbeddingRequest::builder()
///     .inputs(["A painter in Florence", "A recipe for bread"])
///     .normalize(true)
///     .build()?;
/// assert_eq!(many.normalize(), Some(true));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct EmbeddingRequest {
    #[builder(setter(custom))]
    inputs: Vec<String>,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Normalization: vectors have the length 1. Default: the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    normalize: Option<bool>,
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
    /// Number of dimensions of each vector, for models that support several.
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
    /// Format of the vectors in the response. Base64 is smaller, but not every server supports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<EmbeddingEncoding>,
}

/// The side at which a text is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TruncationDirection {
    /// The beginning is cut.
    Left,
    /// The end is cut.
    Right,
}

/// The format of vectors in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EmbeddingEncoding {
    /// Decimal numbers.
    Float,
    /// Base64 of 32-bit floats.
    Base64,
}

const OWNER: &str = "EmbeddingRequest";

task_request!(EmbeddingRequest, EmbeddingRequestBuilder);
settings!(EmbeddingRequest {
    copy "normalization: vectors have the length 1." normalize, with_normalize: bool;
    text "name of a prompt of the model that the server puts before each text." prompt_name, with_prompt_name: String;
    copy "truncation: a text above the model's maximum is cut." truncate, with_truncate: bool;
    copy "side at which a text is cut." truncation_direction, with_truncation_direction: TruncationDirection;
    copy "number of dimensions of each vector." dimensions, with_dimensions: u32;
    copy "format of the vectors in the response." encoding, with_encoding: EmbeddingEncoding;
});

super::accessors::texts!(EmbeddingRequest, EmbeddingRequestBuilder);

impl EmbeddingRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy: no text, an empty text, zero dimensions.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::texts(OWNER, "inputs", &self.inputs)?;
        if self.dimensions == Some(0) {
            let remedy = "give 1 or more, or leave it out for the model's own number";
            return Err(BuilderError::refused(OWNER, "dimensions", "0", "it is zero", remedy).into());
        }
        Ok(())
    }
}

/// The embedding of one text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Embedding {
    /// One vector for the text.
    Text(Vec<f32>),
    /// One vector for each token, from a model without pooling. Special tokens of the model are included.
    Tokens(Vec<Vec<f32>>),
}

impl Embedding {
    /// Returns the vector of the text; `None` if the model gave one vector for each token.
    pub fn vector(&self) -> Option<&[f32]> {
        match self {
            Self::Text(vector) => Some(vector),
            Self::Tokens(_) => None,
        }
    }

    /// Returns the vectors of the tokens; empty if the model gave one vector for the text.
    pub fn token_vectors(&self) -> &[Vec<f32>] {
        match self {
            Self::Text(_) => &[],
            Self::Tokens(vectors) => vectors,
        }
    }

    /// Returns the number of dimensions.
    pub fn dimensions(&self) -> usize {
        match self {
            Self::Text(vector) => vector.len(),
            Self::Tokens(vectors) => vectors.first().map_or(0, Vec::len),
        }
    }

    /// Returns one vector for the text: its own one, or the mean of the vectors of its tokens.
    pub fn pooled(&self) -> Vec<f32> {
        match self {
            Self::Text(vector) => vector.clone(),
            Self::Tokens(vectors) => {
                let (mut sums, mut count) = (vec![0.0_f32; self.dimensions()], 0.0_f32);
                for vector in vectors {
                    count += 1.0;
                    sums.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
                }
                sums.into_iter().map(|sum| sum / count).collect()
            }
        }
    }

    /// Returns the cosine similarity, from -1 to 1; `None` if the dimensions differ, or if a vector is zero. Vectors of tokens are
    /// [pooled](Self::pooled) first.
    ///
    /// ```
    /// use botticelli_core::tasks::Embedding;
    ///
    /// let right = Embedding::Text(vec![2.0, 0.0]);
    /// assert_eq!(right.cosine_similarity(&Embedding::Text(vec![1.0, 0.0])), Some(1.0));
    /// assert_eq!(right.cosine_similarity(&Embedding::Text(vec![0.0, 3.0])), Some(0.0));
    /// ```
    pub fn cosine_similarity(&self, other: &Self) -> Option<f64> {
        let (ours, theirs) = (self.pooled(), other.pooled());
        if ours.len() != theirs.len() {
            return None;
        }
        let dot = |left: &[f32], right: &[f32]| -> f64 {
            left.iter().zip(right).map(|(left, right)| f64::from(*left) * f64::from(*right)).sum()
        };
        let length = (dot(&ours, &ours) * dot(&theirs, &theirs)).sqrt();
        (length > 0.0).then(|| dot(&ours, &theirs) / length)
    }
}

/// The embeddings of the texts of a request, in their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EmbeddingResponse {
    embeddings: Vec<Embedding>,
    metadata: TaskMetadata,
}

task_response!(EmbeddingResponse);

impl EmbeddingResponse {
    /// Returns a response with these embeddings.
    pub fn new(embeddings: Vec<Embedding>) -> Self {
        Self { embeddings, metadata: TaskMetadata::default() }
    }

    /// Returns the embeddings, one for each text.
    pub fn embeddings(&self) -> &[Embedding] {
        &self.embeddings
    }

    /// Returns the embeddings without a copy.
    pub fn into_embeddings(self) -> Vec<Embedding> {
        self.embeddings
    }

    /// Returns one vector for each text, without a copy. Vectors of tokens are [pooled](Embedding::pooled).
    pub fn into_vectors(self) -> Vec<Vec<f32>> {
        let vector = |embedding| match embedding {
            Embedding::Text(vector) => vector,
            tokens @ Embedding::Tokens(_) => tokens.pooled(),
        };
        self.embeddings.into_iter().map(vector).collect()
    }

    /// Returns whether the model gave one vector for each token.
    pub fn has_token_vectors(&self) -> bool {
        self.embeddings.iter().any(|embedding| matches!(embedding, Embedding::Tokens(_)))
    }
}
