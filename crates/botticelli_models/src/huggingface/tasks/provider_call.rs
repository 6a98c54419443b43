//! Calls of providers for media, directly or as jobs.

use super::call::{Answer, TaskCall};
use super::job_kind::JobKind;
use super::media_answer::{MediaAnswer, media_in, read_media};
use super::provider_bodies::{OPENAI, Parts, ProviderRequest};
use super::route::TaskServer;
use botticelli_core::redact;
use botticelli_core::tasks::{Media, MediaResponse, TaskMetadata};
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// fal's own hosts, for calls with the provider's own key. Behind the router, a query selects the queue.
const FAL: &str = "fal.run";
const FAL_QUEUE_HOST: &str = "queue.fal.run";

const PREFER: HeaderName = HeaderName::from_static("prefer");

impl TaskCall<'_> {
    /// Returns the name under which `provider_bodies` has the requests of the server; `None` for Hugging Face's own servers.
    pub(super) fn provider_name(&self) -> Option<&str> {
        match &self.route.server {
            TaskServer::Provider(name) => Some(name),
            TaskServer::OpenAi => Some(OPENAI),
            TaskServer::Hosted | TaskServer::Endpoint | TaskServer::Tei => None,
        }
    }

    /// Returns the parts that every request of a provider has.
    pub(super) fn parts(&self) -> Parts<'_> {
        let adapter = self.route.adapter.as_deref().map(|weights| (self.route.hub_id(), weights));
        Parts { model: &self.route.model, adapter, ..Parts::default() }
    }

    /// Returns the error of a provider that does not have the task.
    pub(super) fn unsupported(&self) -> BotticelliError {
        let providers = self.task.providers.join(", ");
        self.route.unsupported(self.task, &format!("use one of the providers {providers}"))
    }

    /// Returns the media that a provider generates.
    pub(super) async fn provider_media(
        &self,
        request: Option<ProviderRequest>,
    ) -> Result<MediaResponse, BotticelliError> {
        let request = request.ok_or_else(|| self.unsupported())?;
        if request.job.is_some() {
            let (value, facts) = self.provider_json(Some(request)).await?;
            let answer = media_in(&value).ok_or_else(|| self.unreadable("result of the job", &value))?;
            return self.finish(answer, facts).await;
        }
        let (url, body, headers) = self.provider_request(&request)?;
        let (answer, facts) = self.send(&url, &body, Some(&headers), read_media).await?;
        self.finish(answer, facts).await
    }

    /// Returns the media that Hugging Face's own servers or a dedicated endpoint make.
    pub(super) async fn hosted_media(
        &self,
        body: &Bytes,
        headers: &HeaderMap,
    ) -> Result<MediaResponse, BotticelliError> {
        let (answer, facts) = self.send(&self.hosted_url()?, body, Some(headers), read_media).await?;
        self.finish(answer, facts).await
    }

    /// Returns the JSON of a provider, or of the job that it starts.
    pub(super) async fn provider_json(
        &self,
        request: Option<ProviderRequest>,
    ) -> Result<(Value, TaskMetadata), BotticelliError> {
        let request = request.ok_or_else(|| self.unsupported())?;
        let (url, body, headers) = self.provider_request(&request)?;
        if let Some(kind) = request.job {
            return self.run_job(kind, &url, &body, &headers).await;
        }
        let read = |answer: &Answer<'_>| answer.reply()?.parse::<Value>();
        self.send(&url, &body, Some(&headers), read).await
    }

    fn provider_request(
        &self,
        request: &ProviderRequest,
    ) -> Result<(Url, Bytes, HeaderMap), BotticelliError> {
        let (path, query) = match request.path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (&*request.path, None),
        };
        let mut url = self.url(path)?;
        if query.is_some() {
            url.set_query(query);
        }
        if request.job == Some(JobKind::FalQueue) && url.host_str() == Some(FAL) {
            url.set_host(Some(FAL_QUEUE_HOST)).map_err(|_| self.unsupported())?;
        }
        let is_replicate = request.job == Some(JobKind::Replicate);
        let body = self.json(&request.body, is_replicate.then_some("input"))?;
        let mut headers = self.headers(None, Some("*/*"));
        if is_replicate {
            headers.insert(PREFER, HeaderValue::from_static("wait"));
        }
        Ok((url, body, headers))
    }

    /// Returns the error of an answer without the expected part.
    pub(super) fn unreadable(&self, what: &'static str, value: &Value) -> BotticelliError {
        // Redacted before the cut, because a token without its end would not be recognized.
        let beginning: String = self.redact(&value.to_string()).chars().take(80).collect();
        let kind = JsonErrorKind::Unreadable { what, beginning: redact::tokens(&beginning) };
        JsonError::new(kind, self.driver.settings.address.host()).into()
    }

    /// Fetches the media of an answer, if the answer has only its address.
    pub(super) async fn finish(
        &self,
        answer: MediaAnswer,
        facts: TaskMetadata,
    ) -> Result<MediaResponse, BotticelliError> {
        let media = match answer {
            MediaAnswer::Media(media) => media,
            // The request is answered, and so may be billed.
            MediaAnswer::Url(url) => self.download(&url).await.map_err(|error| error.with_billing(true))?,
        };
        Ok(MediaResponse::new(media).with_metadata(self.with_usage(facts, None, None)))
    }
}

/// Returns a `data:` URL of audio with a type that fal accepts. It rejects most types, but not their bytes under another name.
pub(super) fn audio_url(provider: &str, audio: &Media) -> String {
    if provider != "fal-ai" {
        return audio.to_data_url();
    }
    let label = match audio.media_type() {
        "audio/wav" | "audio/wave" | "audio/x-wav" => "audio/x-wav",
        "audio/webm" | "video/webm" => "video/webm",
        _ => "audio/mpeg",
    };
    audio.clone().with_media_type(label).to_data_url()
}
