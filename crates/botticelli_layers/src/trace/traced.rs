//! A driver whose calls are recorded.

use super::recording::Recording;
use super::settings::Trace;
use super::stream;
use crate::forward::forward;
use crate::verb::TextVerb;
use botticelli_core::GenerateResponse;
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use std::fmt::Debug;
use tracing::Instrument;

/// A driver whose calls have a span and a record.
#[derive(Clone, Debug)]
pub struct Traced<D> {
    inner: D,
    trace: Trace,
}

impl<D> Traced<D> {
    /// Returns the driver `inner` with spans and records.
    pub fn new(inner: D, trace: Trace) -> Self {
        Self { inner, trace }
    }

    /// Returns the inner driver.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// Returns the settings.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }
}

impl<D: Debug + Send + Sync> Traced<D> {
    async fn call<V: TextVerb<D>>(&self, request: V::Request) -> Result<GenerateResponse, BotticelliError> {
        let recording = Recording::start::<D, V>(&self.trace, &self.inner, &request, false);
        let call = V::send(&self.inner, request);
        let Some(mut recording) = recording else { return call.await };
        let result = call.instrument(recording.span().clone()).await;
        match &result {
            Ok(response) => recording.complete(response),
            Err(error) => recording.fail(error),
        }
        result
    }

    async fn call_stream<V: TextVerb<D>>(&self, request: V::Request) -> Result<ChunkStream, BotticelliError> {
        let recording = Recording::start::<D, V>(&self.trace, &self.inner, &request, true);
        let call = V::send_stream(&self.inner, request);
        let Some(mut recording) = recording else { return call.await };
        match call.instrument(recording.span().clone()).await {
            Ok(chunks) => Ok(stream::recorded(chunks, recording)),
            Err(error) => {
                recording.fail(&error);
                Err(error)
            }
        }
    }
}

forward!(Traced);
