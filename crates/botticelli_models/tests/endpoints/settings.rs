//! The effect of the settings that no other test needs.

use crate::support::{CHAT, NAME, builder, client, inject, spec};
use botticelli_core::RetryConfig;
use botticelli_error::{BotticelliErrorKind, HttpErrorKind, TimeoutKind};
use botticelli_interface::{BotticelliDriver, FixedRandom, ManualClock};
use botticelli_models::Environment;
use botticelli_models::huggingface::{EndpointAccess, Endpoints, EndpointsBuilder};
use botticelli_models::transport::{Limits, Wait};
use botticelli_sandbox::Sandbox;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Returns the timeout that ends a request to a server that accepts connections and sends nothing.
async fn timeout(
    scheme: &str,
    set: impl FnOnce(EndpointsBuilder) -> EndpointsBuilder,
) -> (TimeoutKind, Duration) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let builder = Endpoints::builder()
        .with_environment(Environment::empty())
        .with_namespace("me")
        .with_retry(RetryConfig::never())
        .with_base_url(format!("{scheme}://{}", silent.local_addr().unwrap()));
    let error = set(builder).build().unwrap().list().await.unwrap_err();
    let BotticelliErrorKind::Http(error) = error.kind() else { panic!("{error:?}") };
    let HttpErrorKind::Timeout { kind, limit } = error.kind() else { panic!("{error:?}") };
    (*kind, *limit)
}

#[tokio::test]
async fn the_timeouts_of_a_request_are_set() {
    let limit = Duration::from_millis(150);
    let total = timeout("http", |builder| builder.with_request_timeout(limit)).await;
    assert_eq!(total, (TimeoutKind::Total, limit));
    // The server sends no TLS handshake.
    let connect = timeout("https", |builder| builder.with_connect_timeout(limit)).await;
    assert_eq!(connect, (TimeoutKind::Connect, limit));
}

#[tokio::test]
async fn a_wait_has_the_length_of_chance_and_is_observed_and_passes_on_the_clock() {
    let sandbox = Sandbox::start().await.unwrap();
    inject(&sandbox, "status=503");
    let (waits, clock) = (Arc::new(Mutex::new(Vec::new())), ManualClock::default());
    let seen = waits.clone();
    let endpoints = builder(&sandbox)
        .with_retry(RetryConfig::default().with_base_delay(Duration::from_secs(8)))
        .with_random_source(Arc::new(FixedRandom(0.25)))
        .with_clock(Arc::new(clock.clone()))
        .with_wait_observer(move |wait: &Wait| seen.lock().unwrap().push(wait.wait))
        .build()
        .unwrap();
    let list = tokio::spawn(async move { endpoints.list().await });
    while waits.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(*waits.lock().unwrap(), [Some(Duration::from_secs(2))]);
    assert!(!list.is_finished());
    clock.advance(Duration::from_secs(2));
    assert!(list.await.unwrap().unwrap().is_empty());
}

#[tokio::test]
async fn the_client_of_the_caller_sends_all_requests() {
    let sandbox = Sandbox::builder().with_clock(|| Duration::from_secs(0)).start().await.unwrap();
    let agent = reqwest::Client::builder().user_agent("mine/1").tls_certs_only([]).no_proxy();
    let agent = agent.redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let endpoints = builder(&sandbox).with_http_client(agent).build().unwrap();
    endpoints.create(&spec(CHAT)).await.unwrap();
    endpoints.pause(NAME).await.unwrap();
    let paused = endpoints.get(NAME).await.unwrap();
    paused.driver().unwrap().generate("Hello".into()).await.unwrap_err();
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 5);
    assert!(requests.iter().all(|request| request.header("user-agent") == Some("mine/1")), "{requests:?}");
}

#[tokio::test]
async fn a_response_above_the_limit_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let limits = Limits::default().with_response(100);
    let endpoints = builder(&sandbox).with_limits(limits).build().unwrap();
    let error = endpoints.instances().await.unwrap_err();
    let BotticelliErrorKind::Http(error) = error.kind() else { panic!("{error:?}") };
    assert!(matches!(error.kind(), HttpErrorKind::TooLarge { limit: 100, .. }), "{error}");
}

#[tokio::test]
async fn another_namespace_is_used_in_every_path() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoints = builder(&sandbox).with_namespace("sandbox-org").build().unwrap();
    let created = endpoints.create(&spec(CHAT)).await.unwrap();
    assert_eq!(created.namespace(), "sandbox-org");
    assert!(client(&sandbox).list().await.unwrap().is_empty());
    assert_eq!(endpoints.list().await.unwrap().len(), 1);
}

#[test]
fn an_access_is_read_from_its_word() {
    for access in [
        EndpointAccess::Public,
        EndpointAccess::Authenticated,
        EndpointAccess::Protected,
        EndpointAccess::Private,
    ] {
        assert_eq!(access.to_string().parse::<EndpointAccess>().unwrap(), access);
    }
    let error = "secret".parse::<EndpointAccess>().unwrap_err();
    assert!(error.to_string().contains("protected"), "{error}");
}
