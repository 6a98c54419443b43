//! Images, speech, audio and video from a text or an image.

use super::accessors::{media_input, settings, task_request, task_response};
use super::{Media, TaskMetadata, TaskOptions, check};
use botticelli_error::{BotticelliError, BuilderError};
use derive_builder::Builder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A request for an image of a description.
///
/// ```
/// use botticelli_core::tasks::TextToImageRequest;
///
/// let request = TextToImageRequest::from("Venus in a sea shell").with_size(1024, 768).with_seed(7);
/// assert_eq!((request.width(), request.height()), (Some(1024), Some(768)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct TextToImageRequest {
    /// The description.
    #[builder(setter(into, strip_option = false))]
    prompt: String,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Description of what the image must not show.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    negative_prompt: Option<String>,
    /// Width, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    /// Height, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    /// Number of steps of the model. More steps take longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    num_inference_steps: Option<u32>,
    /// Strength with which the image follows the description.
    #[serde(skip_serializing_if = "Option::is_none")]
    guidance_scale: Option<f64>,
    /// Seed. The same seed and request usually give the same image.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// Name of the scheduler of the model.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduler: Option<String>,
}

/// A request that changes an image by a description.
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct ImageToImageRequest {
    /// The image.
    #[builder(setter(into, strip_option = false))]
    image: Media,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Description of the change. Some models have a fixed purpose and need none.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<String>,
    /// Description of what the image must not show.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    negative_prompt: Option<String>,
    /// Number of steps of the model. More steps take longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    num_inference_steps: Option<u32>,
    /// Strength with which the image follows the description.
    #[serde(skip_serializing_if = "Option::is_none")]
    guidance_scale: Option<f64>,
    /// Width and height of the result, in pixels. Default: the size of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    target_size: Option<(u32, u32)>,
}

/// A request for speech, or for other audio of a description.
///
/// ```
/// use botticelli_core::tasks::TextToSpeechRequest;
///
/// assert_eq!(TextToSpeechRequest::from("Good morning").text(), "Good morning");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct TextToSpeechRequest {
    /// The text to speak, or the description of the audio.
    #[builder(setter(into, strip_option = false))]
    text: String,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Name of the voice. Some providers require one.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    voice: Option<String>,
    /// Parameters of the generation, such as `temperature`.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Map::is_empty")]
    generation_parameters: Map<String, Value>,
}

/// A request for a video of a description, or of an image that moves.
///
/// ```
/// use botticelli_core::tasks::VideoRequest;
///
/// let request = VideoRequest::from("Waves at a beach").with_num_frames(48);
/// assert_eq!(request.num_frames(), Some(48));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct VideoRequest {
    /// The description. Optional if the request has an image.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<String>,
    /// The first image of the video.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Media>,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Description of what the video must not show.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    negative_prompt: Option<String>,
    /// Number of images of the video.
    #[serde(skip_serializing_if = "Option::is_none")]
    num_frames: Option<u32>,
    /// Number of steps of the model. More steps take longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    num_inference_steps: Option<u32>,
    /// Strength with which the video follows the description.
    #[serde(skip_serializing_if = "Option::is_none")]
    guidance_scale: Option<f64>,
    /// Seed. The same seed and request usually give the same video.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
}

task_request!(VideoRequest, VideoRequestBuilder);
settings!(VideoRequest {
    text "description." prompt, with_prompt: String;
    text "description of what the video must not show." negative_prompt, with_negative_prompt: String;
    copy "number of images of the video." num_frames, with_num_frames: u32;
    copy "number of steps of the model." num_inference_steps, with_num_inference_steps: u32;
    copy "strength with which the video follows the description." guidance_scale, with_guidance_scale: f64;
    copy "seed." seed, with_seed: u64;
});

impl VideoRequest {
    /// Returns the first image of the video.
    pub const fn image(&self) -> Option<&Media> {
        self.image.as_ref()
    }

    /// Sets the first image of the video.
    pub fn with_image(mut self, image: impl Into<Media>) -> Self {
        self.image = Some(image.into());
        self
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy: no description and no image, bytes that are not an image, zero
    /// images or steps.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        const OWNER: &str = "VideoRequest";
        if let Some(image) = &self.image {
            check::image(OWNER, image)?;
        } else {
            check::text(OWNER, "prompt", self.prompt.as_deref().unwrap_or_default())?;
        }
        check::positive(OWNER, "num_frames", self.num_frames)?;
        check::positive(OWNER, "num_inference_steps", self.num_inference_steps)?;
        check::finite(OWNER, "guidance_scale", self.guidance_scale)
    }
}

