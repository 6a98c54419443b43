//! Invalid settings are refused before anything is sent.

use crate::support::{EMBEDDINGS, NAME, builder, client, kind, lines, running, spec};
use botticelli_error::{BotticelliErrorKind, EndpointErrorKind, ErrorCategory};
use botticelli_models::Environment;
use botticelli_models::huggingface::{EndpointImage, EndpointSpec, EndpointUpdate, Endpoints};
use botticelli_sandbox::Sandbox;
use serde_json::json;

fn setting(error: &botticelli_error::BotticelliError) -> &'static str {
    match kind(error) {
        EndpointErrorKind::InvalidSetting { setting, .. } => setting,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_invalid_setting_of_a_new_endpoint_is_named_and_nothing_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let named = |name: &str| EndpointSpec::new(name, EMBEDDINGS);
    let repository = |name: &str| EndpointSpec::new(NAME, name);
    let image = |image: EndpointImage| spec(EMBEDDINGS).with_image(image);
    let cases = vec![
        (named(""), "name"),
        (named("My-Endpoint"), "name"),
        (named("my_endpoint"), "name"),
        (named("-mine"), "name"),
        (named("mine-"), "name"),
        (named("../other"), "name"),
        (named("hf_abcdefghijklmnopqrstuvwxyz"), "name"),
        (named(&"a".repeat(64)), "name"),
        (repository(""), "repository"),
        (repository("a/b/c"), "repository"),
        (repository("org/../x"), "repository"),
        (repository("https://huggingface.co/org/name"), "repository"),
        (spec(EMBEDDINGS).with_replicas(3, 2), "min_replicas"),
        (spec(EMBEDDINGS).with_replicas(0, 0), "max_replicas"),
        (spec(EMBEDDINGS).with_scale_to_zero_minutes(Some(0)), "scale_to_zero_minutes"),
        (spec(EMBEDDINGS).with_region("aws", ""), "region"),
        (spec(EMBEDDINGS).with_region("", "us-east-1"), "region"),
        (spec(EMBEDDINGS).with_instance("", "x1"), "instance_type"),
        (spec(EMBEDDINGS).with_instance("nvidia l4", "x1"), "instance_type"),
        (spec(EMBEDDINGS).with_instance("nvidia-l4", ""), "instance_size"),
        (spec(EMBEDDINGS).with_accelerator(""), "accelerator"),
        (spec(EMBEDDINGS).with_revision(""), "revision"),
        (spec(EMBEDDINGS).with_task(" "), "task"),
        (spec(EMBEDDINGS).with_framework(""), "framework"),
        (spec(EMBEDDINGS).with_variable("", "1"), "variable"),
        (spec(EMBEDDINGS).with_variable("A", "1").with_secret("A", "2"), "variable"),
        (spec(EMBEDDINGS).with_extra("type", "public"), "extra"),
        (image(EndpointImage::new("")), "image"),
        (image(EndpointImage::new("custom")), "image.url"),
        (image(EndpointImage::new("tei").with_url("a b")), "image.url"),
        (image(EndpointImage::huggingface().with_health_route("health")), "image.health_route"),
    ];
    for (spec, expected) in cases {
        let error = client(&sandbox).create(&spec).await.unwrap_err();
        assert_eq!(setting(&error), expected, "{error}");
        assert_eq!(error.category(), ErrorCategory::InvalidRequest);
        let price = client(&sandbox).price(&spec).await.unwrap_err();
        assert_eq!(setting(&price), expected, "{price}");
    }
    assert!(sandbox.requests().is_empty(), "{:?}", lines(&sandbox));
}

#[tokio::test]
async fn an_invalid_change_is_refused() {
    let (sandbox, _clock, endpoints) = running(EMBEDDINGS).await;
    let cases = [
        (EndpointUpdate::new(), "update"),
        (EndpointUpdate::new().with_min_replicas(2).with_max_replicas(1), "min_replicas"),
        // The endpoint has at most one replica.
        (EndpointUpdate::new().with_min_replicas(2), "min_replicas"),
        (EndpointUpdate::new().with_max_replicas(0), "max_replicas"),
        (EndpointUpdate::new().with_scale_to_zero_minutes(Some(0)), "scale_to_zero_minutes"),
        (EndpointUpdate::new().with_repository("a b"), "repository"),
        (EndpointUpdate::new().with_revision(""), "revision"),
        (EndpointUpdate::new().with_instance("", "x1"), "instance_type"),
        (EndpointUpdate::new().with_secret("", "x"), "variable"),
        (EndpointUpdate::new().with_image(EndpointImage::new("custom")), "image.url"),
    ];
    for (update, expected) in cases {
        let error = endpoints.update(NAME, &update).await.unwrap_err();
        assert_eq!(setting(&error), expected, "{error}");
    }
    assert!(!lines(&sandbox).iter().any(|line| line.starts_with("PUT")));
    let error = endpoints.update(NAME, &EndpointUpdate::new().with_instance("nvidia-a100", "x9")).await;
    assert!(matches!(kind(&error.unwrap_err()), EndpointErrorKind::UnknownInstance { .. }));
}

#[tokio::test]
async fn a_name_never_leads_to_another_path() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoints = client(&sandbox);
    for name in ["", ".", "..", "a/b", "a/../b", "a?b", "a#b", "a%2Fb", "a b"] {
        for error in [
            endpoints.get(name).await.unwrap_err(),
            endpoints.pause(name).await.unwrap_err(),
            endpoints.delete(name).await.unwrap_err(),
            endpoints.logs(name, 10).await.unwrap_err(),
            endpoints.wait_until_running(name).await.unwrap_err(),
            endpoints.update(name, &EndpointUpdate::new().with_max_replicas(1)).await.unwrap_err(),
        ] {
            assert_eq!(setting(&error), "name", "{error}");
        }
    }
    let error = endpoints.logs(NAME, 0).await.unwrap_err();
    assert_eq!(setting(&error), "lines");
    for namespace in ["", "a/b", ".."] {
        let error = builder(&sandbox).with_namespace(namespace).build().unwrap_err();
        assert_eq!(setting(&error), "namespace");
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_client_needs_a_token_and_a_safe_address() {
    let builder = || Endpoints::builder().with_environment(Environment::empty());
    let error = builder().build().unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Authentication);
    let error =
        builder().with_token("hf_abcdefgh").with_base_url("http://example.org/v2").build().unwrap_err();
    assert!(matches!(error.kind(), BotticelliErrorKind::Config(_)), "{error}");
    let error = builder().with_token("hf_abcdefgh").with_base_url("nowhere").build().unwrap_err();
    assert!(matches!(error.kind(), BotticelliErrorKind::Config(_)), "{error}");
}

#[tokio::test]
async fn an_extra_field_is_only_refused_if_it_has_a_setting() {
    let sandbox = Sandbox::start().await.unwrap();
    client(&sandbox).create(&spec(EMBEDDINGS).with_extra("domain", json!("x.example.org"))).await.unwrap();
}
