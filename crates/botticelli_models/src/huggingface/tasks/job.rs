//! Long-running jobs of providers: start, poll, result.

use super::call::{Answer, TaskCall};
use super::job_cancel::CancelOnDrop;
use super::job_kind::{JobKind, JobState};
use super::job_progress::JobProgress;
use crate::huggingface::PROVIDER;
use crate::huggingface::client::api_client::ApiRequest;
use crate::huggingface::client::json_body::JsonBody;
use crate::transport::{CallGuard, Deadline, Target};
use botticelli_core::tasks::TaskMetadata;
use botticelli_error::{
    BotticelliError, ErrorCategory, ErrorDetails, HttpError, HttpErrorKind, ModelsError, ModelsErrorKind,
    TimeoutKind,
};
use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

impl TaskCall<'_> {
    /// Sets the deadline of a job, which is later than the deadline of other calls. Timeouts of the request take precedence.
    pub(super) fn extend_deadline(&mut self) {
        if !self.has_timeouts {
            let timeouts = self.driver.settings.timeouts.with_total(self.driver.job_timeout);
            self.deadline = Deadline::of_response(self.driver.settings.client.http.clock(), timeouts);
        }
    }

    /// Starts a job, waits for its end, and returns the JSON of its result.
    pub(super) async fn run_job(
        &self,
        kind: JobKind,
        url: &Url,
        body: &Bytes,
        headers: &HeaderMap,
    ) -> Result<(Value, TaskMetadata), BotticelliError> {
        let read = |answer: &Answer<'_>| answer.reply()?.parse::<Value>();
        let (started, facts) = self.send(url, body, Some(headers), read).await?;
        let mut state = kind.start_state(&started);
        let mut headers = headers.clone();
        headers.remove(CONTENT_TYPE);
        let poll = match &state {
            JobState::Running(_) => Some(self.rebased(
                url,
                &kind.poll_address(url, &started).ok_or_else(|| {
                    self.job_error(kind, "the answer names no job", ErrorCategory::InvalidResponse)
                })?,
            )?),
            JobState::Done(_) | JobState::Failed(_) => None,
        };
        let cancel = kind.cancel_address(&started).and_then(|(method, address)| {
            let address = self.rebased(url, &address).ok()?;
            Some(CancelOnDrop::new(self.driver.settings.clone(), method, address, headers.clone()))
        });
        while let JobState::Running(status) = &state {
            if let Some(observer) = &self.driver.job_observer {
                observer.notify(&JobProgress::new(&self.redact(status), self.deadline.elapsed()));
            }
            tracing::debug!(
                status = self.redact(status),
                model = &*self.route.requested_model,
                "the job is running"
            );
            self.wait(kind).await?;
            let Some(poll) = &poll else { break };
            state = kind.state(&self.poll(poll, &headers).await?);
        }
        if let Some(cancel) = cancel {
            cancel.disarm();
        }
        match state {
            JobState::Done(value) => match kind.result_address(&started) {
                Some(address) => {
                    let address = self.rebased(url, &address)?;
                    Ok((self.poll(&address, &headers).await?, facts))
                }
                None => Ok((value, facts)),
            },
            JobState::Failed(reason) => {
                let reason: String = self.redact(&reason).chars().take(300).collect();
                Err(self.job_error(kind, &format!("the job failed ({reason:?})"), ErrorCategory::Generation))
            }
            JobState::Running(_) => Err(self.job_error(kind, "the job did not end", ErrorCategory::Server)),
        }
    }

    /// Waits until the next poll, or returns an error if the deadline is before it.
    async fn wait(&self, kind: JobKind) -> Result<(), BotticelliError> {
        let interval = kind.interval();
        if let Some(limit) = self.deadline.total()
            && self.deadline.elapsed().saturating_add(interval) > limit
        {
            let host = self.driver.settings.address.host();
            let kind = HttpErrorKind::Timeout { kind: TimeoutKind::Total, limit };
            return Err(still_running(HttpError::new(kind, host).into()));
        }
        self.deadline.clock().sleep(interval).await;
        Ok(())
    }

    /// Returns the JSON of a job. A failed attempt is repeated.
    async fn poll(&self, url: &Url, headers: &HeaderMap) -> Result<Value, BotticelliError> {
        let settings = &*self.driver.settings;
        let model = &self.route.requested_model;
        let target = &Target::from(url.clone());
        let attempt = |spent| {
            let timeouts = self.deadline.attempt(spent);
            let request = ApiRequest { model: Some(model), headers: Some(headers), ..ApiRequest::default() };
            async move {
                let (response, context) = settings.client.send(target, request, timeouts).await?;
                let body = JsonBody::read(response).await.map_err(|broken| broken.error)?;
                Answer { body: &body, media_type: "", context: &context }.reply()?.parse::<Value>()
            }
        };
        let polled = settings.retrier.run(model, &CallGuard::default(), &self.deadline, attempt).await;
        polled.map(|(value, _)| value).map_err(still_running)
    }

    /// Returns an address of the provider, moved to the server that received the job. Only the path and the query of the address are used,
    /// because its host must not receive the token.
    fn rebased(&self, start: &Url, address: &str) -> Result<Url, BotticelliError> {
        let named = start.join(address).map_err(|_| {
            ModelsError::unsupported(PROVIDER, "an invalid address of a job", "report it to the provider")
        })?;
        let mut url = self.route.url(&self.driver.settings, "")?;
        if named.host() == start.host() && named.path().starts_with(url.path()) {
            url.set_path(named.path());
        } else {
            let path = format!("{}{}", url.path().trim_end_matches('/'), named.path());
            url.set_path(&path);
        }
        url.set_query(named.query());
        // fal's queue has another host if it is called with the provider's own key.
        if url.host() != start.host() && url.set_host(start.host_str()).is_err() {
            return Err(self.unsupported());
        }
        Ok(url)
    }

    fn job_error(&self, kind: JobKind, what: &str, category: ErrorCategory) -> BotticelliError {
        let mut details = ErrorDetails::new(PROVIDER);
        details.host = Some(self.driver.settings.address.host().to_owned());
        details.model = Some(self.route.requested_model.as_ref().to_owned());
        let what = format!("{}: {what}", kind.name());
        let remedy = "change the request, or use another provider".to_owned();
        let kind = ModelsErrorKind::Rejected { category, what, remedy };
        BotticelliError::new(ModelsError::new(kind, details)).with_billing(true)
    }
}

/// Returns the error of a started job, which may be billed. An expired limit has a note with the setting.
fn still_running(error: BotticelliError) -> BotticelliError {
    let error = error.with_billing(true);
    if error.category() != ErrorCategory::Timeout {
        return error;
    }
    error.with_note("The job was still running. Raise the limit with `HuggingFaceTasks::with_job_timeout`.")
}
