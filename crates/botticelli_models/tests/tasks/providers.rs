//! Media at providers: outgoing bodies, routes, and answers.

use crate::common::{settings, while_time_passes};
use crate::support::{at, last_body, last_path};
use botticelli_core::tasks::{
    AudioToAudioRequest, ImageSegmentationRequest, ImageToImageRequest, ImageToTextRequest, Media,
    MediaResponse, TextToAudioRequest, TextToImageRequest, TextToSpeechRequest, TranscriptChunk,
    TranscriptionRequest, VideoRequest,
};
use botticelli_error::BotticelliError;
use botticelli_interface::ManualClock;
use botticelli_interface::tasks::{AudioTaskDriver, ImageTaskDriver, MediaGenerationDriver};
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceTasks, TaskApi};
use botticelli_sandbox::Sandbox;
use serde_json::{Value, json};
use std::future::Future;
use std::sync::Arc;

pub(crate) const IMAGE: &str = "black-forest-labs/FLUX.1-dev";
const EDIT: &str = "black-forest-labs/FLUX.1-Kontext-dev";
pub(crate) const VIDEO: &str = "Wan-AI/Wan2.2-T2V-A14B";
const ANIMATED: &str = "Wan-AI/Wan2.2-I2V-A14B";
const SPEECH: &str = "hexgrad/Kokoro-82M";
const PNG_URL: &str = "data:image/png;base64,iVBORw0KGgo=";

fn png() -> Media {
    Media::new(&b"\x89PNG\r\n\x1a\n"[..])
}

/// A driver that calls `provider` behind the sandbox, with a clock that the test advances.
pub(crate) fn provider(sandbox: &Sandbox, provider: &str, model: &str) -> (HuggingFaceTasks, ManualClock) {
    let clock = ManualClock::default();
    let environment = Environment::empty().with("HF_ENDPOINT", sandbox.hub_url());
    let builder = settings(sandbox).model(model).provider(provider).environment(environment);
    (builder.clock(Arc::new(clock.clone())).build_tasks().unwrap(), clock)
}

/// Runs a call while time passes.
pub(crate) async fn run<T: Send + 'static, F>(
    sandbox: &Sandbox,
    name: &str,
    model: &str,
    call: impl FnOnce(HuggingFaceTasks) -> F,
) -> Result<T, BotticelliError>
where
    F: Future<Output = Result<T, BotticelliError>> + Send + 'static,
{
    let (driver, clock) = provider(sandbox, name, model);
    while_time_passes(sandbox, &clock, tokio::spawn(call(driver)), name).await
}

/// The path and the body of the request that a provider received first.
fn started(sandbox: &Sandbox, provider: &str) -> (String, Value) {
    let prefix = format!("/{provider}");
    let requests = sandbox.requests();
    let first = requests.iter().rev().find(|request| {
        request.method() == "POST"
            && request.path().starts_with(&prefix)
            && !request.path().contains("cancel")
    });
    let first = first.unwrap();
    (first.path().strip_prefix(&prefix).unwrap().to_owned(), first.body().clone())
}

fn is_of_type(response: &MediaResponse, media_type: &str, provider: &str) {
    assert_eq!(response.media().media_type(), media_type, "{provider}");
    assert_eq!(response.provider(), Some(provider));
}

#[tokio::test]
async fn every_provider_generates_an_image_in_its_own_words() {
    let expected = [
        (
            "together",
            "/v1/images/generations",
            json!({
                "prompt": "Venus", "response_format": "base64", "negative_prompt": "Mars", "steps": 4, "seed": 7,
                "width": 64, "height": 32, "model": "flux-together",
            }),
        ),
        (
            "nscale",
            "/v1/images/generations",
            json!({
                "prompt": "Venus", "response_format": "b64_json", "negative_prompt": "Mars", "seed": 7, "size": "64x32",
                "model": "flux-nscale",
            }),
        ),
        (
            "fal-ai",
            "/fal-ai/flux/dev",
            json!({
                "prompt": "Venus", "negative_prompt": "Mars", "num_inference_steps": 4, "seed": 7,
                "image_size": { "width": 64, "height": 32 },
            }),
        ),
        (
            "replicate",
            "/v1/models/black-forest-labs/flux-dev/predictions",
            json!({ "input": {
                "prompt": "Venus", "negative_prompt": "Mars", "num_inference_steps": 4, "seed": 7, "width": 64, "height": 32,
            }}),
        ),
        (
            "wavespeed",
            "/api/v3/wavespeed-ai/flux-dev",
            json!({ "prompt": "Venus", "negative_prompt": "Mars", "num_inference_steps": 4, "seed": 7, "size": "64x32" }),
        ),
        (
            "zai-org",
            "/api/paas/v4/async/images/generations",
            json!({
                "prompt": "Venus", "negative_prompt": "Mars", "num_inference_steps": 4, "seed": 7, "size": "64x32",
                "model": "cogview-flux",
            }),
        ),
    ];
    let sandbox = Sandbox::start().await.unwrap();
    for (name, path, body) in expected {
        let request = TextToImageRequest::from("Venus")
            .with_negative_prompt("Mars")
            .with_num_inference_steps(4)
            .with_seed(7)
            .with_size(64, 32);
        let response =
            run(&sandbox, name, IMAGE, |driver| async move { driver.generate_image(request).await }).await;
        let response = response.unwrap_or_else(|error| panic!("{name}: {error}"));
        is_of_type(&response, "image/jpeg", name);
        assert_eq!(started(&sandbox, name), (path.to_owned(), body), "{name}");
    }
    // Results are fetched without a token, and everything else with it.
    for request in sandbox.requests() {
        let is_result = request.path().starts_with("/results/");
        assert_eq!(request.has_token(Sandbox::TOKEN), !is_result, "{request}");
    }
}

