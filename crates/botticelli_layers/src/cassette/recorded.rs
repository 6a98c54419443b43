//! A driver whose calls are recorded.

use super::recorder::{Entry, Recorder};
use super::tape::{self, Call, CallHeader, RecordedResponse};
use crate::forward::forward;
#[cfg(feature = "tasks")]
use crate::tasks::TaskVerb;
use crate::verb::{Response, TextVerb, Verb};
use botticelli_core::{GenerateResponse, StreamChunk};
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use futures::{Stream, StreamExt};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Debug;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A driver whose calls are recorded in a cassette. The [module](super) describes the file.
///
/// A file that cannot be written never costs a response: the response then has a warning.
#[derive(Clone, Debug)]
pub struct Recorded<D> {
    inner: D,
    recorder: Arc<Recorder>,
}

impl<D> Recorded<D> {
    /// Returns the driver `inner` with a new cassette, which replaces an earlier one.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`](botticelli_error::ConfigError) if the file cannot be written, or is not a cassette, and on Unix if another recording
    /// to it is open.
    #[track_caller]
    pub fn new(inner: D, path: impl AsRef<Path>) -> Result<Self, BotticelliError> {
        Ok(Self { inner, recorder: Arc::new(Recorder::create(path.as_ref())?) })
    }

    /// Returns the inner driver.
    pub fn inner(&self) -> &D {
        &self.inner
    }
}

impl<D: Debug + Send + Sync> Recorded<D> {
    async fn call<V: TextVerb<D>>(&self, request: V::Request) -> Result<GenerateResponse, BotticelliError>
    where
        V::Request: Serialize,
    {
        let (entry, call_header) = self.begin::<V>(&request, false);
        let outcome = V::send(&self.inner, request).await;
        let warning = entry.record(&Call { call_header, chunks: None, outcome: outcome.clone().map(text) });
        outcome.map(|response| warned(response, warning))
    }

    #[cfg(feature = "tasks")]
    async fn task<V: TaskVerb<D>>(&self, request: V::Request) -> Result<V::Response, BotticelliError> {
        let (entry, call_header) = self.begin::<V>(&request, false);
        let outcome = V::send(&self.inner, request).await;
        let recorded = match &outcome {
            Ok(response) => serde_json::to_value(response).map(RecordedResponse::Task).map(Ok),
            Err(error) => Ok(Err(error.clone())),
        };
        let warning = match recorded {
            Ok(recorded) => entry.record(&Call { call_header, chunks: None, outcome: recorded }),
            Err(error) => entry.fail(error.into()),
        };
        outcome.map(|response| warned(response, warning))
    }

    async fn call_stream<V: TextVerb<D>>(&self, request: V::Request) -> Result<ChunkStream, BotticelliError>
    where
        V::Request: Serialize,
    {
        let (entry, call_header) = self.begin::<V>(&request, true);
        match V::send_stream(&self.inner, request).await {
            Ok(inner) => {
                Ok(RecordedStream { inner, chunks: Vec::new(), tape: Some((entry, call_header)) }.boxed())
            }
            Err(error) => {
                entry.record(&Call { call_header, chunks: None, outcome: Err(error.clone()) });
                Err(error)
            }
        }
    }

    fn begin<V: Verb<D>>(&self, request: &V::Request, is_stream: bool) -> (Entry, CallHeader)
    where
        V::Request: Serialize,
    {
        let call_header = CallHeader {
            verb: V::NAME.to_owned(),
            provider: V::provider_name(&self.inner).map(str::to_owned),
            model: V::model_name(&self.inner).map(str::to_owned),
            is_stream,
            request: tape::request(request).unwrap_or(Value::Null),
        };
        (self.recorder.begin(), call_header)
    }
}

fn text(response: GenerateResponse) -> RecordedResponse {
    RecordedResponse::Text(response)
}

fn warned<R: Response>(response: R, warning: Option<String>) -> R {
    match warning {
        Some(warning) => response.with_warning(warning),
        None => response,
    }
}

struct RecordedStream {
    inner: ChunkStream,
    chunks: Vec<StreamChunk>,
    /// Until the end of the stream.
    tape: Option<(Entry, CallHeader)>,
}

impl RecordedStream {
    fn record(&mut self, outcome: Result<GenerateResponse, BotticelliError>) -> Option<String> {
        let (entry, call_header) = self.tape.take()?;
        let outcome = outcome.map(text);
        entry.record(&Call { call_header, chunks: Some(std::mem::take(&mut self.chunks)), outcome })
    }
}

impl Stream for RecordedStream {
    type Item = Result<StreamChunk, BotticelliError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.inner.poll_next_unpin(cx));
        Poll::Ready(match item {
            Some(Ok(chunk)) => match chunk.response().cloned() {
                None => {
                    if self.tape.is_some() {
                        self.chunks.push(chunk.clone());
                    }
                    Some(Ok(chunk))
                }
                Some(response) => match self.record(Ok(response)) {
                    None => Some(Ok(chunk)),
                    warning => {
                        chunk.into_response().map(|response| Ok(StreamChunk::last(warned(response, warning))))
                    }
                },
            },
            Some(Err(error)) => {
                self.record(Err(error.clone()));
                Some(Err(error))
            }
            None => None,
        })
    }
}

forward!(Recorded);
#[cfg(feature = "tasks")]
crate::tasks::forward_tasks!(Recorded, task);
