//! The way of an event from a run to the stream around it.

use super::event::ToolEvent;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

/// A slot for at most one event, shared by a run and its stream.
#[derive(Clone, Default)]
pub(super) struct EventSlot(Arc<Mutex<Option<ToolEvent>>>);

impl EventSlot {
    /// Takes the event out of the slot.
    pub(super) fn take(&self) -> Option<ToolEvent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, event: ToolEvent) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(event);
    }
}

/// The sender of a run's events. A plain run has a disabled sink, which drops them.
pub(super) struct EventSink(Option<EventSlot>);

impl EventSink {
    pub(super) fn new(slot: EventSlot) -> Self {
        Self(Some(slot))
    }

    pub(super) fn disabled() -> Self {
        Self(None)
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.0.is_none()
    }

    /// Sends an event, and resolves after the stream has returned it.
    ///
    /// Only the run may await this, not a future inside a `FuturesUnordered`, because the stream polls the run as a whole.
    pub(super) async fn send(&self, event: impl FnOnce() -> ToolEvent) {
        let Some(slot) = &self.0 else { return };
        slot.put(event());
        let mut was_returned = false;
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut was_returned, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
