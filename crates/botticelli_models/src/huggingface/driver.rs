//! The driver: puts the steps together.

use super::answer::{Body, accepted, response};
use super::conversions::Asked;
use super::credentials::Credentials;
use super::dto::HuggingFaceRequest;
use super::origin::Origin;
use super::route::{Endpoint, check_model};
use super::stream::{AnswerStream, pieces};
use super::{PROVIDER, catalog};
use crate::transport::{Answer, Call, HttpClient};
use async_trait::async_trait;
use botticelli_core::{GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo};
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind, TimeoutClock};
use botticelli_interface::{BotticelliDriver, ChunkStream};
use futures::StreamExt;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use secrecy::ExposeSecret;
use std::sync::Arc;

/// Answers requests through Hugging Face Inference, or any server that speaks the same dialect.
///
/// Clones are cheap and share connections. `Debug` shows no token.
///
/// ```no_run
/// use botticelli_interface::BotticelliDriver;
/// use botticelli_models::huggingface::HuggingFaceDriver;
///
/// # async fn example() -> botticelli_error::ModelsResult<()> {
/// let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:cheapest")
///     .base_url("http://127.0.0.1:8080/v1")
///     .build()?;
/// let answer = driver.generate("Name three painters".into()).await?;
/// println!("{} ({} tokens)", answer.text(), answer.usage().and_then(|u| u.total_tokens()).unwrap_or(0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct HuggingFaceDriver {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    model: String,
    endpoint: Endpoint,
    credentials: Credentials,
    bill_to: Option<HeaderValue>,
    generation: GenerationConfig,
    http: HttpClient,
}

#[async_trait]
impl BotticelliDriver for HuggingFaceDriver {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        let started = self.http().clock().now();
        let request = self.request(request)?;
        let (answer, asked) = self.ask(&request, TimeoutClock::Total).await?;
        let origin = Origin::new(request.model(), &answer, self.http(), started);
        if Body::of(&answer) == Body::Events {
            // A server that streams unasked: the same answer in pieces, on the same clock.
            return AnswerStream::new(answer.events(None), asked, origin, self.http().limits()).whole().await;
        }
        Ok(origin.mark(response(answer, &asked).await?, None))
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        let started = self.http().clock().now();
        let request = self.request(request)?.streaming();
        let (answer, asked) = self.ask(&request, TimeoutClock::FirstToken).await?;
        let origin = Origin::new(request.model(), &answer, self.http(), started);
        match Body::of(&answer) {
            // A server that cannot stream: the same answer, in one piece.
            Body::Json => Ok(pieces(origin.mark(response(answer, &asked).await?, None)).boxed()),
            Body::Html => Err(JsonError::new(JsonErrorKind::Html, answer.host()).into()),
            Body::Events | Body::Unknown => {
                let then = (TimeoutClock::Idle, self.http().timeouts().idle);
                Ok(AnswerStream::new(answer.events(Some(then)), asked, origin, self.http().limits()).boxed())
            }
        }
    }

    fn provider_name(&self) -> &'static str {
        PROVIDER
    }

    fn model_name(&self) -> &str {
        &self.shared.model
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        check_model(model)?;
        let url = self.shared.endpoint.model(model);
        let answer = self.send(Method::GET, url, None, TimeoutClock::Total).await?;
        let asked = self.asked(model, &answer);
        catalog::entry(answer, &asked).await
    }
}

const BILL_TO: HeaderName = HeaderName::from_static("x-hf-bill-to");

impl HuggingFaceDriver {
    pub(super) fn assemble(
        model: String,
        endpoint: Endpoint,
        credentials: Credentials,
        bill_to: Option<HeaderValue>,
        generation: GenerationConfig,
        http: HttpClient,
    ) -> Self {
        Self { shared: Arc::new(Shared { model, endpoint, credentials, bill_to, generation, http }) }
    }

    fn http(&self) -> &HttpClient {
        &self.shared.http
    }

    /// What is sent: the request, and what the driver adds where it says nothing.
    fn request(&self, request: GenerateRequest) -> Result<HuggingFaceRequest, BotticelliError> {
        let model = request.model().unwrap_or(&self.shared.model).to_owned();
        request.with_defaults(&self.shared.generation).with_model(model).try_into()
    }

    /// Sends it; gives back an answer that is no refusal, as far as its status tells.
    async fn ask(
        &self,
        request: &HuggingFaceRequest,
        clock: TimeoutClock,
    ) -> Result<(Answer, Asked), BotticelliError> {
        let body = serde_json::to_vec(request).map_err(|error| {
            let kind = JsonErrorKind::Unreadable { what: "request", beginning: String::new() };
            JsonError::new(kind, PROVIDER).with_source(error)
        })?;
        let url = self.shared.endpoint.chat().clone();
        let answer = self.send(Method::POST, url, Some(body), clock).await?;
        let asked = self.asked(request.model(), &answer);
        Ok((accepted(answer, &asked).await?, asked))
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<Vec<u8>>,
        clock: TimeoutClock,
    ) -> Result<Answer, BotticelliError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(token) = &self.shared.credentials.token {
            // The token was checked when the driver was built: it is visible ASCII.
            if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())) {
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
        }
        if let Some(bill_to) = &self.shared.bill_to {
            headers.insert(BILL_TO, bill_to.clone());
        }
        self.http().send(Call { method, url, headers, body }, clock).await
    }

    fn asked(&self, model: &str, answer: &Answer) -> Asked {
        Asked {
            host: Some(answer.host().to_owned()),
            model: Some(model.to_owned()),
            token: self.shared.credentials.token.clone(),
            withheld: self.shared.credentials.withheld.clone(),
            request_id: answer.request_id(),
            retry_after: answer.retry_after(),
        }
    }
}
