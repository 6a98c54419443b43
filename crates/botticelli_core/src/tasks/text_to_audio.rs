//! Music and sounds of a description.

use super::accessors::task_request;
use super::{TaskOptions, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A request for music or a sound. [`TextToSpeechRequest`](super::TextToSpeechRequest) is for texts that are read aloud.
///
/// ```
/// use botticelli_core::tasks::TextToAudioRequest;
///
/// let request = TextToAudioRequest::from("A lute in a quiet courtyard");
/// assert_eq!(request.prompt(), "A lute in a quiet courtyard");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct TextToAudioRequest {
    /// The description of the audio.
    #[builder(setter(into, strip_option = false))]
    prompt: String,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Parameters of the generation, such as `max_new_tokens`, or `seconds_total` at fal-ai.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Map::is_empty")]
    generation_parameters: Map<String, Value>,
}

task_request!(TextToAudioRequest, TextToAudioRequestBuilder);

impl TextToAudioRequest {
    /// Returns the description of the audio.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    /// Returns the parameters of the generation.
    pub const fn generation_parameters(&self) -> &Map<String, Value> {
        &self.generation_parameters
    }

    /// Sets the parameters of the generation, such as `max_new_tokens`, or `seconds_total` at fal-ai.
    pub fn with_generation_parameters(mut self, parameters: Map<String, Value>) -> Self {
        self.generation_parameters = parameters;
        self
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) if the description is missing.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::text("TextToAudioRequest", "prompt", &self.prompt)
    }
}

impl From<&str> for TextToAudioRequest {
    fn from(prompt: &str) -> Self {
        prompt.to_owned().into()
    }
}

impl From<String> for TextToAudioRequest {
    fn from(prompt: String) -> Self {
        Self { prompt, ..Self::default() }
    }
}
