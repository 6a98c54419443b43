//! The routes of a fallback, and the rules for moving from one to the next.

use super::categories::{DEFAULT_CATEGORIES, is_about_the_route, is_total_timeout};
use super::cool_downs::{CoolDowns, RouteKey};
use super::route::FallbackRoute;
use crate::clock::SystemClock;
use botticelli_error::{BotticelliError, BuilderError, ErrorCategory};
use botticelli_interface::Clock;
use std::sync::Arc;
use std::time::Duration;

/// The longest cool-down that a service can request. A wrong date of one response must not turn a route off.
const LONGEST_REQUEST: Duration = Duration::from_secs(86_400);

#[derive(Debug)]
pub(super) struct Plan<D> {
    pub(super) primary: Arc<D>,
    /// The other routes. In positions, 0 is the primary, and 1 the first of these.
    pub(super) others: Vec<FallbackRoute<D>>,
    pub(super) on: Vec<ErrorCategory>,
    pub(super) cool_down: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cool_downs: Arc<CoolDowns>,
}

impl<D> Plan<D> {
    pub(super) fn new(primary: D) -> Self {
        Self {
            primary: Arc::new(primary),
            others: Vec::new(),
            on: DEFAULT_CATEGORIES.to_vec(),
            cool_down: Duration::from_secs(60),
            clock: Arc::new(SystemClock),
            cool_downs: Arc::default(),
        }
    }

    /// Returns a route other than the primary.
    pub(super) fn other(&self, position: usize) -> Option<&FallbackRoute<D>> {
        self.others.get(position.checked_sub(1)?)
    }

    /// Returns the driver of a route.
    pub(super) fn driver(&self, position: usize) -> &D {
        self.other(position).map_or(&self.primary, |route| &route.driver)
    }

    /// Returns whether a failure of this category leads to the route. To the primary, it leads if the primary was skipped.
    pub(super) fn leads_to(&self, category: ErrorCategory, position: usize) -> bool {
        let route = self.other(position).and_then(|route| route.on.as_ref());
        route.unwrap_or(&self.on).contains(&category)
    }

    /// Returns whether a failure of this category leads to any route.
    pub(super) fn leads_on(&self, category: ErrorCategory) -> bool {
        (1..=self.others.len()).any(|position| self.leads_to(category, position))
    }

    /// Begins the cool-down of a failed route, in favour of the route `next`. `within` is the time that the request itself sets. If the
    /// route did not answer in it, the route cools down for the calls with no more time.
    pub(super) fn cool(
        &self,
        key: RouteKey,
        error: &BotticelliError,
        next: Option<usize>,
        within: Option<Duration>,
    ) {
        if !is_about_the_route(error) || !self.leads_on(error.category()) {
            return;
        }
        let of_next = next.and_then(|next| self.other(next)).and_then(|route| route.cool_down);
        let requested = error.retry_after().map(|wait| wait.min(LONGEST_REQUEST));
        let wait = requested.unwrap_or(of_next.unwrap_or(self.cool_down));
        let within = within.filter(|_| is_total_timeout(error));
        self.cool_downs.begin(key, self.clock.now(), wait, error.category(), within);
    }

    #[track_caller]
    pub(super) fn validate(&self) -> Result<(), BotticelliError> {
        let lists = self.others.iter().filter_map(|route| route.on.as_ref());
        if lists.chain([&self.on]).any(Vec::is_empty) {
            let remedy = "name a category, such as ErrorCategory::CreditsExhausted";
            return Err(BuilderError::missing("FallbackDriver", "on", remedy).into());
        }
        if self.others.iter().any(|route| route.name.trim().is_empty()) {
            return Err(BuilderError::missing("FallbackRoute", "name", "give the route a name").into());
        }
        Ok(())
    }
}

impl<D> Clone for Plan<D> {
    fn clone(&self) -> Self {
        Self {
            primary: self.primary.clone(),
            others: self.others.clone(),
            on: self.on.clone(),
            cool_down: self.cool_down,
            clock: self.clock.clone(),
            cool_downs: self.cool_downs.clone(),
        }
    }
}
