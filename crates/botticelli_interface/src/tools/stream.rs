//! A run as a stream of events.

use super::event::{ToolEvent, ToolStream};
use super::event_sink::{EventSink, EventSlot};
use super::limits::ToolLimits;
use super::run::ToolRun;
use super::run_error::ToolRunError;
use super::set::Tools;
use super::turns::run_with_events;
use crate::BotticelliDriver;
use botticelli_core::GenerateRequest;
use futures::future::BoxFuture;
use futures::stream::{Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

pub(crate) fn stream<D: BotticelliDriver + 'static>(
    driver: D,
    request: GenerateRequest,
    tools: Arc<Tools>,
    limits: ToolLimits,
) -> ToolStream {
    let slot = EventSlot::default();
    let sink = EventSink::new(slot.clone());
    let run = async move { run_with_events(&driver, request, &tools, limits, &sink).await };
    Events { run: Some(Box::pin(run)), slot }.boxed()
}

/// A run, and the slot with its next event.
struct Events {
    run: Option<BoxFuture<'static, Result<ToolRun, ToolRunError>>>,
    slot: EventSlot,
}

impl Stream for Events {
    type Item = Result<ToolEvent, ToolRunError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(run) = &mut self.run else { return Poll::Ready(None) };
        let polled = run.as_mut().poll(cx);
        if let Some(event) = self.slot.take() {
            return Poll::Ready(Some(Ok(event)));
        }
        polled.map(|end| {
            self.run = None;
            Some(end.map(|run| ToolEvent::Finished(Box::new(run))))
        })
    }
}
