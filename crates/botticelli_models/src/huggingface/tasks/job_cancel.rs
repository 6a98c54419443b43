//! The cancellation of a job whose call is dropped.

use super::settings::TaskSettings;
use crate::transport::{AttemptTimeouts, HttpRequest, TimeSpent};
use botticelli_error::TimeoutKind;
use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Limit of the request that cancels a job.
const LIMIT: Duration = Duration::from_secs(10);

/// Cancels a job if it is dropped, unless it is disarmed.
#[derive(Debug)]
pub(super) struct CancelOnDrop(Option<Cancellation>);

#[derive(Debug)]
struct Cancellation {
    settings: Arc<TaskSettings>,
    method: Method,
    url: Url,
    headers: HeaderMap,
}

impl CancelOnDrop {
    pub(super) fn new(settings: Arc<TaskSettings>, method: Method, url: Url, headers: HeaderMap) -> Self {
        Self(Some(Cancellation { settings, method, url, headers }))
    }

    /// Does not cancel the job, because it has ended.
    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        let Some(Cancellation { settings, method, url, headers }) = self.0.take() else { return };
        // A dropped call cannot wait, so a short task sends the request. Without a runtime, the job continues.
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            let timeouts = AttemptTimeouts {
                first_token: None,
                total: (TimeoutKind::Total, Some(LIMIT)),
                spent: TimeSpent::default(),
            };
            let target = &url.into();
            let request =
                HttpRequest { method, target, headers: &headers, body: None, returns_redirects: false };
            if let Err(error) = settings.client.http.send(request, timeouts).await {
                tracing::debug!(%error, "the job of a dropped call was not cancelled");
            }
        });
    }
}
