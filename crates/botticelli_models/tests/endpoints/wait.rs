//! The wait until an endpoint is running.

use crate::common::service::Service;
use crate::common::while_time_passes;
use crate::support::{CHAT, NAME, at, builder, inject, kind, lines, spec, timed};
use botticelli_error::{BotticelliError, EndpointErrorKind, ErrorCategory};
use botticelli_interface::ManualClock;
use botticelli_models::Environment;
use botticelli_models::huggingface::{
    EndpointProgress, EndpointState, Endpoints, EndpointsBuilder, InferenceEndpoint,
};
use botticelli_sandbox::Sandbox;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Creates an endpoint with a fault, and waits for it.
async fn wait(
    fault: Option<&str>,
    set: impl FnOnce(EndpointsBuilder) -> EndpointsBuilder,
) -> (Sandbox, Result<InferenceEndpoint, BotticelliError>) {
    let (sandbox, clock) = timed().await;
    let endpoints = set(builder(&sandbox).with_clock(Arc::new(clock.clone()))).build().unwrap();
    if let Some(fault) = fault {
        inject(&sandbox, fault);
    }
    endpoints.create(&spec(CHAT)).await.unwrap();
    let call = tokio::spawn(async move { endpoints.wait_until_running(NAME).await });
    let waited = while_time_passes(&sandbox, &clock, call, "the wait").await;
    (sandbox, waited)
}

#[tokio::test]
async fn the_observer_sees_every_state() {
    let seen = Arc::<Mutex<Vec<(EndpointState, Duration)>>>::default();
    let shared = seen.clone();
    let observe = move |progress: &EndpointProgress| {
        assert_eq!(progress.endpoint().name(), NAME);
        shared.lock().unwrap().push((progress.state().clone(), progress.elapsed()));
    };
    let (_sandbox, waited) = wait(None, |builder| builder.with_observer(observe)).await;
    waited.unwrap();
    let mut states: Vec<_> = seen.lock().unwrap().iter().map(|(state, _)| state.clone()).collect();
    states.dedup();
    assert_eq!(states, [EndpointState::Pending, EndpointState::Initializing, EndpointState::Running]);
    let times: Vec<_> = seen.lock().unwrap().iter().map(|(_, elapsed)| *elapsed).collect();
    assert!(times.is_sorted() && times.last() > times.first(), "{times:?}");
}

#[tokio::test]
async fn the_interval_of_the_polls_is_a_setting() {
    let polls = |sandbox: &Sandbox| {
        lines(sandbox).iter().filter(|line| line.ends_with(&format!("sandbox/{NAME}"))).count()
    };
    let (often, waited) = wait(None, |builder| builder.with_poll_interval(Duration::from_secs(2))).await;
    waited.unwrap();
    let (seldom, waited) = wait(None, |builder| builder.with_poll_interval(Duration::from_secs(20))).await;
    waited.unwrap();
    assert!((10..=15).contains(&polls(&often)), "{}", polls(&often));
    assert!((2..=4).contains(&polls(&seldom)), "{}", polls(&seldom));
}

#[tokio::test]
async fn a_deployment_that_fails_ends_the_wait_with_the_reason_of_the_service() {
    let (_sandbox, waited) = wait(Some("fails-to-start"), |builder| builder).await;
    let error = waited.unwrap_err();
    assert_eq!(kind(&error), &EndpointErrorKind::Failed { state: "failed".to_owned() });
    assert_eq!(error.category(), ErrorCategory::NotServed);
    assert!(error.to_string().contains("the container exited with code 1"), "{error}");
}

#[tokio::test]
async fn an_endpoint_that_never_responds_ends_the_wait_at_the_limit_of_the_caller() {
    let limit = Duration::from_secs(90);
    for (fault, state) in [("never-starts", "initializing"), ("no-url", "running"), ("unhealthy", "running")]
    {
        let (_sandbox, waited) = wait(Some(fault), |builder| builder.with_wait_timeout(Some(limit))).await;
        let error = waited.unwrap_err();
        assert_eq!(kind(&error), &EndpointErrorKind::WaitTimeout { limit, state: state.to_owned() });
        assert_eq!(error.category(), ErrorCategory::Timeout);
        assert!(error.to_string().contains("with_wait_timeout"), "{error}");
    }
}

#[tokio::test]
async fn a_foreign_url_never_gets_the_token() {
    let (_sandbox, waited) = wait(Some("foreign-url"), |builder| builder).await;
    let error = waited.unwrap_err();
    let host = "endpoints.example.org".to_owned();
    assert_eq!(kind(&error), &EndpointErrorKind::ForeignUrl { host });
    assert_eq!(error.category(), ErrorCategory::Configuration);
}

