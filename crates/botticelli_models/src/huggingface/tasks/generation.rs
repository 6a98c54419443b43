//! Images, speech and video from texts and images.

use super::body::Parameters;
use super::call::TaskCall;
use super::driver::HuggingFaceTasks;
use super::provider_bodies::{self, Parts};
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{
    ImageToImageRequest, MediaResponse, TextToAudioRequest, TextToImageRequest, TextToSpeechRequest,
    VideoRequest,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::MediaGenerationDriver;
use serde_json::json;

pub(super) const TO_IMAGE: Task = Task {
    providers: &["hf-inference", "together", "nscale", "fal-ai", "replicate", "wavespeed", "zai-org"],
    ..Task::hosted("text-to-image")
};
pub(super) const IMAGE_TO_IMAGE: Task = Task {
    providers: &["hf-inference", "together", "fal-ai", "replicate", "wavespeed"],
    ..Task::hosted("image-to-image")
};
pub(super) const TO_SPEECH: Task = Task {
    aliases: &["text-to-audio"],
    providers: &["hf-inference", "together", "fal-ai", "replicate", "deepinfra"],
    ..Task::hosted("text-to-speech")
};
pub(super) const TO_AUDIO: Task =
    Task { providers: &["hf-inference", "fal-ai"], ..Task::hosted("text-to-audio") };
pub(super) const TO_VIDEO: Task = Task {
    providers: &["fal-ai", "novita", "replicate", "together", "wavespeed"],
    ..Task::hosted("text-to-video")
};
pub(super) const IMAGE_TO_VIDEO: Task =
    Task { providers: &["fal-ai", "together", "wavespeed"], ..Task::hosted("image-to-video") };

/// A preference only: servers send JPEG as well.
const IMAGE: &str = "image/png";
const ANY: &str = "*/*";

#[async_trait]
impl MediaGenerationDriver for HuggingFaceTasks {
    async fn generate_image(&self, request: TextToImageRequest) -> Result<MediaResponse, BotticelliError> {
        request.validate()?;
        let mut call = TaskCall::start(self, &TO_IMAGE, "TextToImageRequest", request.options()).await?;
        let parameters = |names_size: bool| {
            Parameters::default()
                .with("negative_prompt", request.negative_prompt())
                .with("width", request.width().filter(|_| names_size))
                .with("height", request.height().filter(|_| names_size))
                .with("num_inference_steps", request.num_inference_steps())
                .with("guidance_scale", request.guidance_scale())
                .with("seed", request.seed())
                .with("scheduler", request.scheduler())
        };
        if call.provider_name().is_some() {
            call.extend_deadline();
            // A size of one side stays a parameter.
            let size = request.width().zip(request.height());
            let parameters = parameters(size.is_none()).into_map();
            let parts = Parts { prompt: Some(request.prompt()), size, parameters, ..call.parts() };
            let provider = call.provider_name().unwrap_or_default();
            return call.provider_media(provider_bodies::image(provider, parts)).await;
        }
        let body = call.json(&parameters(true).body(request.prompt()), Some("parameters"))?;
        let headers = call.headers(None, Some(IMAGE));
        call.hosted_media(&body, &headers).await
    }

    async fn edit_image(&self, request: ImageToImageRequest) -> Result<MediaResponse, BotticelliError> {
        request.validate()?;
        let mut call =
            TaskCall::start(self, &IMAGE_TO_IMAGE, "ImageToImageRequest", request.options()).await?;
        let parameters = Parameters::default()
            .with("negative_prompt", request.negative_prompt())
            .with("num_inference_steps", request.num_inference_steps())
            .with("guidance_scale", request.guidance_scale());
        if call.provider_name().is_some() {
            call.extend_deadline();
            let (prompt, image, size) = (request.prompt(), Some(request.image()), request.target_size());
            let parts = Parts { prompt, image, size, parameters: parameters.into_map(), ..call.parts() };
            let provider = call.provider_name().unwrap_or_default();
            return call.provider_media(provider_bodies::image(provider, parts)).await;
        }
        let size = request.target_size().map(|(width, height)| json!({ "width": width, "height": height }));
        let parameters = parameters.with("prompt", request.prompt()).with("target_size", size);
        let (body, media_type) = call.media_body(request.image(), parameters)?;
        let headers = call.headers(media_type, Some(IMAGE));
        call.hosted_media(&body, &headers).await
    }

    async fn generate_speech(&self, request: TextToSpeechRequest) -> Result<MediaResponse, BotticelliError> {
        request.validate()?;
        let mut call = TaskCall::start(self, &TO_SPEECH, "TextToSpeechRequest", request.options()).await?;
        let generation = request.generation_parameters();
        if call.provider_name().is_some() {
            call.extend_deadline();
            let (text, voice) = (Some(request.text()), request.voice());
            let parts = Parts { text, voice, parameters: generation.clone(), ..call.parts() };
            let provider = call.provider_name().unwrap_or_default();
            return call.provider_media(provider_bodies::speech(provider, parts)).await;
        }
        let parameters = Parameters::default().with("voice", request.voice()).with_all(
            "generation_parameters",
            generation.is_empty(),
            generation,
        );
        let body = call.json(&parameters.body(request.text()), Some("parameters"))?;
        let headers = call.headers(None, Some(ANY));
        call.hosted_media(&body, &headers).await
    }

    async fn generate_audio(&self, request: TextToAudioRequest) -> Result<MediaResponse, BotticelliError> {
        request.validate()?;
        let mut call = TaskCall::start(self, &TO_AUDIO, "TextToAudioRequest", request.options()).await?;
        let generation = request.generation_parameters();
        if call.provider_name().is_some() {
            call.extend_deadline();
            let parts =
                Parts { prompt: Some(request.prompt()), parameters: generation.clone(), ..call.parts() };
            let provider = call.provider_name().unwrap_or_default();
            return call.provider_media(provider_bodies::audio(provider, parts)).await;
        }
        let parameters =
            Parameters::default().with_all("generation_parameters", generation.is_empty(), generation);
        let body = call.json(&parameters.body(request.prompt()), Some("parameters"))?;
        let headers = call.headers(None, Some(ANY));
        call.hosted_media(&body, &headers).await
    }

    async fn generate_video(&self, request: VideoRequest) -> Result<MediaResponse, BotticelliError> {
        request.validate()?;
        let task = if request.image().is_some() { &IMAGE_TO_VIDEO } else { &TO_VIDEO };
        let mut call = TaskCall::start(self, task, "VideoRequest", request.options()).await?;
        call.extend_deadline();
        let parameters = Parameters::default()
            .with("negative_prompt", request.negative_prompt())
            .with("num_frames", request.num_frames())
            .with("num_inference_steps", request.num_inference_steps())
            .with("guidance_scale", request.guidance_scale())
            .with("seed", request.seed());
        let (prompt, image) = (request.prompt(), request.image());
        let parts = Parts { prompt, image, parameters: parameters.into_map(), ..call.parts() };
        let provider = call.provider_name().unwrap_or("hf-inference");
        call.provider_media(provider_bodies::video(provider, parts)).await
    }
}
