//! The effect of the settings that no other test needs.

use crate::common::{ID, Place, assert_file};
use botticelli_core::RetryConfig;
use botticelli_error::{BotticelliErrorKind, HttpErrorKind, TimeoutKind};
use botticelli_interface::{FixedRandom, ManualClock};
use botticelli_models::Environment;
use botticelli_models::hub::{Hub, HubBuilder};
use botticelli_models::transport::Wait;
use botticelli_sandbox::Repository;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

async fn place() -> Place {
    Place::with(Repository::model(ID).with_file("config.json", "{}")).await
}

/// Returns the timeout that ends a request to a server that accepts connections and sends nothing.
async fn timeout(scheme: &str, set: impl FnOnce(HubBuilder) -> HubBuilder) -> (TimeoutKind, Duration) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let builder = Hub::builder()
        .with_environment(Environment::empty())
        .with_cache("/nowhere")
        .with_retry(RetryConfig::never())
        .with_endpoint(format!("{scheme}://{}", silent.local_addr().unwrap()));
    let error = set(builder).build().unwrap().download(ID, "config.json").await.unwrap_err();
    let BotticelliErrorKind::Http(error) = error.kind() else { panic!("{error:?}") };
    let HttpErrorKind::Timeout { kind, limit } = error.kind() else { panic!("{error:?}") };
    (*kind, *limit)
}

#[tokio::test]
async fn the_timeouts_of_a_lookup_are_set() {
    let limit = Duration::from_millis(150);
    assert_eq!(
        timeout("http", |builder| builder.with_lookup_timeout(limit)).await,
        (TimeoutKind::Total, limit)
    );
    // The server sends no TLS handshake.
    let connect = timeout("https", |builder| builder.with_connect_timeout(limit)).await;
    assert_eq!(connect, (TimeoutKind::Connect, limit));
}

#[tokio::test]
async fn a_wait_has_the_length_of_chance_and_is_observed_and_passes_on_the_clock() {
    let place = place().await;
    place.inject("status=503");
    let (waits, clock) = (Arc::new(Mutex::new(Vec::new())), ManualClock::default());
    let seen = waits.clone();
    let hub = place
        .builder()
        .with_retry(RetryConfig::default().with_base_delay(Duration::from_secs(8)))
        .with_random_source(Arc::new(FixedRandom(0.25)))
        .with_clock(Arc::new(clock.clone()))
        .with_wait_observer(move |wait: &Wait| seen.lock().unwrap().push(wait.wait))
        .build()
        .unwrap();
    let download = tokio::spawn(async move { hub.download(ID, "config.json").await });
    while waits.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(*waits.lock().unwrap(), [Some(Duration::from_secs(2))]);
    assert!(!download.is_finished());
    clock.advance(Duration::from_secs(2));
    assert_file(&download.await.unwrap().unwrap(), b"{}");
}

#[tokio::test]
async fn the_client_of_the_caller_sends_the_requests() {
    let place = place().await;
    let client = reqwest::Client::builder().user_agent("mine/1").tls_certs_only([]).no_proxy();
    let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let hub = place.builder().with_http_client(client).build().unwrap();
    hub.download(ID, "config.json").await.unwrap();
    let requests = place.sandbox.requests();
    assert!(requests.iter().all(|request| request.header("user-agent") == Some("mine/1")), "{requests:?}");
}
