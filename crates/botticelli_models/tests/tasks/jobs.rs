//! Long-running jobs: polls, ends, and cancellation.

use crate::common::service::Service;
use crate::common::while_time_passes;
use crate::providers::{IMAGE, VIDEO, provider, run};
use botticelli_core::Timeouts;
use botticelli_core::tasks::{Media, TextToImageRequest, VideoRequest};
use botticelli_error::ErrorCategory;
use botticelli_interface::ManualClock;
use botticelli_interface::tasks::{AudioTaskDriver, ImageTaskDriver, MediaGenerationDriver};
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceTasks, JobProgress};
use botticelli_sandbox::Sandbox;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const JOBS: [&str; 5] = ["fal-ai", "novita", "replicate", "together", "wavespeed"];

#[tokio::test]
async fn a_job_is_polled_at_the_router_and_not_at_the_host_that_the_provider_names() {
    let sandbox = Sandbox::start().await.unwrap();
    let call = |driver: HuggingFaceTasks| async move { driver.generate_video("slow waves".into()).await };
    run(&sandbox, "fal-ai", VIDEO, call).await.unwrap();
    let paths: Vec<_> = sandbox
        .requests()
        .iter()
        .filter(|request| request.path().starts_with("/fal-ai/"))
        .map(|request| {
            let path = request.path().to_owned();
            let id =
                path.split("/requests/").nth(1).map(|rest| rest.split(['/', '?']).next().unwrap().to_owned());
            format!("{} {}", request.method(), path.replace(&id.unwrap_or_default(), "ID"))
        })
        .filter(|line| !line.contains("expand"))
        .collect();
    let model = "/fal-ai/fal-ai/wan/text-to-video";
    let poll = format!("GET {model}/requests/ID/status?_subdomain=queue");
    let end = format!("GET {model}/requests/ID?_subdomain=queue");
    // An empty id replaces nothing in the first line.
    assert!(paths[0].starts_with("POST"), "{paths:?}");
    assert_eq!(paths[1..], [poll.clone(), poll.clone(), poll, end]);
}

#[tokio::test]
async fn every_failed_job_is_an_error_with_the_reason_of_the_provider() {
    let sandbox = Sandbox::start().await.unwrap();
    for name in JOBS {
        let call =
            |driver: HuggingFaceTasks| async move { driver.generate_video("please fail".into()).await };
        let error = run(&sandbox, name, VIDEO, call).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Generation, "{name}");
        let expected = format!("{name}: the job failed (\"NSFW content\")");
        assert!(error.to_string().contains(&expected), "{error}");
        assert!(error.may_be_billed(), "{name}");
    }
    let call = |driver: HuggingFaceTasks| async move { driver.generate_image("please fail".into()).await };
    let error = run(&sandbox, "zai-org", IMAGE, call).await.unwrap_err();
    assert!(error.to_string().contains("zai-org: the job failed"), "{error}");
}

#[tokio::test]
async fn a_job_that_never_ends_has_its_own_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    let call = |driver: HuggingFaceTasks| async move {
        let driver = driver.with_job_timeout(Duration::from_secs(30));
        driver.generate_video("forever".into()).await
    };
    let error = run(&sandbox, "together", VIDEO, call).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Timeout);
    assert!(error.to_string().contains("with_job_timeout"), "{error}");
    assert!(error.may_be_billed());
    // A poll every two seconds.
    let polls = sandbox.requests().iter().filter(|request| request.path().contains("/v2/videos/")).count();
    assert!((13..=15).contains(&polls), "{polls}");
    // The timeouts of a request take precedence.
    let call = |driver: HuggingFaceTasks| async move {
        let timeouts = Timeouts::default().with_total(Duration::from_secs(3));
        driver.generate_video(VideoRequest::from("forever more").with_timeouts(timeouts)).await
    };
    let error = run(&sandbox, "wavespeed", VIDEO, call).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Timeout);
}

