//! Tasks of audio.

use super::body::Parameters;
use super::call::{Answer, TaskCall};
use super::classification::{LabelDto, converted};
use super::driver::HuggingFaceTasks;
use super::lists::{flat, nested};
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{
    AudioClassificationRequest, AudioToAudioRequest, AudioToAudioResponse, AudioTrack,
    ClassificationResponse, Media, TranscriptChunk, TranscriptionRequest, TranscriptionResponse,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::AudioTaskDriver;
use serde::Deserialize;

const TRANSCRIPTION: Task = Task::hosted("automatic-speech-recognition");
const CLASSIFICATION: Task = Task::hosted("audio-classification");
const CONVERSION: Task = Task::hosted("audio-to-audio");

/// A transcript. OpenAI's API has `segments` with `start` and `end` in place of `chunks`.
#[derive(Debug, Deserialize)]
struct TranscriptDto {
    text: String,
    #[serde(default, alias = "segments")]
    chunks: Option<Vec<ChunkDto>>,
}

#[derive(Debug, Deserialize)]
struct ChunkDto {
    text: String,
    #[serde(default)]
    timestamp: Option<(Option<f64>, Option<f64>)>,
    #[serde(default)]
    start: Option<f64>,
    #[serde(default)]
    end: Option<f64>,
}

impl From<ChunkDto> for TranscriptChunk {
    fn from(dto: ChunkDto) -> Self {
        let (start, end) = dto.timestamp.unwrap_or((dto.start, dto.end));
        Self::new(dto.text, start, end)
    }
}

/// A track. The type's key has a hyphen.
#[derive(Debug, Deserialize)]
struct TrackDto {
    #[serde(default)]
    label: String,
    blob: Media,
    #[serde(default, rename = "content-type")]
    content_type: Option<String>,
}

#[async_trait]
impl AudioTaskDriver for HuggingFaceTasks {
    async fn transcribe(
        &self,
        request: TranscriptionRequest,
    ) -> Result<TranscriptionResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &TRANSCRIPTION, "TranscriptionRequest", request.options()).await?;
        let generation = request.generation_parameters();
        let parameters = Parameters::default()
            .with("return_timestamps", request.return_timestamps())
            .with_all("generation_parameters", generation.is_empty(), generation);
        let read = |answer: &Answer<'_>| answer.reply()?.parse::<TranscriptDto>();
        let (dto, facts) = call.send_media(request.audio(), parameters, read).await?;
        let chunks = dto.chunks.unwrap_or_default().into_iter().map(TranscriptChunk::from).collect();
        Ok(TranscriptionResponse::new(dto.text, chunks).with_metadata(facts))
    }

    async fn classify_audio(
        &self,
        request: AudioClassificationRequest,
    ) -> Result<ClassificationResponse, BotticelliError> {
        request.validate()?;
        let call =
            TaskCall::start(self, &CLASSIFICATION, "AudioClassificationRequest", request.options()).await?;
        let parameters = Parameters::default()
            .with("top_k", request.top_k())
            .with("function_to_apply", request.function_to_apply());
        let read = |answer: &Answer<'_>| nested::<LabelDto>(&answer.reply()?, 1).map(converted);
        let (results, facts) = call.send_media(request.audio(), parameters, read).await?;
        Ok(ClassificationResponse::new(results).with_metadata(facts))
    }

    async fn convert_audio(
        &self,
        request: AudioToAudioRequest,
    ) -> Result<AudioToAudioResponse, BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, &CONVERSION, "AudioToAudioRequest", request.options()).await?;
        let read = |answer: &Answer<'_>| flat::<TrackDto>(&answer.reply()?);
        let (tracks, facts) = call.send_media(request.audio(), Parameters::default(), read).await?;
        let track =
            |dto: TrackDto| AudioTrack::new(dto.label, dto.blob.or_media_type(dto.content_type.as_deref()));
        let tracks = tracks.into_iter().map(track).collect();
        Ok(AudioToAudioResponse::new(tracks).with_metadata(facts))
    }
}