#[tokio::test]
async fn a_driver_of_a_foreign_url_is_refused() {
    let (sandbox, clock) = timed().await;
    let endpoints = at(&sandbox, &clock);
    inject(&sandbox, "foreign-url");
    endpoints.create(&spec(CHAT)).await.unwrap();
    let pending = endpoints.get(NAME).await.unwrap();
    let error = pending.driver().unwrap_err();
    assert_eq!(kind(&error), &EndpointErrorKind::NotDeployed { state: "pending".to_owned() });
    assert!(error.is_retryable());
    clock.advance(Duration::from_secs(60));
    let endpoint = endpoints.get(NAME).await.unwrap();
    for error in [endpoint.driver().unwrap_err(), endpoint.tasks().unwrap_err()] {
        assert!(matches!(kind(&error), EndpointErrorKind::ForeignUrl { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_poll_that_fails_does_not_end_the_wait() {
    let (sandbox, clock) = timed().await;
    let endpoints = at(&sandbox, &clock);
    endpoints.create(&spec(CHAT)).await.unwrap();
    for fault in ["status=503", "status=500", "status=429"] {
        inject(&sandbox, fault);
    }
    let call = tokio::spawn(async move { endpoints.wait_until_running(NAME).await });
    while_time_passes(&sandbox, &clock, call, "the wait").await.unwrap();
}

#[tokio::test]
async fn a_service_that_keeps_failing_ends_the_wait_with_its_error() {
    let service = Service::start().await;
    service.on("GET /v2/endpoint/me/", 503, json!({ "error": "down" }));
    let clock = ManualClock::default();
    let endpoints = of_service(&service, &clock);
    let sandbox = Sandbox::start().await.unwrap();
    let call = tokio::spawn(async move { endpoints.wait_until_running(NAME).await });
    let error = while_time_passes(&sandbox, &clock, call, "the wait").await.unwrap_err();
    assert_eq!((error.category(), error.status()), (ErrorCategory::Server, Some(503)));
}

fn of_service(service: &Service, clock: &ManualClock) -> Endpoints {
    Endpoints::builder()
        .with_base_url(format!("{}/v2", service.origin()))
        .with_namespace("me")
        .with_token(Sandbox::TOKEN)
        .with_environment(Environment::empty())
        .with_clock(Arc::new(clock.clone()))
        .with_retry(botticelli_core::RetryConfig::never())
        .with_wait_timeout(Some(Duration::from_secs(60)))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_token_that_may_not_call_the_endpoint_ends_the_wait() {
    let service = Service::start().await;
    let url = format!("{}/served", service.origin());
    let body = json!({
        "name": NAME, "type": "protected", "model": { "repository": CHAT },
        "healthRoute": "/ready", "status": { "state": "running", "url": url },
    });
    service.on("GET /v2/endpoint/me/", 200, body);
    service.on("GET /served/ready", 403, json!({ "error": "Forbidden" }));
    let error = of_service(&service, &ManualClock::default()).wait_until_running(NAME).await.unwrap_err();
    let permission = "inference.endpoints.infer.write";
    assert_eq!(kind(&error), &EndpointErrorKind::PermissionDenied { permission });
    assert_eq!(service.last().line, "GET /served/ready");
    service.on("GET /served/ready", 200, "ok");
    of_service(&service, &ManualClock::default()).wait_until_running(NAME).await.unwrap();
    assert_eq!(service.last().token(), Some(Sandbox::TOKEN));
}

#[tokio::test]
async fn states_and_fields_of_the_future_are_tolerated() {
    let service = Service::start().await;
    let body = json!({
        "name": NAME, "type": "quantum", "model": { "repository": CHAT, "image": 7 },
        "compute": { "scaling": { "minReplica": "many", "maxReplica": -1 } },
        "status": { "state": "hibernating", "message": ["?"], "readyReplica": 1.5 },
    });
    service.on("GET /v2/endpoint/me/", 200, body);
    let endpoint = of_service(&service, &ManualClock::default()).get(NAME).await.unwrap();
    assert_eq!(endpoint.state(), &EndpointState::Other("hibernating".to_owned()));
    assert_eq!((endpoint.access(), endpoint.engine(), endpoint.message()), (None, None, None));
    assert_eq!((endpoint.min_replicas(), endpoint.max_replicas()), (None, None));
    for body in [json!({}), json!({ "name": NAME }), json!([]), json!("text")] {
        service.on("GET /v2/endpoint/me/", 200, body);
        let error = of_service(&service, &ManualClock::default()).get(NAME).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::InvalidResponse);
    }
}
