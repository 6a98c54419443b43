//! A run, told as it happens.

use super::limits::ToolLimits;
use super::result::ToolResult;
use super::run::ToolRun;
use super::run_error::ToolRunError;
use super::set::Tools;
use super::turns::run_with_events;
use crate::BotticelliDriver;
use botticelli_core::{GenerateRequest, StreamChunk, ToolCall};
use futures::future::BoxFuture;
use futures::stream::{BoxStream, Stream, StreamExt};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// A run with tools, as it happens: any number of events, then exactly one [`Finished`](ToolEvent::Finished) or exactly one error,
/// then nothing.
pub type ToolStream = BoxStream<'static, Result<ToolEvent, ToolRunError>>;

/// What happens in a run with tools.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ToolEvent {
    /// A piece of an answer. Every answer ends in a [final](StreamChunk::is_final) one, which carries it as a whole.
    Chunk(StreamChunk),
    /// A tool is called: not run yet, and perhaps it will not be.
    Called(ToolCall),
    /// What a call came to, as soon as that is known: calls that run concurrently may return in any order.
    Returned(ToolResult),
    /// The run is at its end.
    Finished(Box<ToolRun>),
}

pub(crate) fn stream<D: BotticelliDriver + 'static>(
    driver: D,
    request: GenerateRequest,
    tools: Arc<Tools>,
    limits: ToolLimits,
) -> ToolStream {
    let slot = Slot::default();
    let sink = EventSink(Some(Arc::clone(&slot)));
    let run = async move { run_with_events(&driver, request, &tools, limits, &sink).await };
    Events { run: Some(Box::pin(run)), slot }.boxed()
}

/// Where an event waits to be given out: never more than one.
type Slot = Arc<Mutex<Option<ToolEvent>>>;

/// Tells what happens to whoever listens, if anybody does.
pub(super) struct EventSink(Option<Slot>);

impl EventSink {
    pub(super) fn disabled() -> Self {
        Self(None)
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.0.is_none()
    }

    /// Tells an event; resolves when it was given out. Only the run itself may wait here, and no future inside of it:
    /// whoever is told asks the whole run to go on.
    pub(super) async fn send(&self, event: impl FnOnce() -> ToolEvent) {
        let Some(slot) = &self.0 else { return };
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(event());
        let mut was_given = false;
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut was_given, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// The run, and the event that it stopped at.
struct Events {
    run: Option<BoxFuture<'static, Result<ToolRun, ToolRunError>>>,
    slot: Slot,
}

impl Stream for Events {
    type Item = Result<ToolEvent, ToolRunError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(run) = &mut self.run else { return Poll::Ready(None) };
        let polled = run.as_mut().poll(cx);
        let event = self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(event) = event {
            return Poll::Ready(Some(Ok(event)));
        }
        polled.map(|end| {
            self.run = None;
            Some(end.map(|run| ToolEvent::Finished(Box::new(run))))
        })
    }
}
