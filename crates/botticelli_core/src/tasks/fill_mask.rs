//! Fill mask: the missing words of a text.

use super::accessors::{settings, task_request, task_response};
use super::{TaskMetadata, TaskOptions, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request for the words at the masks of a text. The mask is the model's own token, such as `[MASK]` or `<mask>`.
///
/// ```
/// use botticelli_core::tasks::FillMaskRequest;
///
/// let request = FillMaskRequest::from("[MASK] world!").with_top_k(3);
/// assert_eq!(request.input(), "[MASK] world!");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct FillMaskRequest {
    /// The text with one or more masks.
    #[builder(setter(into, strip_option = false))]
    input: String,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Number of words for each mask. Default: the server's (5).
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    /// The only words that the model may choose. Default: its whole vocabulary.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    targets: Vec<String>,
}

const OWNER: &str = "FillMaskRequest";

task_request!(FillMaskRequest, FillMaskRequestBuilder);
settings!(FillMaskRequest {
    copy "number of words for each mask." top_k, with_top_k: u32;
    list "only words that the model may choose." targets, with_targets: String;
});
super::accessors::text_input!(FillMaskRequest);

impl FillMaskRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: no text, zero words.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::text(OWNER, "input", &self.input)?;
        check::positive(OWNER, "top_k", self.top_k)
    }
}

/// A word at a mask.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MaskFill {
    token: String,
    score: f64,
    token_id: Option<u64>,
    sequence: String,
}

impl MaskFill {
    /// Returns a word with its score, and the text with the word in it.
    pub fn new(token: impl Into<String>, score: f64, sequence: impl Into<String>) -> Self {
        Self { token: token.into(), score, token_id: None, sequence: sequence.into() }
    }

    /// Sets the number of the word in the model's vocabulary.
    pub const fn with_token_id(mut self, token_id: Option<u64>) -> Self {
        self.token_id = token_id;
        self
    }

    /// Returns the word.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns the probability, from 0 to 1.
    pub const fn score(&self) -> f64 {
        self.score
    }

    /// Returns the number of the word in the model's vocabulary.
    pub const fn token_id(&self) -> Option<u64> {
        self.token_id
    }

    /// Returns the text with the word in place of the mask. Other masks of the text stay.
    pub fn sequence(&self) -> &str {
        &self.sequence
    }
}

/// The words at the masks of a text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FillMaskResponse {
    masks: Vec<Vec<MaskFill>>,
    metadata: TaskMetadata,
}

task_response!(FillMaskResponse);

impl FillMaskResponse {
    /// Returns a response with the words of each mask, in the order of the text.
    pub fn new(masks: Vec<Vec<MaskFill>>) -> Self {
        Self { masks, metadata: TaskMetadata::default() }
    }

    /// Returns the words of each mask, in the order of the text.
    pub fn masks(&self) -> &[Vec<MaskFill>] {
        &self.masks
    }

    /// Returns the words of the first mask, the most probable first.
    pub fn fills(&self) -> &[MaskFill] {
        self.masks.first().map_or(&[], Vec::as_slice)
    }
}
