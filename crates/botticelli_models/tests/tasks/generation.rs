//! Images and speech from texts and images.

use crate::common::scripted;
use crate::support::{hosted, last_body};
use botticelli_core::tasks::{
    ImageToImageRequest, Media, TextToAudioRequest, TextToImageRequest, TextToSpeechRequest,
};
use botticelli_error::ErrorCategory;
use botticelli_interface::tasks::MediaGenerationDriver;
use botticelli_models::MediaFile;
use botticelli_sandbox::{Sandbox, Script};
use serde_json::json;

const MODEL: &str = "stabilityai/stable-diffusion-3-medium-diffusers";

#[tokio::test]
async fn an_image_is_generated_and_saved() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = TextToImageRequest::builder()
        .prompt("Venus")
        .negative_prompt("Mars")
        .width(64)
        .height(32)
        .num_inference_steps(3)
        .guidance_scale(7.5)
        .seed(u64::MAX)
        .scheduler("euler")
        .build()
        .unwrap();
    let response = hosted(&sandbox, MODEL).generate_image(request).await.unwrap();
    let parameters = json!({
        "negative_prompt": "Mars", "width": 64, "height": 32, "num_inference_steps": 3, "guidance_scale": 7.5,
        "seed": u64::MAX, "scheduler": "euler",
    });
    assert_eq!(last_body(&sandbox), json!({ "inputs": "Venus", "parameters": parameters }));
    assert_eq!(sandbox.requests()[0].header("accept"), Some("image/png"));
    // JPEG comes all the same.
    assert_eq!((response.media().media_type(), response.media().extension()), ("image/jpeg", "jpg"));
    assert_eq!(response.provider(), Some("hf-inference"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("venus.jpg");
    response.media().save(&path).unwrap();
    assert_eq!(&Media::open(&path).unwrap(), response.media());
    let error = response.media().save(folder.path().join("none/venus.jpg")).unwrap_err();
    assert!(error.to_string().contains("does not exist. Check the path."), "{error}");
}

#[tokio::test]
async fn the_bytes_decide_and_not_the_content_type() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, MODEL);
    for model in ["sandbox/wrong-media-type", "sandbox/image-as-base64", "sandbox/image-as-url"] {
        let request = TextToImageRequest::from("Venus").with_model(model);
        let response =
            driver.generate_image(request).await.unwrap_or_else(|error| panic!("{model}: {error}"));
        assert_eq!(response.media().media_type(), "image/jpeg", "{model}");
    }
    // The result was fetched without a token, over a redirect.
    let fetched: Vec<_> =
        sandbox.requests().into_iter().filter(|request| request.method() == "GET").collect();
    assert_eq!(fetched.len(), 2);
    assert!(fetched.iter().all(|request| request.header("authorization").is_none()));
}

#[tokio::test]
async fn an_error_object_in_place_of_an_image_is_an_error() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = TextToImageRequest::from("Venus").with_model("sandbox/error-in-image");
    let error = hosted(&sandbox, MODEL).generate_image(request).await.unwrap_err();
    assert!(error.to_string().contains("CUDA out of memory"), "{error}");
    for (script, expected) in [
        (Script::text(200, "image/png", r#"{"error":"no GPU is free"}"#), "no GPU is free"),
        (Script::json(200, r#"{"unexpected":true}"#), "neither media nor the address"),
        (Script::text(200, "image/png", ""), "empty"),
        (Script::text(200, "text/html", "<html>busy</html>"), "web page"),
    ] {
        let sandbox = scripted(script).await;
        let error = hosted(&sandbox, MODEL).generate_image("Venus".into()).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
}

#[tokio::test]
async fn unknown_bytes_have_the_type_of_the_header() {
    let sandbox = scripted(Script::text(200, "image/jxl; q=1", "\u{1}\u{2}")).await;
    let response = hosted(&sandbox, MODEL).generate_image("Venus".into()).await.unwrap();
    assert_eq!(response.media().media_type(), "image/jxl");
}

#[tokio::test]
async fn unsafe_addresses_of_results_are_rejected() {
    for (address, expected) in [
        ("http://example.org/image.png", "an address without https"),
        ("https://user:pass@example.org/image.png", "user name or a password"),
        ("http://127.0.0.1:1/image.png", "127.0.0.1:1"),
    ] {
        let sandbox = scripted(Script::json(200, json!({ "output": address }))).await;
        let error = hosted(&sandbox, MODEL).generate_image("Venus".into()).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{address}: {error}");
    }
}

#[tokio::test]
async fn a_result_that_is_gone_or_a_web_page_is_an_error() {
    for (name, expected) in [("gone", "(HTTP 404)"), ("page.html", "is not an image, audio or video")] {
        let store = Sandbox::start().await.unwrap();
        let address = format!("{}/results/{name}", store.origin());
        let sandbox = scripted(Script::json(200, json!({ "output": address }))).await;
        let error = hosted(&sandbox, MODEL).generate_image("Venus".into()).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.category(), ErrorCategory::InvalidResponse);
        assert!(error.to_string().contains("addresses of results expire"), "{error}");
    }
}

#[tokio::test]
async fn an_image_is_changed() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "timbrooks/instruct-pix2pix");
    let image = Media::new(&b"\x89PNG\r\n\x1a\n"[..]);
    let request = ImageToImageRequest::new(image.clone(), "more sea").with_target_size((64, 32));
    let response = driver.edit_image(request).await.unwrap();
    assert!(response.media().data().ends_with(b"8 bytes, more sea"));
    let parameters = json!({ "prompt": "more sea", "target_size": { "width": 64, "height": 32 } });
    assert_eq!(last_body(&sandbox), json!({ "inputs": "iVBORw0KGgo=", "parameters": parameters }));
    driver.edit_image(image.into()).await.unwrap();
    assert_eq!(sandbox.requests()[1].header("content-type"), Some("image/png"));
}

#[tokio::test]
async fn a_text_is_spoken() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "facebook/mms-tts-eng");
    let generation = serde_json::from_value(json!({ "temperature": 0.5 })).unwrap();
    let request = TextToSpeechRequest::from("Good morning").with_generation_parameters(generation);
    let response = driver.generate_speech(request).await.unwrap();
    assert_eq!(response.media().media_type(), "audio/flac");
    assert!(response.into_media().data().ends_with(b"Good morning"));
    let parameters = json!({ "generation_parameters": { "temperature": 0.5 } });
    assert_eq!(last_body(&sandbox), json!({ "inputs": "Good morning", "parameters": parameters }));
}

#[tokio::test]
async fn a_description_becomes_audio() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "facebook/musicgen-small");
    let response = driver.generate_audio("A lute".into()).await.unwrap();
    assert_eq!(response.media().media_type(), "audio/flac");
    assert_eq!(last_body(&sandbox), json!({ "inputs": "A lute" }));
    let generation = serde_json::from_value(json!({ "max_new_tokens": 256 })).unwrap();
    let request = TextToAudioRequest::from("A lute").with_generation_parameters(generation);
    driver.generate_audio(request).await.unwrap();
    let parameters = json!({ "generation_parameters": { "max_new_tokens": 256 } });
    assert_eq!(last_body(&sandbox), json!({ "inputs": "A lute", "parameters": parameters }));
}
