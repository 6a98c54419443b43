//! Limits that machines share need Redis. This file replaces them in a build without it.
#![allow(clippy::unused_async, reason = "a server answers later")]

use super::place::SharedPlace;
use super::window::Window;
use crate::total_limit::Deadline;
use botticelli_error::BotticelliError;
use botticelli_interface::Clock;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
pub(super) enum SharedLimit {}

#[derive(Debug)]
pub(super) enum SharedPermit {}

impl SharedLimit {
    pub(super) fn new(
        place: &SharedPlace,
        _: &[Window],
        _: &[Window],
        _: Option<u64>,
        _: Arc<dyn Clock>,
    ) -> Self {
        match *place {}
    }

    pub(super) async fn acquire(
        self: &Arc<Self>,
        _: u64,
        _: Option<Duration>,
        _: Option<Duration>,
    ) -> Result<Option<SharedPermit>, BotticelliError> {
        match **self {}
    }
}

impl SharedPermit {
    pub(super) fn record(&mut self, _: u64, _: u64, _: Duration) {
        match *self {}
    }

    pub(super) async fn write(self, _: Deadline) {
        match self {}
    }
}
