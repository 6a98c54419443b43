//! Fallbacks: the order of routes, categories, cool-downs, streams, errors, configuration.
#![cfg(all(feature = "fallback", feature = "mock"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

#[path = "../common/mod.rs"]
mod common;
mod cool_downs;
mod routes;

use botticelli_core::SkippedRoute;
use botticelli_error::ErrorCategory;
use botticelli_layers::mock::{MockDriver, MockReply};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn failing(category: ErrorCategory) -> MockDriver {
    MockDriver::answering([MockReply::failure(category)]).repeating()
}

fn saying(text: &str) -> MockDriver {
    MockDriver::answering([text]).repeating()
}

fn reasons(routes: &[SkippedRoute]) -> Vec<(&str, &str)> {
    routes.iter().map(|route| (route.route(), route.reason())).collect()
}
