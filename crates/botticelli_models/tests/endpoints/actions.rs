//! Actions in states that do not allow them, and endpoints that do not exist.

use crate::support::{CHAT, EMBEDDINGS, NAME, client, kind, running, spec};
use botticelli_error::{EndpointErrorKind, ErrorCategory};
use botticelli_models::huggingface::{EndpointState, EndpointUpdate};
use botticelli_sandbox::Sandbox;

#[tokio::test]
async fn an_action_that_has_its_effect_already_succeeds() {
    let (_sandbox, _clock, endpoints) = running(CHAT).await;
    assert_eq!(endpoints.resume(NAME).await.unwrap().state(), &EndpointState::Running);
    endpoints.scale_to_zero(NAME).await.unwrap();
    assert_eq!(endpoints.scale_to_zero(NAME).await.unwrap().state(), &EndpointState::ScaledToZero);
    endpoints.pause(NAME).await.unwrap();
    assert_eq!(endpoints.pause(NAME).await.unwrap().state(), &EndpointState::Paused);
}

#[tokio::test]
async fn an_action_that_the_state_forbids_names_the_state_and_the_way_out() {
    let (_sandbox, _clock, endpoints) = running(CHAT).await;
    endpoints.pause(NAME).await.unwrap();
    let error = endpoints.scale_to_zero(NAME).await.unwrap_err();
    let expected = EndpointErrorKind::WrongState { action: "scale to zero", state: "paused".to_owned() };
    assert_eq!(kind(&error), &expected);
    assert_eq!((error.status(), error.category()), (Some(400), ErrorCategory::InvalidRequest));
    assert!(error.to_string().contains("Call `Endpoints::resume` first."), "{error}");
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoints = client(&sandbox);
    endpoints.create(&spec(CHAT)).await.unwrap();
    let error = endpoints.create(&spec(EMBEDDINGS)).await.unwrap_err();
    assert_eq!(kind(&error), &EndpointErrorKind::NameTaken);
    assert_eq!(error.status(), Some(409));
    assert!(error.to_string().contains(&format!("sandbox/{NAME}")), "{error}");
}

#[tokio::test]
async fn an_unknown_endpoint_names_the_nearest_ones() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoints = client(&sandbox);
    endpoints.create(&spec(CHAT)).await.unwrap();
    let update = EndpointUpdate::new().with_revision("v2");
    for error in [
        endpoints.get("my-endpoimt").await.unwrap_err(),
        endpoints.pause("my-endpoimt").await.unwrap_err(),
        endpoints.delete("my-endpoimt").await.unwrap_err(),
        endpoints.logs("my-endpoimt", 5).await.unwrap_err(),
        endpoints.metrics("my-endpoimt").await.unwrap_err(),
        endpoints.update("my-endpoimt", &update).await.unwrap_err(),
        endpoints.wait_until_running("my-endpoimt").await.unwrap_err(),
    ] {
        let expected = EndpointErrorKind::NotFound { nearest: vec![NAME.to_owned()] };
        assert_eq!(kind(&error), &expected);
        assert_eq!((error.status(), error.category()), (Some(404), ErrorCategory::NotFound));
        assert!(error.to_string().contains("Did you mean my-endpoint?"), "{error}");
    }
    let error = endpoints.get("other").await.unwrap_err();
    assert_eq!(kind(&error), &EndpointErrorKind::NotFound { nearest: Vec::new() });
}
