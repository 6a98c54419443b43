//! Tokens, private and gated repositories, redirects.

use crate::common::{ID, Place, assert_file, bytes, kind};
use botticelli_error::{ErrorCategory, HubErrorKind};
use botticelli_models::Environment;
use botticelli_models::hub::{FileFilter, Hub};
use botticelli_sandbox::{Repository, Sandbox};

fn repository() -> Repository {
    Repository::model(ID).with_large_file("model.gguf", bytes(90_000)).with_file("config.json", "{}")
}

#[tokio::test]
async fn the_token_reaches_the_hub_and_never_the_server_of_the_content() {
    let place = Place::with(repository().private()).await;
    let hub = place.builder().with_token(Sandbox::TOKEN).with_range_size(20_000).build().unwrap();
    place.inject("cut-after=10000");
    place.inject("expired-403");
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &bytes(90_000));
    hub.snapshot(ID, FileFilter::all()).await.unwrap();
    let requests = place.sandbox.requests();
    let storage = place.sandbox.storage_url().trim_start_matches("http://").to_owned();
    let (foreign, own): (Vec<_>, Vec<_>) =
        requests.iter().partition(|request| request.header("host") == Some(&*storage));
    assert!(foreign.len() > 4 && own.len() > 3, "{} {}", foreign.len(), own.len());
    assert!(own.iter().all(|request| request.has_token(Sandbox::TOKEN)));
    for request in foreign {
        assert!(request.header("authorization").is_none() && request.header("cookie").is_none(), "{request}");
    }
}

#[tokio::test]
async fn a_private_repository_without_a_token_is_not_found_and_the_error_says_why() {
    let place = Place::with(repository().private()).await;
    let error = place.hub().download(ID, "config.json").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::RepositoryNotFound { has_token: false, .. }), "{error}");
    assert!(error.to_string().contains("no token was sent"), "{error}");
    assert_eq!(error.status(), Some(401));
}

#[tokio::test]
async fn a_gated_repository_names_the_page_on_which_access_is_requested() {
    let place = Place::with(repository().gated()).await;
    let page = format!("{}/org/name", place.sandbox.hub_url());
    for token in [None, Some(Sandbox::TOKEN)] {
        let mut builder = place.builder();
        if let Some(token) = token {
            builder = builder.with_token(token);
        }
        let error = builder.build().unwrap().download(ID, "config.json").await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Permission);
        let HubErrorKind::Gated { has_token, page: found, .. } = kind(&error) else { panic!("{error}") };
        assert_eq!((*has_token, found), (token.is_some(), &page));
        assert!(error.advice().contains(&page) && !error.to_string().contains(Sandbox::TOKEN), "{error}");
        assert_eq!(error.advice().contains("HF_TOKEN"), token.is_none(), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_an_error_of_the_token() {
    let place = Place::with(repository()).await;
    let wrong = "hf_wrongWrongWrongWrong0123456789abcd";
    let hub = place.builder().with_token(wrong).build().unwrap();
    let error = hub.download(ID, "config.json").await.unwrap_err();
    assert!(
        matches!(kind(&error), HubErrorKind::TokenRejected | HubErrorKind::RepositoryNotFound { .. }),
        "{error}"
    );
    assert!(!format!("{error} {error:?} {hub:?}").contains(wrong));
}

#[tokio::test]
async fn the_tokens_of_the_driver_are_found() {
    let place = Place::with(repository().private()).await;
    let environment = Environment::empty().with("HF_TOKEN", Sandbox::TOKEN);
    let hub = place.builder().with_environment(environment).build().unwrap();
    assert!(hub.download(ID, "config.json").await.is_ok());
    let disabled =
        Environment::empty().with("HF_TOKEN", Sandbox::TOKEN).with("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
    let hub = place.builder().with_environment(disabled).build().unwrap();
    hub.remove(ID).unwrap();
    assert!(hub.download(ID, "config.json").await.is_err());
}

#[test]
fn a_mirror_receives_no_token_that_was_found_by_itself() {
    let environment = Environment::empty()
        .with("HF_TOKEN", Sandbox::TOKEN)
        .with("HF_ENDPOINT", "https://mirror.example")
        .with("HF_HOME", "/nowhere");
    let hub = Hub::builder().with_environment(environment.clone()).build().unwrap();
    let shown = format!("{hub:?}");
    assert!(shown.contains("mirror.example") && !shown.contains(Sandbox::TOKEN), "{shown}");
    assert!(shown.contains("withheld: Some"), "{shown}");
    assert_eq!(hub.cache(), std::path::Path::new("/nowhere/hub"));
}

#[test]
fn an_endpoint_without_encryption_is_refused_except_on_this_machine() {
    let build = |endpoint: &str| {
        Hub::builder()
            .with_environment(Environment::empty().with("HOME", "/nowhere"))
            .with_endpoint(endpoint)
            .build()
    };
    assert!(build("http://127.0.0.1:1").is_ok());
    assert!(build("https://mirror.example/hub").is_ok());
    for endpoint in ["http://mirror.example", "http://192.168.0.1", "ftp://mirror.example", "mirror"] {
        let error = build(endpoint).unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Configuration, "{endpoint}");
        assert!(error.to_string().contains("endpoint"), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_without_encryption_is_not_followed() {
    let place = Place::with(repository()).await;
    place.inject("plain-redirect");
    let error = place.hub().download(ID, "model.gguf").await.unwrap_err();
    let HubErrorKind::UnsafeRedirect { target } = kind(&error) else { panic!("{error}") };
    assert_eq!(target, "http://storage.example");
    assert!(place.contents().is_empty());
}

#[tokio::test]
async fn endless_redirects_end() {
    let place = Place::with(repository()).await;
    for _ in 0..20 {
        place.inject("redirect-loop");
    }
    let error = place.hub().download(ID, "model.gguf").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::UnsafeRedirect { .. }), "{error}");
    assert!(place.sandbox.requests().len() < 8);
}
