//! Clients of endpoints for a sandbox.

use botticelli_core::RetryConfig;
use botticelli_error::{BotticelliError, BotticelliErrorKind, EndpointErrorKind};
use botticelli_interface::{Clock, ManualClock};
use botticelli_models::Environment;
use botticelli_models::huggingface::{EndpointSpec, Endpoints, EndpointsBuilder};
use botticelli_sandbox::{EndpointFault, Sandbox};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const NAME: &str = "my-endpoint";
pub(crate) const CHAT: &str = "openai/gpt-oss-20b";
pub(crate) const EMBEDDINGS: &str = "BAAI/bge-small-en-v1.5";

/// A builder for `sandbox`, with nothing taken from the environment of the tests, and without retries.
pub(crate) fn builder(sandbox: &Sandbox) -> EndpointsBuilder {
    Endpoints::builder()
        .with_base_url(sandbox.management_url())
        .with_namespace("sandbox")
        .with_token(Sandbox::TOKEN)
        .with_environment(Environment::empty())
        .with_retry(RetryConfig::never())
}

pub(crate) fn client(sandbox: &Sandbox) -> Endpoints {
    builder(sandbox).build().unwrap()
}

/// A sandbox whose endpoints change with the clock.
pub(crate) async fn timed() -> (Sandbox, ManualClock) {
    let clock = ManualClock::default();
    let (start, shared) = (clock.now(), clock.clone());
    let sandbox = Sandbox::builder().with_clock(move || shared.now() - start).start().await.unwrap();
    (sandbox, clock)
}

/// A client that shares the clock with the sandbox.
pub(crate) fn at(sandbox: &Sandbox, clock: &ManualClock) -> Endpoints {
    builder(sandbox).with_clock(Arc::new(clock.clone())).build().unwrap()
}

/// A sandbox with a running endpoint.
pub(crate) async fn running(repository: &str) -> (Sandbox, ManualClock, Endpoints) {
    let (sandbox, clock) = timed().await;
    let endpoints = at(&sandbox, &clock);
    endpoints.create(&spec(repository)).await.unwrap();
    clock.advance(Duration::from_secs(60));
    (sandbox, clock, endpoints)
}

pub(crate) fn spec(repository: &str) -> EndpointSpec {
    EndpointSpec::new(NAME, repository)
}

pub(crate) fn inject(sandbox: &Sandbox, fault: &str) {
    sandbox.inject_endpoint_fault(fault.parse::<EndpointFault>().unwrap());
}

pub(crate) fn kind(error: &BotticelliError) -> &EndpointErrorKind {
    match error.kind() {
        BotticelliErrorKind::Endpoint(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

/// The requests as `GET /v2/…`.
pub(crate) fn lines(sandbox: &Sandbox) -> Vec<String> {
    sandbox.requests().iter().map(|request| format!("{} {}", request.method(), request.path())).collect()
}
