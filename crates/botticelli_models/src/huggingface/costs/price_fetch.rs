//! A fetch of the catalog that calls poll while they wait for their responses.

use crate::huggingface::catalog::cached::{SharedFetch, current_runtime};
use crate::huggingface::catalog::catalog::{Catalog, PRICE_LIMIT, Snapshot};
use crate::transport::runtime;
use futures::FutureExt;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

/// A fetch of the catalog that calls poll while they wait for their responses. No task runs it.
#[derive(Clone)]
pub(in crate::huggingface) struct PriceFetch {
    catalog: Catalog,
    fetch: SharedFetch<Snapshot>,
}

impl fmt::Debug for PriceFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PriceFetch")
    }
}

impl PriceFetch {
    /// Polls the fetch. Returns `true` at its end.
    pub(in crate::huggingface) fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        match self.fetch.poll_unpin(cx) {
            Poll::Ready(Ok(_)) => true,
            Poll::Ready(Err(error)) => {
                self.catalog.record_failure(&error);
                true
            }
            Poll::Pending => false,
        }
    }
}

/// The unfinished fetch of a driver. The fetch outlives the calls that poll it, so the next call can continue it.
#[derive(Debug, Default)]
pub(in crate::huggingface) struct UnfinishedFetch(Mutex<Option<Started>>);

#[derive(Debug)]
struct Started {
    fetch: PriceFetch,
    since: Instant,
    /// The runtime whose sockets and timers the fetch uses.
    runtime: Option<runtime::Id>,
}

impl UnfinishedFetch {
    /// Returns a fetch to poll. `None` if the cached catalog is fresh, and within a minute after a failed fetch.
    pub(in crate::huggingface) fn get(&self, catalog: &Catalog) -> Option<Box<PriceFetch>> {
        let mut unfinished = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, runtime) = (catalog.clock().now(), current_runtime());
        let is_running = |started: &Started| {
            let age = now.saturating_duration_since(started.since);
            started.runtime == runtime && age < PRICE_LIMIT && started.fetch.fetch.peek().is_none()
        };
        if !unfinished.as_ref().is_some_and(is_running) {
            let fetch = catalog.fetch_for_prices();
            *unfinished = fetch.map(|fetch| Started {
                fetch: PriceFetch { catalog: catalog.clone(), fetch },
                since: now,
                runtime,
            });
        }
        unfinished.as_ref().map(|started| Box::new(started.fetch.clone()))
    }
}

/// Runs a call, and polls a fetch for prices while the call waits. The call does not wait for the fetch.
///
/// The call is pinned by the caller, so that it is not moved.
pub(in crate::huggingface) async fn with_fetch<T>(
    mut fetch: Option<Box<PriceFetch>>,
    mut call: Pin<&mut impl Future<Output = T>>,
) -> T {
    poll_fn(|cx| {
        if fetch.as_mut().is_some_and(|fetch| fetch.poll(cx)) {
            fetch = None;
        }
        call.as_mut().poll(cx)
    })
    .await
}
