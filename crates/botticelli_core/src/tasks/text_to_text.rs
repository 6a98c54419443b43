//! Summarization and translation.

use super::accessors::{settings, task_request, task_response};
use super::{TaskMetadata, TaskOptions, check};
use botticelli_error::{BotticelliError, BuilderError};
use derive_builder::Builder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A request for the summaries of one or more texts.
///
/// ```
/// use botticelli_core::tasks::{SummarizationRequest, TextTruncation};
///
/// let request = SummarizationRequest::from("A long text …").with_truncation(TextTruncation::LongestFirst);
/// assert_eq!(request.inputs().len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct SummarizationRequest {
    #[builder(setter(custom))]
    inputs: Vec<String>,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Removal of superfluous spaces from the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    clean_up_tokenization_spaces: Option<bool>,
    /// Truncation of a text above the model's maximum.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncation: Option<TextTruncation>,
    /// Parameters of the generation, such as `max_new_tokens`.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Map::is_empty")]
    generate_parameters: Map<String, Value>,
}

/// A request for the translations of one or more texts.
///
/// ```
/// use botticelli_core::tasks::TranslationRequest;
///
/// let request = TranslationRequest::from("My name is Wolfgang").with_languages("en_XX", "de_DE");
/// assert_eq!(request.target_language(), Some("de_DE"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct TranslationRequest {
    #[builder(setter(custom))]
    inputs: Vec<String>,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Language of the texts, in the words of the model, for models of several languages.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    source_language: Option<String>,
    /// Language of the translations, in the words of the model.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    target_language: Option<String>,
    /// Removal of superfluous spaces from the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    clean_up_tokenization_spaces: Option<bool>,
    /// Truncation of a text above the model's maximum.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncation: Option<TextTruncation>,
    /// Parameters of the generation, such as `max_new_tokens`.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Map::is_empty")]
    generate_parameters: Map<String, Value>,
}

/// The truncation of a text above the maximum of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TextTruncation {
    /// A long text is an error.
    DoNotTruncate,
    /// The longest part of the input is cut.
    LongestFirst,
    /// Only the first part of the input is cut.
    OnlyFirst,
    /// Only the second part of the input is cut.
    OnlySecond,
}

task_request!(SummarizationRequest, SummarizationRequestBuilder);
task_request!(TranslationRequest, TranslationRequestBuilder);
settings!(SummarizationRequest {
    copy "removal of superfluous spaces from the output." clean_up_tokenization_spaces, with_clean_up_tokenization_spaces: bool;
    copy "truncation of a text above the model's maximum." truncation, with_truncation: TextTruncation;
});
settings!(TranslationRequest {
    text "language of the texts." source_language, with_source_language: String;
    text "language of the translations." target_language, with_target_language: String;
    copy "removal of superfluous spaces from the output." clean_up_tokenization_spaces, with_clean_up_tokenization_spaces: bool;
    copy "truncation of a text above the model's maximum." truncation, with_truncation: TextTruncation;
});
super::accessors::texts!(SummarizationRequest, SummarizationRequestBuilder);
super::accessors::texts!(TranslationRequest, TranslationRequestBuilder);

impl SummarizationRequest {
    /// Returns the parameters of the generation.
    pub const fn generate_parameters(&self) -> &Map<String, Value> {
        &self.generate_parameters
    }

    /// Sets the parameters of the generation, such as `max_new_tokens`.
    pub fn with_generate_parameters(mut self, parameters: Map<String, Value>) -> Self {
        self.generate_parameters = parameters;
        self
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy: no text, an empty text.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::texts("SummarizationRequest", "inputs", &self.inputs)
    }
}

impl TranslationRequest {
    /// Sets both languages, in the words of the model.
    pub fn with_languages(self, source: impl Into<String>, target: impl Into<String>) -> Self {
        self.with_source_language(source).with_target_language(target)
    }

    /// Returns the parameters of the generation.
    pub const fn generate_parameters(&self) -> &Map<String, Value> {
        &self.generate_parameters
    }

    /// Sets the parameters of the generation, such as `max_new_tokens`.
    pub fn with_generate_parameters(mut self, parameters: Map<String, Value>) -> Self {
        self.generate_parameters = parameters;
        self
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy: no text, an empty text, one language without the other.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        const OWNER: &str = "TranslationRequest";
        check::texts(OWNER, "inputs", &self.inputs)?;
        let missing = match (&self.source_language, &self.target_language) {
            (None, Some(_)) => "source_language",
            (Some(_), None) => "target_language",
            _ => return Ok(()),
        };
        Err(BuilderError::missing(OWNER, missing, "give both languages, or neither").into())
    }
}

/// The summaries of the texts of a request, in their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SummarizationResponse {
    summaries: Vec<String>,
    metadata: TaskMetadata,
}

/// The translations of the texts of a request, in their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TranslationResponse {
    translations: Vec<String>,
    metadata: TaskMetadata,
}

task_response!(SummarizationResponse);
task_response!(TranslationResponse);

impl SummarizationResponse {
    /// Returns a response with these summaries.
    pub fn new(summaries: Vec<String>) -> Self {
        Self { summaries, metadata: TaskMetadata::default() }
    }

    /// Returns the summaries.
    pub fn summaries(&self) -> &[String] {
        &self.summaries
    }

    /// Returns the first summary.
    pub fn text(&self) -> &str {
        self.summaries.first().map_or("", String::as_str)
    }
}

impl TranslationResponse {
    /// Returns a response with these translations.
    pub fn new(translations: Vec<String>) -> Self {
        Self { translations, metadata: TaskMetadata::default() }
    }

    /// Returns the translations.
    pub fn translations(&self) -> &[String] {
        &self.translations
    }

    /// Returns the first translation.
    pub fn text(&self) -> &str {
        self.translations.first().map_or("", String::as_str)
    }
}
