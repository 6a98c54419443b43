//! One endpoint, whose state follows from the time.

use std::time::Duration;

use serde_json::{Value, json};

use super::fault::Effect;

/// Time in `pending` after the creation.
const PENDING: Duration = Duration::from_secs(5);

/// Time in `initializing`.
const INITIALIZING: Duration = Duration::from_secs(20);

/// Time in `updating`.
const UPDATING: Duration = Duration::from_secs(10);

/// An endpoint: its settings, and the times of its last changes.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) namespace: String,
    pub(super) settings: Value,
    pub(super) fault: Option<Effect>,
    phase: Phase,
    /// Time of the last request.
    last_request: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Starts at this time; `true` for the first time.
    Starting(Duration, bool),
    /// Runs, and a change is deployed from this time on.
    Updating(Duration),
    Paused,
    ScaledToZero,
}

/// The states, in the words of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Pending,
    Initializing,
    Updating,
    Running,
    Paused,
    Failed,
    ScaledToZero,
}

impl State {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Initializing => "initializing",
            Self::Updating => "updating",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Failed => "failed",
            Self::ScaledToZero => "scaledToZero",
        }
    }
}

impl Endpoint {
    pub(super) fn new(namespace: &str, settings: Value, fault: Option<Effect>, now: Duration) -> Self {
        let phase = Phase::Starting(now, true);
        Self { namespace: namespace.to_owned(), settings, fault, phase, last_request: now }
    }

    pub(super) fn name(&self) -> &str {
        self.word("/name")
    }

    /// Returns the text at a JSON pointer of the settings.
    pub(super) fn word(&self, pointer: &str) -> &str {
        self.settings.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn number(&self, pointer: &str) -> Option<u64> {
        self.settings.pointer(pointer)?.as_u64()
    }

    /// Returns the state, and stops an endpoint that was idle for long enough.
    pub(super) fn state(&mut self, now: Duration) -> State {
        let state = self.state_of_phase(now);
        let idle = now.saturating_sub(self.last_request);
        let minutes = self.number("/compute/scaling/scaleToZeroTimeout");
        let may_stop = self.number("/compute/scaling/minReplica") == Some(0);
        let is_idle = minutes.is_some_and(|minutes| idle >= Duration::from_secs(minutes.saturating_mul(60)));
        if state == State::Running && may_stop && is_idle {
            self.phase = Phase::ScaledToZero;
            return State::ScaledToZero;
        }
        state
    }

    fn state_of_phase(&self, now: Duration) -> State {
        let (since, is_first) = match self.phase {
            Phase::Paused => return State::Paused,
            Phase::ScaledToZero => return State::ScaledToZero,
            Phase::Updating(since) if now.saturating_sub(since) < UPDATING => return State::Updating,
            Phase::Updating(_) => return State::Running,
            Phase::Starting(since, is_first) => (since, is_first),
        };
        let passed = now.saturating_sub(since);
        let pending = if is_first { PENDING } else { Duration::ZERO };
        match passed {
            passed if passed < pending => State::Pending,
            passed if passed < pending.saturating_add(INITIALIZING) => State::Initializing,
            _ if self.fault == Some(Effect::FailsToStart) => State::Failed,
            _ if self.fault == Some(Effect::NeverStarts) => State::Initializing,
            _ => State::Running,
        }
    }

    /// Starts the endpoint.
    pub(super) fn start(&mut self, now: Duration) {
        self.phase = Phase::Starting(now, false);
        self.last_request = now;
    }

    pub(super) fn pause(&mut self) {
        self.phase = Phase::Paused;
    }

    pub(super) fn scale_to_zero(&mut self) {
        self.phase = Phase::ScaledToZero;
    }

    /// Deploys a change. An endpoint that does not run starts with it later.
    pub(super) fn update(&mut self, now: Duration) {
        match self.state(now) {
            State::Running | State::Updating => {
                self.phase = Phase::Updating(now);
                self.last_request = now;
            }
            State::Failed => {
                self.fault = None;
                self.start(now);
            }
            State::Pending | State::Initializing | State::Paused | State::ScaledToZero => {}
        }
    }

    /// Records a request. Returns the state before it, and wakes an endpoint that is scaled to zero.
    pub(super) fn receive(&mut self, now: Duration) -> State {
        let state = self.state(now);
        if state == State::ScaledToZero {
            self.start(now);
        }
        self.last_request = now;
        state
    }

    /// Returns the endpoint as JSON. Secrets are left out.
    pub(super) fn describe(&mut self, origin: &str, now: Duration) -> Value {
        let state = self.state(now);
        let mut body = self.settings.clone();
        if let Some(model) = body.pointer_mut("/model").and_then(Value::as_object_mut) {
            model.remove("secrets");
        }
        let target = u8::from(!matches!(state, State::Paused | State::ScaledToZero));
        let ready = u8::from(matches!(state, State::Running | State::Updating));
        let message = match state {
            State::Failed => "Endpoint failed to start: the container exited with code 1",
            _ => "",
        };
        let mut status = json!({
            "createdAt": "2025-01-01T00:00:00.000Z",
            "updatedAt": "2025-01-01T00:00:00.000Z",
            "state": state.word(),
            "message": message,
            "readyReplica": ready,
            "targetReplica": target,
        });
        let has_url = state != State::Pending && self.fault != Some(Effect::NoUrl);
        if let (true, Some(status)) = (has_url, status.as_object_mut()) {
            let url = match self.fault {
                Some(Effect::ForeignUrl) => "https://endpoints.example.org".to_owned(),
                _ => format!("{origin}/endpoints/{}/{}", self.namespace, self.name()),
            };
            status.insert("url".to_owned(), json!(url));
        }
        if let Some(body) = body.as_object_mut() {
            body.insert("status".to_owned(), status);
            body.entry("healthRoute").or_insert_with(|| json!("/health"));
        }
        body
    }
}
