//! The token and the secrets of an endpoint appear nowhere.

use crate::support::{CHAT, builder, client, inject, running, spec};
use botticelli_models::huggingface::{EndpointImage, EndpointUpdate, Endpoints};
use botticelli_sandbox::Sandbox;

const SECRET: &str = "hf_secret_of_the_container";
const PASSWORD: &str = "correct-horse-battery";
const VARIABLE: &str = "staple-in-a-variable";

fn assert_hidden(text: &str) {
    for secret in [SECRET, PASSWORD, VARIABLE, Sandbox::TOKEN] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

fn image() -> EndpointImage {
    EndpointImage::new("custom")
        .with_url("registry.example.org/server:1")
        .with_credentials("me", PASSWORD)
        .with_option("key", VARIABLE)
}

#[tokio::test]
async fn a_message_that_repeats_the_request_shows_no_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    inject(&sandbox, "repeats-body");
    let spec = spec(CHAT).with_image(image().with_option("key", "x")).with_secret("HF_TOKEN", SECRET);
    let error = client(&sandbox).create(&spec).await.unwrap_err();
    assert!(error.to_string().contains("cannot read"), "{error}");
    assert_hidden(&format!("{error} {error:?} {}", error.advice()));
}

#[tokio::test]
async fn no_value_shows_a_secret() {
    let spec = spec(CHAT).with_image(image()).with_secret("HF_TOKEN", SECRET).with_variable("A", VARIABLE);
    let update = EndpointUpdate::new()
        .with_image(image())
        .with_secret("HF_TOKEN", SECRET)
        .with_variable("A", VARIABLE);
    assert_hidden(&format!("{spec:?} {spec:#?} {update:?} {:?}", image()));
    assert!(format!("{spec:?}").contains("HF_TOKEN"), "{spec:?}");
    let (sandbox, _clock, endpoints) = running(CHAT).await;
    let endpoint = endpoints.get(crate::support::NAME).await.unwrap();
    let drivers = (endpoint.driver().unwrap(), endpoint.tasks().unwrap(), endpoint.driver_builder().unwrap());
    assert_hidden(&format!("{endpoint:?} {endpoints:?} {:?} {drivers:?}", builder(&sandbox)));
    let builder =
        Endpoints::builder().with_base_url(format!("https://me:{PASSWORD}@example.org/?t={SECRET}"));
    assert_hidden(&format!("{builder:?} {:?}", builder.clone().with_namespace(SECRET)));
}