#[tokio::test]
async fn every_provider_changes_an_image_in_its_own_words() {
    let expected = [
        (
            "together",
            "/v1/images/generations",
            json!({
                "prompt": "more sea", "response_format": "base64", "image_url": PNG_URL, "guidance_scale": 2.5,
                "width": 64, "height": 32, "model": "together/FLUX.1-kontext-dev",
            }),
        ),
        (
            "fal-ai",
            "/fal-ai/flux-kontext/dev?_subdomain=queue",
            json!({
                "prompt": "more sea", "image_url": PNG_URL, "image_urls": [PNG_URL], "guidance_scale": 2.5,
                "image_size": { "width": 64, "height": 32 },
            }),
        ),
        (
            "replicate",
            "/v1/predictions",
            json!({ "version": "7f3a", "input": {
                "prompt": "more sea", "guidance_scale": 2.5, "width": 64, "height": 32, "image": PNG_URL,
                "images": [PNG_URL], "input_image": PNG_URL, "input_images": [PNG_URL],
            }}),
        ),
        (
            "wavespeed",
            "/api/v3/wavespeed-ai/flux-kontext-dev",
            json!({ "prompt": "more sea", "guidance_scale": 2.5, "size": "64x32", "image": PNG_URL }),
        ),
    ];
    let sandbox = Sandbox::start().await.unwrap();
    for (name, path, body) in expected {
        let request =
            ImageToImageRequest::new(png(), "more sea").with_guidance_scale(2.5).with_target_size((64, 32));
        let response =
            run(&sandbox, name, EDIT, |driver| async move { driver.edit_image(request).await }).await;
        is_of_type(&response.unwrap_or_else(|error| panic!("{name}: {error}")), "image/jpeg", name);
        assert_eq!(started(&sandbox, name), (path.to_owned(), body), "{name}");
    }
}

#[tokio::test]
async fn every_provider_generates_a_video_in_its_own_words() {
    let plain = json!({ "prompt": "waves", "num_frames": 48, "num_inference_steps": 4 });
    let expected = [
        ("fal-ai", "/fal-ai/wan/text-to-video?_subdomain=queue", plain.clone()),
        ("novita", "/v3/async/wan-t2v", plain.clone()),
        ("replicate", "/v1/models/wan-video/wan-t2v/predictions", json!({ "input": plain })),
        (
            "together",
            "/v2/videos",
            json!({ "prompt": "waves", "num_frames": 48, "steps": 4, "model": "wan-together" }),
        ),
        ("wavespeed", "/api/v3/wavespeed-ai/wan-t2v", plain.clone()),
    ];
    let sandbox = Sandbox::start().await.unwrap();
    for (name, path, body) in expected {
        let request = VideoRequest::from("waves").with_num_frames(48).with_num_inference_steps(4);
        let response =
            run(&sandbox, name, VIDEO, |driver| async move { driver.generate_video(request).await }).await;
        let response = response.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(response.provider(), Some(name));
        assert!(!response.media().data().is_empty());
        assert_eq!(started(&sandbox, name), (path.to_owned(), body), "{name}");
    }
    let expected = [
        ("fal-ai", json!({ "prompt": "waves", "image_url": PNG_URL })),
        (
            "together",
            json!({
                "prompt": "waves", "model": "wan-together-i2v",
                "frame_images": [{ "input_image": PNG_URL, "frame": "first" }],
            }),
        ),
        ("wavespeed", json!({ "prompt": "waves", "image": PNG_URL })),
    ];
    for (name, body) in expected {
        let request = VideoRequest::from("waves").with_image(png());
        let call =
            run(&sandbox, name, ANIMATED, |driver| async move { driver.generate_video(request).await });
        call.await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(started(&sandbox, name).1, body, "{name}");
    }
}