impl From<&str> for VideoRequest {
    fn from(prompt: &str) -> Self {
        Self::default().with_prompt(prompt)
    }
}

impl From<Media> for VideoRequest {
    fn from(image: Media) -> Self {
        Self::default().with_image(image)
    }
}

task_request!(TextToImageRequest, TextToImageRequestBuilder);
task_request!(ImageToImageRequest, ImageToImageRequestBuilder);
task_request!(TextToSpeechRequest, TextToSpeechRequestBuilder);
settings!(TextToImageRequest {
    text "description of what the image must not show." negative_prompt, with_negative_prompt: String;
    copy "width, in pixels." width, with_width: u32;
    copy "height, in pixels." height, with_height: u32;
    copy "number of steps of the model." num_inference_steps, with_num_inference_steps: u32;
    copy "strength with which the image follows the description." guidance_scale, with_guidance_scale: f64;
    copy "seed." seed, with_seed: u64;
    text "name of the scheduler of the model." scheduler, with_scheduler: String;
});
settings!(ImageToImageRequest {
    text "description of the change." prompt, with_prompt: String;
    text "description of what the image must not show." negative_prompt, with_negative_prompt: String;
    copy "number of steps of the model." num_inference_steps, with_num_inference_steps: u32;
    copy "strength with which the image follows the description." guidance_scale, with_guidance_scale: f64;
    copy "width and height of the result, in pixels." target_size, with_target_size: (u32, u32);
});
settings!(TextToSpeechRequest {
    text "name of the voice." voice, with_voice: String;
});
media_input!(ImageToImageRequest, image, "image");

impl TextToImageRequest {
    /// Returns the description.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    /// Sets width and height, in pixels.
    pub fn with_size(self, width: u32, height: u32) -> Self {
        self.with_width(width).with_height(height)
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy: no description, a size or a number of steps of zero.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        const OWNER: &str = "TextToImageRequest";
        check::text(OWNER, "prompt", &self.prompt)?;
        check::positive(OWNER, "width", self.width)?;
        check::positive(OWNER, "height", self.height)?;
        check::positive(OWNER, "num_inference_steps", self.num_inference_steps)?;
        check::finite(OWNER, "guidance_scale", self.guidance_scale)
    }
}

impl From<&str> for TextToImageRequest {
    fn from(prompt: &str) -> Self {
        prompt.to_owned().into()
    }
}

impl From<String> for TextToImageRequest {
    fn from(prompt: String) -> Self {
        Self { prompt, ..Self::default() }
    }
}

impl ImageToImageRequest {
    /// Returns a request that changes `image` by the description `prompt`.
    pub fn new(image: impl Into<Media>, prompt: impl Into<String>) -> Self {
        Self::from(image.into()).with_prompt(prompt)
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy: bytes that are not an image, a size or a number of steps of
    /// zero.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        const OWNER: &str = "ImageToImageRequest";
        check::image(OWNER, &self.image)?;
        check::positive(OWNER, "num_inference_steps", self.num_inference_steps)?;
        check::finite(OWNER, "guidance_scale", self.guidance_scale)?;
        match self.target_size {
            Some((width, height)) if width == 0 || height == 0 => {
                let value = format!("{width} x {height}");
                let remedy = "give both sides in pixels, or leave it out";
                Err(BuilderError::refused(OWNER, "target_size", value, "a side is zero", remedy).into())
            }
            _ => Ok(()),
        }
    }
}

impl TextToSpeechRequest {
    /// Returns the text to speak.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the parameters of the generation.
    pub const fn generation_parameters(&self) -> &Map<String, Value> {
        &self.generation_parameters
    }

    /// Sets the parameters of the generation, such as `temperature`.
    pub fn with_generation_parameters(mut self, parameters: Map<String, Value>) -> Self {
        self.generation_parameters = parameters;
        self
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the text is missing.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::text("TextToSpeechRequest", "text", &self.text)
    }
}

impl From<&str> for TextToSpeechRequest {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for TextToSpeechRequest {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

/// A generated image, audio or video.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MediaResponse {
    media: Media,
    metadata: TaskMetadata,
}

task_response!(MediaResponse);

impl MediaResponse {
    /// Returns a response with this media.
    pub fn new(media: Media) -> Self {
        Self { media, metadata: TaskMetadata::default() }
    }

    /// Returns the media. Its type is found from the bytes, because servers send wrong ones.
    pub const fn media(&self) -> &Media {
        &self.media
    }

    /// Returns the media without a copy.
    pub fn into_media(self) -> Media {
        self.media
    }
}
