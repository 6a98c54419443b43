//! Tasks of audio.

use super::body::Parameters;
use super::call::{Answer, TaskCall};
use super::classification::labels;
use super::driver::HuggingFaceTasks;
use super::lists::flat;
use super::multipart::form;
use super::provider_bodies::{self, OPENAI, Parts};
use super::provider_call::audio_url;
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{
    AudioClassificationRequest, AudioToAudioRequest, AudioToAudioResponse, AudioTrack,
    ClassificationResponse, Media, TranscriptChunk, TranscriptionRequest, TranscriptionResponse,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::AudioTaskDriver;
use serde::Deserialize;
use serde_json::Value;

pub(super) const TRANSCRIPTION: Task = Task {
    providers: &["hf-inference", "fal-ai", "replicate", "deepinfra", "together"],
    ..Task::hosted("automatic-speech-recognition")
};
pub(super) const CLASSIFICATION: Task = Task::hosted("audio-classification");
pub(super) const CONVERSION: Task =
    Task { providers: &["hf-inference", "fal-ai"], ..Task::hosted("audio-to-audio") };

/// A transcript. OpenAI's API has `segments` with `start` and `end` in place of `chunks`.
#[derive(Debug, Deserialize)]
struct TranscriptDto {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    chunks: Option<Vec<ChunkDto>>,
    #[serde(default)]
    segments: Option<Vec<ChunkDto>>,
}

#[derive(Debug, Deserialize)]
struct ChunkDto {
    text: String,
    #[serde(default, alias = "timestamps")]
    timestamp: Option<(Option<f64>, Option<f64>)>,
    #[serde(default)]
    start: Option<f64>,
    #[serde(default)]
    end: Option<f64>,
}

impl TranscriptDto {
    /// Returns the transcript. `None` without a text and without parts of one.
    fn response(self) -> Option<TranscriptionResponse> {
        let parts = self.chunks.filter(|chunks| !chunks.is_empty()).or(self.segments).unwrap_or_default();
        let chunks: Vec<_> = parts.into_iter().map(TranscriptChunk::from).collect();
        let joined = || chunks.iter().map(TranscriptChunk::text).collect();
        let text = self.text.or_else(|| (!chunks.is_empty()).then(joined))?;
        Some(TranscriptionResponse::new(text, chunks))
    }
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
        let mut call =
            TaskCall::start(self, &TRANSCRIPTION, "TranscriptionRequest", request.options()).await?;
        if call.provider_name().is_some() {
            call.extend_deadline();
            return transcribe_at_provider(&call, &request).await;
        }
        let generation = request.generation_parameters();
        let parameters = Parameters::default()
            .with("return_timestamps", request.return_timestamps())
            .with_all("generation_parameters", generation.is_empty(), generation);
        let (transcript, facts) = call.send_media(request.audio(), parameters, read_transcript).await?;
        Ok(transcript.with_metadata(facts))
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
        let read = |answer: &Answer<'_>| labels(&answer.reply()?, 1);
        let (results, facts) = call.send_media(request.audio(), parameters, read).await?;
        Ok(ClassificationResponse::new(results).with_metadata(facts))
    }

    async fn convert_audio(
        &self,
        request: AudioToAudioRequest,
    ) -> Result<AudioToAudioResponse, BotticelliError> {
        request.validate()?;
        let mut call = TaskCall::start(self, &CONVERSION, "AudioToAudioRequest", request.options()).await?;
        if let Some(provider) = call.provider_name().map(str::to_owned) {
            call.extend_deadline();
            let audio = Some(audio_url(&provider, request.audio()));
            let parts = Parts { audio, ..call.parts() };
            let response = call.provider_media(provider_bodies::audio_to_audio(&provider, parts)).await?;
            let facts = response.metadata().clone();
            // The provider names no label.
            let track = AudioTrack::new("audio", response.into_media());
            return Ok(AudioToAudioResponse::new(vec![track]).with_metadata(facts));
        }
        let read = |answer: &Answer<'_>| flat::<TrackDto>(&answer.reply()?);
        let (tracks, facts) = call.send_media(request.audio(), Parameters::default(), read).await?;
        let track =
            |dto: TrackDto| AudioTrack::new(dto.label, dto.blob.or_media_type(dto.content_type.as_deref()));
        let tracks = tracks.into_iter().map(track).collect();
        Ok(AudioToAudioResponse::new(tracks).with_metadata(facts))
    }
}

/// Transcribes at a provider, or at a server with OpenAI's API: with JSON, or with a form.
async fn transcribe_at_provider(
    call: &TaskCall<'_>,
    request: &TranscriptionRequest,
) -> Result<TranscriptionResponse, BotticelliError> {
    let provider = call.provider_name().unwrap_or_default();
    let (audio, mut parameters) = (request.audio(), request.generation_parameters().clone());
    let path = match provider {
        OPENAI => "/audio/transcriptions",
        "together" => "/v1/audio/transcriptions",
        "deepinfra" => "/v1/openai/audio/transcriptions",
        _ => {
            if let Some(timestamps) = request.return_timestamps() {
                parameters.insert("return_timestamps".to_owned(), timestamps.into());
            }
            let parts = Parts { audio: Some(audio_url(provider, audio)), parameters, ..call.parts() };
            let (value, facts) = call.provider_json(provider_bodies::transcription(provider, parts)).await?;
            let response = transcript_in(call, value).await?;
            return Ok(response.with_metadata(call.with_usage(facts, None, None)));
        }
    };
    if request.return_timestamps() == Some(true) {
        parameters.entry("response_format").or_insert_with(|| "verbose_json".into());
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut fields = vec![("model".to_owned(), call.route.model.clone())];
    fields.extend(parameters.iter().map(|(name, value)| (name.clone(), text(value))));
    fields.extend(call.extra().iter().map(|(name, value)| (name.clone(), text(value))));
    let file = format!("audio.{}", audio.extension());
    let form = form(&fields, &file, audio.media_type(), audio.data());
    let headers = call.headers(Some(&form.content_type), Some("application/json"));
    let (transcript, facts) =
        call.send(&call.url(path)?, &form.body, Some(&headers), read_transcript).await?;
    Ok(transcript.with_metadata(call.with_usage(facts, None, None)))
}

/// Reads a transcript, which may be in a list.
fn read_transcript(answer: &Answer<'_>) -> Result<TranscriptionResponse, BotticelliError> {
    let reply = answer.reply()?;
    let mut transcripts = flat::<TranscriptDto>(&reply)?;
    let transcript = transcripts.pop().filter(|_| transcripts.is_empty()).and_then(TranscriptDto::response);
    transcript.ok_or_else(|| reply.invalid("the transcript has no text"))
}

/// Returns the transcript in the JSON of fal-ai or replicate.
async fn transcript_in(call: &TaskCall<'_>, value: Value) -> Result<TranscriptionResponse, BotticelliError> {
    let dto = serde_json::from_value::<TranscriptDto>(value.clone()).ok();
    if let Some(transcript) = dto.and_then(TranscriptDto::response) {
        return Ok(transcript);
    }
    let text = match value.get("output") {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Array(parts)) => Some(parts.iter().filter_map(Value::as_str).collect()),
        Some(output @ Value::Object(_)) => match output.get("txt_file").and_then(Value::as_str) {
            Some(address) => Some(call.download_text(address).await?),
            None => ["transcription", "translation", "text"]
                .iter()
                .find_map(|name| output.get(name)?.as_str())
                .map(str::to_owned),
        },
        _ => None,
    };
    text.map(|text| TranscriptionResponse::new(text, Vec::new()))
        .ok_or_else(|| call.unreadable("transcript", &value))
}
