//! The script of a mock, and its record of calls. Clones of a driver share both.

use super::call::MockCall;
use super::reply::MockReply;
use botticelli_error::{BotticelliError, BuilderError};
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) type Decide = dyn Fn(&MockCall) -> MockReply + Send + Sync;

#[derive(Default)]
pub(super) struct Script {
    state: Mutex<State>,
    /// Decides about replies when the list is empty.
    decide: Option<Box<Decide>>,
    open: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    replies: VecDeque<MockReply>,
    is_repeating: bool,
    calls: Vec<MockCall>,
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Script")
            .field("replies_left", &state.replies.len())
            .field("calls", &state.calls.len())
            .field("open_calls", &self.open_calls())
            .finish_non_exhaustive()
    }
}

impl State {
    fn next_reply(&mut self) -> Option<MockReply> {
        if self.is_repeating && self.replies.len() == 1 {
            self.replies.front().cloned()
        } else {
            self.replies.pop_front()
        }
    }
}

impl Script {
    pub(super) fn of_replies(replies: VecDeque<MockReply>) -> Self {
        Self { state: Mutex::new(State { replies, ..State::default() }), ..Self::default() }
    }

    pub(super) fn of_function(decide: Box<Decide>) -> Self {
        Self { decide: Some(decide), ..Self::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn repeat_the_last(&self) {
        self.state().is_repeating = true;
    }

    pub(super) fn push(&self, reply: MockReply) {
        self.state().replies.push_back(reply);
    }

    pub(super) fn calls(&self) -> Vec<MockCall> {
        self.state().calls.clone()
    }

    pub(super) fn open_calls(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    /// Records the call, and returns its reply.
    #[track_caller]
    pub(super) fn next(&self, call: MockCall) -> Result<MockReply, BotticelliError> {
        let mut state = self.state();
        let mut reply = state.next_reply();
        if reply.is_none()
            && let Some(decide) = &self.decide
        {
            // The function may call methods of the driver, so the lock must be free.
            drop(state);
            reply = Some(decide(&call));
            state = self.state();
        }
        state.calls.push(call);
        let number = state.calls.len();
        reply.ok_or_else(|| {
            BuilderError::refused(
                "MockDriver",
                "replies",
                format!("a list of {}", number.saturating_sub(1)),
                format!("this is call {number}"),
                "add a reply, or repeat the last one with `repeating()`",
            )
            .into()
        })
    }

    /// Counts a call as open until the result is dropped.
    pub(super) fn open(self: &Arc<Self>) -> OpenCall {
        self.open.fetch_add(1, Ordering::AcqRel);
        OpenCall(self.clone())
    }
}

/// A call that is open.
pub(super) struct OpenCall(Arc<Script>);

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}
