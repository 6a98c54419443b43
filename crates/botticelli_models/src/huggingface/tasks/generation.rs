//! Images and speech from texts and images.

use super::body::Parameters;
use super::call::TaskCall;
use super::driver::HuggingFaceTasks;
use super::media_answer::{MediaAnswer, read_media};
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{
    ImageToImageRequest, MediaResponse, TaskMetadata, TextToImageRequest, TextToSpeechRequest,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::MediaGenerationDriver;
use serde_json::json;

const TO_IMAGE: Task = Task::hosted("text-to-image");
const IMAGE_TO_IMAGE: Task = Task::hosted("image-to-image");
const TO_SPEECH: Task = Task { aliases: &["text-to-audio"], ..Task::hosted("text-to-speech") };

/// A preference only: servers send JPEG as well.
const IMAGE: &str = "image/png";
const ANY: &str = "*/*";

#[async_trait]
impl MediaGenerationDriver for HuggingFaceTasks {
    async fn generate_image(&self, request: TextToImageRequest) -> Result<MediaResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &TO_IMAGE, "TextToImageRequest", request.options()).await?;
        let parameters = Parameters::default()
            .with("negative_prompt", request.negative_prompt())
            .with("width", request.width())
            .with("height", request.height())
            .with("num_inference_steps", request.num_inference_steps())
            .with("guidance_scale", request.guidance_scale())
            .with("seed", request.seed())
            .with("scheduler", request.scheduler());
        let body = call.json(&parameters.body(request.prompt()), Some("parameters"))?;
        let headers = call.headers(None, Some(IMAGE));
        let answer = call.send(&call.hosted_url()?, &body, Some(&headers), read_media).await?;
        finish(&call, answer).await
    }

    async fn edit_image(&self, request: ImageToImageRequest) -> Result<MediaResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &IMAGE_TO_IMAGE, "ImageToImageRequest", request.options()).await?;
        let size = request.target_size().map(|(width, height)| json!({ "width": width, "height": height }));
        let parameters = Parameters::default()
            .with("prompt", request.prompt())
            .with("negative_prompt", request.negative_prompt())
            .with("num_inference_steps", request.num_inference_steps())
            .with("guidance_scale", request.guidance_scale())
            .with("target_size", size);
        let (body, media_type) = call.media_body(request.image(), parameters)?;
        let headers = call.headers(media_type, Some(IMAGE));
        let answer = call.send(&call.hosted_url()?, &body, Some(&headers), read_media).await?;
        finish(&call, answer).await
    }

    async fn generate_speech(&self, request: TextToSpeechRequest) -> Result<MediaResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &TO_SPEECH, "TextToSpeechRequest", request.options()).await?;
        let generation = request.generation_parameters();
        let parameters = Parameters::default().with("voice", request.voice()).with_all(
            "generation_parameters",
            generation.is_empty(),
            generation,
        );
        let body = call.json(&parameters.body(request.text()), Some("parameters"))?;
        let headers = call.headers(None, Some(ANY));
        let answer = call.send(&call.hosted_url()?, &body, Some(&headers), read_media).await?;
        finish(&call, answer).await
    }
}

/// Fetches the media of an answer, if the answer has only its address.
async fn finish(
    call: &TaskCall<'_>,
    (answer, facts): (MediaAnswer, TaskMetadata),
) -> Result<MediaResponse, BotticelliError> {
    let media = match answer {
        MediaAnswer::Media(media) => media,
        MediaAnswer::Url(url) => call.download(&url).await?,
    };
    Ok(MediaResponse::new(media).with_metadata(call.with_usage(facts, None, None)))
}
