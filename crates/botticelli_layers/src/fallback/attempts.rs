//! The attempts of one call: the next route, the routes that failed, and the error if all failed.

use super::cool_downs::RouteKey;
use super::plan::Plan;
use crate::verb::Request;
use botticelli_core::{GenerateResponse, RoutingDecision, SkippedRoute};
use botticelli_error::{BotticelliError, ErrorCategory};
use std::time::{Duration, Instant};

/// The attempts of one call so far.
pub(super) struct Attempts<'a, D> {
    plan: &'a Plan<D>,
    /// The model that the request names.
    model: Option<&'a str>,
    /// The time of the whole call that the request sets.
    pub(super) within: Option<Duration>,
    /// Name of the first route.
    primary: &'a str,
    failed: Vec<(usize, BotticelliError)>,
    /// Routes that are cooling down, with the time when they are free.
    skipped: Vec<(usize, Instant, SkippedRoute)>,
    /// Category of the last failure, or of the cool-down of the primary.
    cause: Option<ErrorCategory>,
}

impl<'a, D> Attempts<'a, D> {
    pub(super) fn new(
        plan: &'a Plan<D>,
        model: Option<&'a str>,
        own_model: Option<&'a str>,
        within: Option<Duration>,
    ) -> Self {
        let primary = model.or(own_model).unwrap_or("primary");
        Self { plan, model, within, primary, failed: Vec::new(), skipped: Vec::new(), cause: None }
    }

    pub(super) fn key(&self, position: usize) -> RouteKey {
        (position, self.model.filter(|_| position == 0).map(str::to_owned))
    }

    fn name(&self, position: usize) -> &str {
        self.plan.other(position).map_or(self.primary, |route| &route.name)
    }

    fn is_tried(&self, position: usize) -> bool {
        self.failed.iter().any(|(failed, _)| *failed == position)
    }

    /// Returns the next route, if the last failure leads to one.
    pub(super) fn next(&mut self) -> Option<usize> {
        if self.cause.is_none() && self.plan.cool_downs.is_empty() {
            return Some(0);
        }
        let now = self.plan.clock.now();
        self.skipped.clear();
        for position in 0..=self.plan.others.len() {
            let is_open = self.cause.is_none_or(|cause| self.plan.leads_to(cause, position));
            if self.is_tried(position) || !is_open {
                continue;
            }
            let Some(cool_down) = self.plan.cool_downs.get(&self.key(position), now, self.within) else {
                return Some(position);
            };
            let rest = cool_down.until.saturating_duration_since(now).as_secs().max(1);
            let reason = format!("it cools down for another {rest} s after `{}`", cool_down.category);
            let skipped = SkippedRoute::new(self.name(position), reason);
            self.skipped.push((position, cool_down.until, skipped));
            self.cause.get_or_insert(cool_down.category);
        }
        // All routes cool down, so the route whose cool-down ends first is tried.
        let first = self.skipped.iter().enumerate().min_by_key(|(_, (_, until, _))| *until)?.0;
        Some(self.skipped.remove(first).0)
    }

    /// Records a failure, and returns the next route.
    ///
    /// # Errors
    ///
    /// The final error, if the call must not move on.
    pub(super) async fn fail(
        &mut self,
        position: usize,
        error: BotticelliError,
        request: &impl Request,
    ) -> Result<usize, BotticelliError> {
        let key = self.key(position);
        self.cause = Some(error.category());
        self.failed.push((position, error.clone()));
        let next = if self.plan.leads_on(error.category()) { self.next() } else { None };
        self.plan.cool(key, &error, next, self.within);
        // The content that arrived is billed, and belongs to the caller.
        let Some(next) = next.filter(|_| error.partial().is_none()) else { return Err(self.error()) };
        if error.may_be_billed()
            && let Some(gate) = request.retry_gate()
            && let Err(refusal) = gate.admit(&error).await
        {
            return Err(self.error().with_note(format!("No other route is allowed: {refusal}")));
        }
        // What may be billed is counted now.
        if let Some(flag) = request.sent_flag() {
            flag.clear();
        }
        tracing::debug!(%error, from = self.name(position), to = self.name(next), "another route");
        Ok(next)
    }

    /// Records an answer.
    pub(super) fn succeed(&self, position: usize) {
        if !self.plan.cool_downs.is_empty() {
            self.plan.cool_downs.end(&self.key(position), self.within);
        }
    }

    /// Returns the routes that failed, and the name of the route that answered. `None` if the primary answered at once.
    pub(super) fn label(&self, position: usize) -> Option<Label> {
        if self.failed.is_empty() && self.skipped.is_empty() {
            return None;
        }
        let failed = self.failed.iter().map(|(failed, error)| {
            let route = SkippedRoute::new(self.name(*failed), error.to_string());
            (*failed, route.with_category(error.category()))
        });
        let skipped = self.skipped.iter().map(|(skipped, _, route)| (*skipped, route.clone()));
        let mut routes: Vec<_> = failed.chain(skipped).collect();
        routes.sort_by_key(|(position, _)| *position);
        let skipped = routes.into_iter().map(|(_, route)| route).collect();
        Some(Label { name: self.name(position).to_owned(), skipped })
    }

    /// Returns the error of the call: the first error, or the last error if no route accepts its category. The other errors are
    /// its note.
    fn error(&self) -> BotticelliError {
        let is_final =
            |error: &BotticelliError| error.partial().is_some() || !self.plan.leads_on(error.category());
        let mut others: Vec<_> = self.failed.iter().collect();
        let at = if others.last().is_some_and(|(_, error)| is_final(error)) { others.len() - 1 } else { 0 };
        let (_, error) = others.remove(at);
        let attempts = self.failed.iter().map(|(_, error)| error.attempts());
        let is_billed = self.failed.iter().any(|(_, error)| error.may_be_billed());
        let mut error =
            error.clone().with_attempts(attempts.fold(0, u32::saturating_add)).with_billing(is_billed);
        for (position, other) in others {
            error = error.with_note(format!("The route `{}` failed, too: {other}", self.name(*position)));
        }
        for (_, _, route) in &self.skipped {
            error =
                error.with_note(format!("The route `{}` was skipped: {}.", route.route(), route.reason()));
        }
        error
    }
}

/// The routes that failed, and the name of the route that answered.
#[derive(Clone, Debug)]
pub(super) struct Label {
    name: String,
    skipped: Vec<SkippedRoute>,
}

impl Label {
    /// Adds the routes to a response.
    pub(super) fn put_on(self, response: GenerateResponse) -> GenerateResponse {
        let routing = response.routing().cloned().unwrap_or_else(|| {
            RoutingDecision::new(&self.name, "fallback, because the routes before it did not answer")
        });
        let response = response.with_routing(Some(routing));
        self.skipped.into_iter().fold(response, GenerateResponse::with_skipped_route)
    }
}