#[tokio::test]
async fn the_observer_sees_the_words_of_the_provider() {
    let sandbox = Sandbox::start().await.unwrap();
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let shared = seen.clone();
    let call = |driver: HuggingFaceTasks| async move {
        let observe = move |progress: &JobProgress| shared.lock().unwrap().push(progress.status().to_owned());
        driver.with_job_observer(observe).generate_video("waves".into()).await
    };
    run(&sandbox, "fal-ai", VIDEO, call).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["IN_QUEUE", "IN_QUEUE", "IN_PROGRESS"]);
}

#[tokio::test]
async fn a_dropped_call_cancels_its_job() {
    let sandbox = Sandbox::start().await.unwrap();
    for (name, method) in [("fal-ai", "PUT"), ("replicate", "POST")] {
        let (driver, _clock) = provider(&sandbox, name, VIDEO);
        let call = tokio::spawn(async move { driver.generate_video("forever and ever".into()).await });
        let is_cancel = |path: &str| path.starts_with(&format!("/{name}/")) && path.contains("/cancel");
        let mut is_started = false;
        for _ in 0..2_000 {
            let requests = sandbox.requests();
            // The job is started, and the call waits for the clock.
            is_started |= requests
                .iter()
                .any(|sent| sent.path().starts_with(&format!("/{name}/")) && sent.status().is_some());
            if is_started && sandbox.is_settled() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        call.abort();
        let mut cancelled = None;
        for _ in 0..2_000 {
            cancelled = sandbox.requests().into_iter().find(|sent| is_cancel(sent.path()));
            if cancelled.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let cancelled = cancelled.unwrap_or_else(|| panic!("{name} was not cancelled"));
        assert_eq!(cancelled.method(), method, "{name}");
        assert!(cancelled.has_token(Sandbox::TOKEN), "{name}");
    }
}

/// A driver of a provider behind a service with an answer for each path.
fn scripted(service: &Service, name: &str) -> (HuggingFaceTasks, ManualClock) {
    let entry = json!({ name: { "task": "text-to-image", "providerId": "m", "status": "live" } });
    service.on("GET /api/models/", 200, json!({ "id": "a/b", "inferenceProviderMapping": entry }));
    let clock = ManualClock::default();
    let environment = Environment::empty().with("HF_ENDPOINT", service.origin());
    let builder = botticelli_models::huggingface::HuggingFaceDriver::builder("a/b")
        .base_url(service.origin())
        .token(Sandbox::TOKEN)
        .provider(name)
        .environment(environment)
        .clock(Arc::new(clock.clone()));
    (builder.build_tasks().unwrap(), clock)
}

#[tokio::test]
async fn jobs_without_a_usable_id_are_errors() {
    for (name, start) in [
        ("zai-org", json!({ "task_status": "PROCESSING" })),
        ("zai-org", json!({ "task_status": "PROCESSING", "id": "../../v1/models" })),
        ("wavespeed", json!({ "data": { "status": "created" } })),
    ] {
        let service = Service::start().await;
        service.on(&format!("POST /{name}/"), 200, start.clone());
        let (driver, _clock) = scripted(&service, name);
        let error = driver.generate_image(TextToImageRequest::from("Venus")).await.unwrap_err();
        assert!(error.to_string().contains("the answer names no job"), "{start}: {error}");
        assert_eq!(error.category(), ErrorCategory::InvalidResponse);
    }
}

#[tokio::test]
async fn a_foreign_address_of_a_job_never_gets_the_token() {
    let (service, foreign) = (Service::start().await, Service::start().await);
    let address = format!("{}/api/v3/predictions/1/result", foreign.origin());
    let started = json!({ "data": { "status": "created", "urls": { "get": address } } });
    service.on("POST /wavespeed/api/v3/m", 200, started);
    let done =
        json!({ "data": { "status": "completed", "outputs": ["data:image/png;base64,iVBORw0KGgo="] } });
    service.on("GET /wavespeed/api/v3/predictions/1/result", 200, done);
    let (driver, clock) = scripted(&service, "wavespeed");
    let call = tokio::spawn(async move { driver.generate_image("Venus".into()).await });
    let sandbox = Sandbox::start().await.unwrap();
    let response = while_time_passes(&sandbox, &clock, call, "the job").await.unwrap();
    assert_eq!(response.media().media_type(), "image/png");
    assert!(foreign.received().is_empty());
}

#[tokio::test]
async fn an_end_without_a_result_is_an_error() {
    let service = Service::start().await;
    service.on("POST /zai-org/", 200, json!({ "id": "1", "task_status": "SUCCESS", "image_result": [] }));
    let (driver, _clock) = scripted(&service, "zai-org");
    let error = driver.generate_image("Venus".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidResponse);
    assert!(error.to_string().contains("result of the job"), "{error}");
}

#[test]
fn the_limit_of_jobs_is_a_setting() {
    let builder = botticelli_models::huggingface::HuggingFaceDriver::builder("a/b").token("hf_abcdefgh");
    let driver = builder.environment(Environment::empty()).build_tasks().unwrap();
    assert_eq!(driver.job_timeout(), Duration::from_secs(600));
}

#[tokio::test]
async fn an_answer_without_its_text_is_an_error() {
    let service = Service::start().await;
    let entry = json!({
        "zai-org": { "task": "image-to-text", "providerId": "m", "status": "live" },
    });
    let (driver, _clock) = scripted(&service, "zai-org");
    service.on("GET /api/models/", 200, json!({ "id": "a/b", "inferenceProviderMapping": entry }));
    service.on("POST /zai-org/", 200, json!({ "id": "1" }));
    let image = Media::new(&b"\x89PNG\r\n\x1a\n"[..]);
    let error = driver.describe_image(image.into()).await.unwrap_err();
    assert!(error.to_string().contains("text of the image"), "{error}");
}

#[tokio::test]
async fn every_form_of_a_transcript_is_read() {
    let service = Service::start().await;
    let entry = json!({
        "replicate": { "task": "automatic-speech-recognition", "providerId": "o/m", "status": "live" },
    });
    let (driver, _clock) = scripted(&service, "replicate");
    service.on("GET /api/models/", 200, json!({ "id": "a/b", "inferenceProviderMapping": entry }));
    service.on("GET /results/text", 200, "hello");
    let file = format!("{}/results/text", service.origin());
    for output in [
        json!("hello"),
        json!(["hel", "lo"]),
        json!({ "transcription": "hello" }),
        json!({ "translation": "hello" }),
        json!({ "txt_file": file }),
    ] {
        service.on("POST /replicate/", 200, json!({ "status": "succeeded", "output": output }));
        let response = driver.transcribe(Media::new(&b"fLaC"[..]).into()).await.unwrap();
        assert_eq!(response.text(), "hello", "{output}");
    }
    assert_eq!(service.last().token(), None, "the text is fetched without the token");
    service.on("POST /replicate/", 200, json!({ "status": "succeeded", "output": { "other": 1 } }));
    let error = driver.transcribe(Media::new(&b"fLaC"[..]).into()).await.unwrap_err();
    assert!(error.to_string().contains("transcript"), "{error}");
}

#[tokio::test]
async fn a_token_that_a_job_repeats_is_not_shown() {
    let token = Sandbox::TOKEN;
    for (start, expected) in [
        (json!({ "data": { "status": "failed", "error": format!("bad {token}") } }), "the job failed"),
        (json!({ "data": { "status": "completed", "outputs": [], "note": token } }), "result of the job"),
    ] {
        let service = Service::start().await;
        service.on("POST /wavespeed/", 200, start);
        let (driver, _clock) = scripted(&service, "wavespeed");
        let error = driver.generate_image("Venus".into()).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!format!("{error} {error:?}").contains(token), "{error}");
    }
}
