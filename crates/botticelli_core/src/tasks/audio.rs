//! Audio: transcription, classification, and audio from audio.

use super::accessors::{media_input, settings, task_request, task_response};
use super::{Media, ScoreFunction, TaskMetadata, TaskOptions, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A request for the text of speech.
///
/// ```
/// use botticelli_core::tasks::{Media, TranscriptionRequest};
///
/// let audio = Media::new(&b"fLaC..."[..]);
/// let request = TranscriptionRequest::from(audio).with_return_timestamps(true);
/// assert_eq!(request.audio().media_type(), "audio/flac");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct TranscriptionRequest {
    /// The audio.
    #[builder(setter(into, strip_option = false))]
    audio: Media,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Times of the parts of the text. Default: the server's (none).
    #[serde(skip_serializing_if = "Option::is_none")]
    return_timestamps: Option<bool>,
    /// Parameters of the generation, such as `language`.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Map::is_empty")]
    generation_parameters: Map<String, Value>,
}

/// A request for the labels of audio.
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct AudioClassificationRequest {
    /// The audio.
    #[builder(setter(into, strip_option = false))]
    audio: Media,
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

/// A request that changes audio: it separates the speakers, or removes noise. The model decides which.
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default)]
#[serde(default)]
pub struct AudioToAudioRequest {
    /// The audio.
    #[builder(setter(into))]
    audio: Media,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
}

task_request!(TranscriptionRequest, TranscriptionRequestBuilder);
task_request!(AudioClassificationRequest, AudioClassificationRequestBuilder);
task_request!(AudioToAudioRequest, AudioToAudioRequestBuilder);
settings!(TranscriptionRequest {
    copy "setting for times of the parts of the text." return_timestamps, with_return_timestamps: bool;
});
settings!(AudioClassificationRequest {
    copy "number of labels in the response." top_k, with_top_k: u32;
    copy "function that converts the output of the model to scores." function_to_apply, with_function_to_apply: ScoreFunction;
});
media_input!(TranscriptionRequest, audio, "audio");
media_input!(AudioClassificationRequest, audio, "audio");
media_input!(AudioToAudioRequest, audio, "audio");

impl TranscriptionRequest {
    /// Returns the parameters of the generation.
    pub const fn generation_parameters(&self) -> &Map<String, Value> {
        &self.generation_parameters
    }

    /// Sets the parameters of the generation, such as `language`.
    pub fn with_generation_parameters(mut self, parameters: Map<String, Value>) -> Self {
        self.generation_parameters = parameters;
        self
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) if the bytes are not audio.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::audio("TranscriptionRequest", &self.audio)
    }
}

impl AudioClassificationRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: bytes that are not audio, zero
    /// labels.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::audio("AudioClassificationRequest", &self.audio)?;
        check::positive("AudioClassificationRequest", "top_k", self.top_k)
    }
}

impl AudioToAudioRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) if the bytes are not audio.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::audio("AudioToAudioRequest", &self.audio)
    }
}

/// A part of a transcript, with its time in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TranscriptChunk {
    text: String,
    start: Option<f64>,
    end: Option<f64>,
}

impl TranscriptChunk {
    /// Returns a part of a transcript between two times, in seconds.
    pub fn new(text: impl Into<String>, start: Option<f64>, end: Option<f64>) -> Self {
        Self { text: text.into(), start, end }
    }

    /// Returns the text, with the space before it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the beginning, in seconds.
    pub const fn start(&self) -> Option<f64> {
        self.start
    }

    /// Returns the end, in seconds. The last part of cut audio has none.
    pub const fn end(&self) -> Option<f64> {
        self.end
    }
}

/// The text of speech.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TranscriptionResponse {
    text: String,
    chunks: Vec<TranscriptChunk>,
    metadata: TaskMetadata,
}

/// A track of audio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AudioTrack {
    label: String,
    audio: Media,
}

impl AudioTrack {
    /// Returns a track with its label.
    pub fn new(label: impl Into<String>, audio: Media) -> Self {
        Self { label: label.into(), audio }
    }

    /// Returns the label of the model.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the audio.
    pub const fn audio(&self) -> &Media {
        &self.audio
    }
}

/// The tracks that a model made from audio.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AudioToAudioResponse {
    tracks: Vec<AudioTrack>,
    metadata: TaskMetadata,
}

task_response!(TranscriptionResponse);
task_response!(AudioToAudioResponse);

impl TranscriptionResponse {
    /// Returns a response with this text, and with its parts.
    pub fn new(text: impl Into<String>, chunks: Vec<TranscriptChunk>) -> Self {
        Self { text: text.into(), chunks, metadata: TaskMetadata::default() }
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the parts of the text with their times. Empty unless the request asks for them.
    pub fn chunks(&self) -> &[TranscriptChunk] {
        &self.chunks
    }
}

impl AudioToAudioResponse {
    /// Returns a response with these tracks.
    pub fn new(tracks: Vec<AudioTrack>) -> Self {
        Self { tracks, metadata: TaskMetadata::default() }
    }

    /// Returns the tracks.
    pub fn tracks(&self) -> &[AudioTrack] {
        &self.tracks
    }
}