#[tokio::test]
async fn every_provider_speaks_in_its_own_words() {
    let expected = [
        ("fal-ai", "/fal-ai/kokoro", json!({ "text": "Hello", "speed": 2 })),
        (
            "replicate",
            "/v1/models/jaaari/kokoro-82m/predictions",
            json!({ "input": { "text": "Hello", "speed": 2 } }),
        ),
        (
            "deepinfra",
            "/v1/openai/audio/speech",
            json!({ "input": "Hello", "speed": 2, "model": "kokoro-deep" }),
        ),
        (
            "together",
            "/v1/audio/speech",
            json!({ "input": "Hello", "voice": "af_alloy", "speed": 2, "model": "kokoro-together" }),
        ),
    ];
    let sandbox = Sandbox::start().await.unwrap();
    for (name, path, body) in expected {
        let speed = serde_json::from_value(json!({ "speed": 2 })).unwrap();
        let request = TextToSpeechRequest::from("Hello").with_generation_parameters(speed);
        let response =
            run(&sandbox, name, SPEECH, |driver| async move { driver.generate_speech(request).await }).await;
        assert_eq!(response.unwrap_or_else(|error| panic!("{name}: {error}")).provider(), Some(name));
        assert_eq!(started(&sandbox, name), (path.to_owned(), body), "{name}");
    }
}

#[tokio::test]
async fn fal_makes_music_in_its_queue() {
    let sandbox = Sandbox::start().await.unwrap();
    let seconds = serde_json::from_value(json!({ "seconds_total": 20 })).unwrap();
    let request = TextToAudioRequest::from("A lute").with_generation_parameters(seconds);
    let model = "facebook/musicgen-small";
    let response =
        run(&sandbox, "fal-ai", model, |driver| async move { driver.generate_audio(request).await }).await;
    let response = response.unwrap();
    assert_eq!((response.media().media_type(), response.provider()), ("audio/flac", Some("fal-ai")));
    let body = json!({ "prompt": "A lute", "seconds_total": 20 });
    assert_eq!(started(&sandbox, "fal-ai"), ("/fal-ai/musicgen?_subdomain=queue".to_owned(), body));
    let call = |driver: HuggingFaceTasks| async move { driver.generate_audio("A lute".into()).await };
    let error = run(&sandbox, "together", model, call).await.unwrap_err();
    assert!(error.to_string().contains("text-to-audio"), "{error}");
}

#[tokio::test]
async fn every_provider_transcribes() {
    let sandbox = Sandbox::start().await.unwrap();
    for name in ["fal-ai", "replicate", "deepinfra", "together"] {
        let audio = Media::new(&b"RIFF\0\0\0\0WAVE"[..]);
        let request = TranscriptionRequest::from(audio).with_return_timestamps(true);
        let model = "openai/whisper-large-v3";
        let response =
            run(&sandbox, name, model, |driver| async move { driver.transcribe(request).await }).await;
        let response = response.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(response.text(), " hello", "{name}");
        let expected = (name != "replicate").then(|| TranscriptChunk::new(" hello", Some(0.0), Some(1.0)));
        assert_eq!(response.chunks().first(), expected.as_ref(), "{name}");
        let text =
            sandbox.requests().iter().rev().find(|sent| sent.method() == "POST").unwrap().text().to_owned();
        match name {
            // fal rejects `audio/wav`, but not the same bytes as `audio/x-wav`.
            "fal-ai" => assert!(text.contains("data:audio/x-wav;base64,"), "{text}"),
            "replicate" => assert!(text.contains("data:audio/wav;base64,"), "{text}"),
            _ => assert!(text.contains("filename=\"audio.wav\"\r\nContent-Type: audio/wav"), "{text}"),
        }
    }
}

