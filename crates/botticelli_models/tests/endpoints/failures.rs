//! Failures of the service, permissions, and retries.

use crate::support::{CHAT, EMBEDDINGS, NAME, builder, client, inject, kind, lines, spec};
use botticelli_core::RetryConfig;
use botticelli_error::{EndpointErrorKind, ErrorCategory};
use botticelli_models::Environment;
use botticelli_models::huggingface::Endpoints;
use botticelli_sandbox::Sandbox;
use std::time::Duration;

fn retrying(sandbox: &Sandbox) -> Endpoints {
    builder(sandbox)
        .with_retry(RetryConfig::default().with_base_delay(Duration::from_millis(1)))
        .build()
        .unwrap()
}

#[tokio::test]
async fn every_fault_of_any_request_has_its_meaning() {
    let sandbox = Sandbox::start().await.unwrap();
    for (fault, category) in [
        ("status=500", ErrorCategory::Server),
        ("status=503", ErrorCategory::Server),
        ("status=429", ErrorCategory::RateLimited),
        ("status=418", ErrorCategory::InvalidRequest),
        ("status=402", ErrorCategory::CreditsExhausted),
        ("not-json", ErrorCategory::InvalidResponse),
        ("unrelated", ErrorCategory::InvalidResponse),
    ] {
        inject(&sandbox, fault);
        assert_eq!(client(&sandbox).list().await.unwrap_err().category(), category, "{fault}");
        inject(&sandbox, fault);
        assert_eq!(client(&sandbox).instances().await.unwrap_err().category(), category, "{fault}");
    }
}

#[tokio::test]
async fn a_failure_that_goes_away_is_retried() {
    let sandbox = Sandbox::start().await.unwrap();
    inject(&sandbox, "status=503");
    inject(&sandbox, "status=500");
    assert!(retrying(&sandbox).list().await.unwrap().is_empty());
    assert_eq!(sandbox.requests().len(), 3);
}

#[tokio::test]
async fn a_creation_whose_response_was_lost_is_not_made_twice() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoints = retrying(&sandbox);
    inject(&sandbox, "lost-response");
    let created = endpoints.create(&spec(CHAT)).await.unwrap();
    assert_eq!(created.name(), NAME);
    assert_eq!(lines(&sandbox).iter().filter(|line| line.starts_with("POST")).count(), 2);
    assert_eq!(endpoints.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_creation_after_a_lost_response_does_not_take_over_another_endpoint() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoints = retrying(&sandbox);
    endpoints.create(&spec(EMBEDDINGS)).await.unwrap();
    inject(&sandbox, "lost-response");
    let error = endpoints.create(&spec(CHAT)).await.unwrap_err();
    assert_eq!(kind(&error), &EndpointErrorKind::NameTaken);
    assert_eq!(error.attempts(), 2);
}

#[tokio::test]
async fn a_deletion_whose_response_was_lost_has_succeeded() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoints = retrying(&sandbox);
    endpoints.create(&spec(CHAT)).await.unwrap();
    inject(&sandbox, "lost-response");
    endpoints.delete(NAME).await.unwrap();
    assert!(endpoints.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_without_the_permission_learns_its_name() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoints = builder(&sandbox).with_token(Sandbox::TOKEN_WITHOUT_PERMISSION).build().unwrap();
    let error = endpoints.list().await.unwrap_err();
    let permission = "inference.endpoints.write";
    assert_eq!(kind(&error), &EndpointErrorKind::PermissionDenied { permission });
    assert_eq!((error.status(), error.category()), (Some(403), ErrorCategory::Permission));
    assert!(error.to_string().contains(permission), "{error}");
    // The namespace of somebody else.
    let error = builder(&sandbox).with_namespace("other").build().unwrap().list().await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Permission);
}

#[tokio::test]
async fn a_wrong_or_missing_token_and_an_account_without_payment_have_errors_of_their_own() {
    let sandbox = Sandbox::start().await.unwrap();
    let error = builder(&sandbox).with_token("hf_wrong_token").build().unwrap().list().await.unwrap_err();
    assert_eq!(kind(&error), &EndpointErrorKind::TokenRejected);
    let missing = Endpoints::builder()
        .with_base_url(sandbox.management_url())
        .with_namespace("sandbox")
        .with_environment(Environment::empty())
        .build()
        .unwrap();
    let error = missing.list().await.unwrap_err();
    assert_eq!(kind(&error), &EndpointErrorKind::TokenMissing { withheld: None });
    let unpaid = builder(&sandbox).with_token(Sandbox::TOKEN_WITHOUT_CREDITS).build().unwrap();
    let error = unpaid.create(&spec(CHAT)).await.unwrap_err();
    assert_eq!(kind(&error), &EndpointErrorKind::PaymentRequired);
    inject(&sandbox, "quota");
    let error = client(&sandbox).create(&spec(CHAT)).await.unwrap_err();
    assert_eq!(kind(&error), &EndpointErrorKind::PaymentRequired);
    assert!(error.to_string().contains("Quota exceeded"), "{error}");
}

#[tokio::test]
async fn the_namespace_is_that_of_the_token_and_is_asked_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let environment =
        Environment::empty().with("HF_ENDPOINT", sandbox.hub_url()).with("HF_TOKEN", Sandbox::TOKEN);
    let endpoints = Endpoints::builder()
        .with_base_url(sandbox.management_url())
        .with_environment(environment)
        .build()
        .unwrap();
    endpoints.list().await.unwrap();
    endpoints.list().await.unwrap();
    let list = "GET /v2/endpoint/sandbox";
    assert_eq!(lines(&sandbox), ["GET /api/whoami-v2", list, list]);
}

#[tokio::test]
async fn the_owner_of_the_token_has_a_name_and_the_token_its_permissions() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = |token: &str| {
        let environment = Environment::empty().with("HF_ENDPOINT", sandbox.hub_url());
        builder(&sandbox).with_environment(environment).with_token(token).build().unwrap()
    };
    let owner = client(Sandbox::TOKEN).owner().await.unwrap();
    assert_eq!(
        (owner.name(), owner.role(), owner.token_name()),
        ("sandbox", Some("fineGrained"), Some("sandbox"))
    );
    assert_eq!(owner.organizations(), ["sandbox-org"]);
    assert!(owner.permissions().iter().any(|permission| permission == "inference.serverless.write"));
    let error = client("hf_wrong_token").owner().await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Authentication);
}
