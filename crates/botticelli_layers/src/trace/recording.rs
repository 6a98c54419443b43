//! A call that is recorded.

use super::record::{CallOutcome, CallRecord};
use super::settings::Trace;
use super::span;
use crate::verb::{Request, TextVerb};
use botticelli_core::{Cost, GenerateResponse};
use botticelli_error::BotticelliError;
use std::time::Instant;
use tracing::Span;

/// A call that is recorded. If it is dropped before its end, it is recorded as dropped.
#[derive(Debug)]
pub(super) struct Recording {
    trace: Trace,
    span: Span,
    started: Instant,
    record: CallRecord,
    is_over: bool,
}

impl Recording {
    /// Begins to record a call. `None` if nothing observes it.
    pub(super) fn start<D, V: TextVerb<D>>(
        trace: &Trace,
        driver: &D,
        request: &V::Request,
        is_stream: bool,
    ) -> Option<Self> {
        let requested_model = request.model().or_else(|| V::model_name(driver)).unwrap_or_default();
        let name = V::provider_name(driver);
        let span = span::open(V::OPERATION, name, requested_model, request, is_stream);
        if span.is_disabled() && trace.observer.is_none() {
            return None;
        }
        if trace.has_content && !span.is_disabled() {
            span::record_request(&span, request);
        }
        let record = CallRecord {
            operation: V::OPERATION,
            driver: name,
            requested_model: requested_model.to_owned(),
            model: None,
            provider: None,
            is_stream,
            is_cached: false,
            outcome: CallOutcome::Dropped,
            usage: None,
            cost: Cost::unknown(),
            retries: 0,
            duration: std::time::Duration::ZERO,
            first_chunk: None,
        };
        Some(Self { trace: trace.clone(), span, started: trace.clock.now(), record, is_over: false })
    }

    /// Returns the span of the call.
    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Records that a chunk arrived.
    pub(super) fn chunk(&mut self) {
        if self.record.first_chunk.is_none() {
            self.record.first_chunk = Some(self.elapsed());
        }
    }

    /// Records the response, which ends the call.
    pub(super) fn complete(&mut self, response: &GenerateResponse) {
        if self.is_over {
            return;
        }
        if !self.span.is_disabled() {
            span::record_response(&self.span, response, self.trace.has_content);
        }
        self.record.model = response.model().map(str::to_owned);
        self.record.provider = response.provider().map(str::to_owned);
        self.record.is_cached = response.is_cached();
        self.record.usage = response.usage().copied();
        self.record.cost = response.cost();
        self.record.retries = response.retries().len();
        self.end(CallOutcome::Completed(response.finish_reason().clone()));
    }

    /// Records an error, which ends the call.
    pub(super) fn fail(&mut self, error: &BotticelliError) {
        if self.is_over {
            return;
        }
        if !self.span.is_disabled() {
            span::record_error(&self.span, error, self.trace.has_content);
        }
        self.end(CallOutcome::Failed(error.category()));
    }

    fn end(&mut self, outcome: CallOutcome) {
        self.is_over = true;
        self.record.duration = self.elapsed();
        self.record.outcome = outcome;
        span::record_end(&self.span, &self.record);
        if let Some(observer) = &self.trace.observer {
            observer(&self.record);
        }
    }

    fn elapsed(&self) -> std::time::Duration {
        self.trace.clock.now().saturating_duration_since(self.started)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if !self.is_over {
            self.end(CallOutcome::Dropped);
        }
    }
}