#[tokio::test]
async fn other_tasks_of_providers() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = ImageSegmentationRequest::from(png());
    let model = "briaai/RMBG-2.0";
    let response =
        run(&sandbox, "fal-ai", model, |driver| async move { driver.segment_image(request).await });
    let response = response.await.unwrap();
    assert_eq!((response.segments().len(), response.segments()[0].label()), (1, "mask"));
    assert_eq!(started(&sandbox, "fal-ai").1, json!({ "image_url": PNG_URL, "sync_mode": true }));
    let request = AudioToAudioRequest::from(Media::new(&b"fLaC"[..]));
    let call =
        run(
            &sandbox,
            "fal-ai",
            "sandbox/denoise",
            |driver| async move { driver.convert_audio(request).await },
        );
    assert_eq!(call.await.unwrap().tracks()[0].audio().media_type(), "audio/flac");
    let request = ImageToTextRequest::from(png());
    let model = "zai-org/GLM-OCR";
    let response =
        run(&sandbox, "zai-org", model, |driver| async move { driver.describe_image(request).await });
    assert_eq!(response.await.unwrap().text(), format!("# Page of {} characters", PNG_URL.len()));
}

#[tokio::test]
async fn adapters_are_named_with_their_weights() {
    let sandbox = Sandbox::start().await.unwrap();
    let model = "sandbox/lora";
    let call = |driver: HuggingFaceTasks| async move { driver.generate_image("Venus".into()).await };
    run(&sandbox, "fal-ai", model, call).await.unwrap();
    let path = "https://huggingface.co/sandbox/lora/resolve/main/lora.safetensors";
    let body = json!({
        "prompt": "Venus",
        "loras": [{ "path": path, "scale": 1 }],
        "model_name": "stabilityai/stable-diffusion-xl-base-1.0",
    });
    assert_eq!(started(&sandbox, "fal-ai").1, body);
    run(&sandbox, "replicate", model, call).await.unwrap();
    let body =
        json!({ "input": { "prompt": "Venus", "lora_weights": "https://huggingface.co/sandbox/lora" } });
    assert_eq!(started(&sandbox, "replicate").1, body);
}

#[tokio::test]
async fn a_server_with_the_api_of_openai_generates_media() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = at(&sandbox, TaskApi::OpenAi, "any");
    let response = driver.generate_image(TextToImageRequest::from("Venus").with_size(64, 32)).await.unwrap();
    assert_eq!(response.media().media_type(), "image/jpeg");
    assert_eq!(last_path(&sandbox), "/v1/images/generations");
    let body = json!({ "prompt": "Venus", "response_format": "b64_json", "size": "64x32", "model": "any" });
    assert_eq!(last_body(&sandbox), body);
    let speech =
        driver.generate_speech(TextToSpeechRequest::from("Hello").with_voice("alloy")).await.unwrap();
    assert_eq!(speech.media().media_type(), "audio/flac");
    assert_eq!(last_body(&sandbox), json!({ "input": "Hello", "voice": "alloy", "model": "any" }));
    let audio = Media::new(&b"fLaC"[..]);
    assert_eq!(driver.transcribe(audio.into()).await.unwrap().text(), " hello");
}

#[tokio::test]
async fn a_provider_without_the_task_names_those_that_have_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let call = |driver: HuggingFaceTasks| async move { driver.generate_video("waves".into()).await };
    let error = run(&sandbox, "hf-inference", VIDEO, call).await.unwrap_err();
    assert!(error.to_string().contains("Use one of the providers fal-ai, novita, replicate"), "{error}");
    let error = run(&sandbox, "nscale", VIDEO, call).await.unwrap_err();
    assert!(error.to_string().contains("Use another provider: fal-ai, novita"), "{error}");
    let error = run(&sandbox, "together", "openai/gpt-oss-20b", call).await.unwrap_err();
    assert!(error.to_string().contains("its tasks are conversational"), "{error}");
    assert!(sandbox.requests().iter().all(|request| request.method() == "GET"));
}

#[tokio::test]
async fn a_key_of_fal_has_its_own_scheme() {
    let service = crate::common::service::Service::start().await;
    let entry = json!({ "fal-ai": { "task": "text-to-image", "providerId": "m", "status": "live" } });
    service.on("GET /api/models/", 200, json!({ "id": "a/b", "inferenceProviderMapping": entry }));
    service.on("POST /m", 200, json!({ "images": [{ "url": PNG_URL }] }));
    let builder = botticelli_models::huggingface::HuggingFaceDriver::builder("a/b").provider("fal-ai");
    let environment = Environment::empty().with("HF_ENDPOINT", service.origin());
    let builder = builder.base_url(service.origin()).token("fal-key:secret").environment(environment);
    let driver = builder.build_tasks().unwrap();
    assert_eq!(driver.generate_image("Venus".into()).await.unwrap().media(), &png());
    assert_eq!(service.last().header("authorization"), Some("Key fal-key:secret"));
    // The Hub gets no key of a provider.
    assert_eq!(service.received()[0].header("authorization"), None);
}
