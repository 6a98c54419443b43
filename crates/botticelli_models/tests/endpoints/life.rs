//! The life of an endpoint: it is created, starts, responds, stops, wakes, and is deleted.

use crate::common::while_time_passes;
use crate::support::{CHAT, EMBEDDINGS, NAME, at, lines, running, spec, timed};
use botticelli_core::RetryConfig;
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_interface::tasks::EmbeddingDriver;
use botticelli_models::huggingface::{EndpointAccess, EndpointImage, EndpointState, EndpointUpdate, TaskApi};
use std::time::Duration;

#[tokio::test]
async fn an_endpoint_is_created_and_starts_and_responds_and_is_deleted() {
    let (sandbox, clock) = timed().await;
    let endpoints = at(&sandbox, &clock);
    let created = endpoints.create(&spec(CHAT)).await.unwrap();
    assert_eq!((created.state(), created.url()), (&EndpointState::Pending, None));
    let waiting = endpoints.clone();
    let call = tokio::spawn(async move { waiting.wait_until_running(NAME).await });
    let endpoint = while_time_passes(&sandbox, &clock, call, "the endpoint").await.unwrap();
    assert_eq!(endpoint.state(), &EndpointState::Running);
    assert_eq!(endpoint.url(), Some(&*format!("{}/endpoints/sandbox/{NAME}", sandbox.origin())));
    assert_eq!((endpoint.ready_replicas(), endpoint.target_replicas()), (Some(1), Some(1)));

    let response = endpoint.driver().unwrap().generate("Hello".into()).await.unwrap();
    assert!(response.text().contains("Hello"), "{response:?}");

    endpoints.delete(NAME).await.unwrap();
    assert!(endpoints.list().await.unwrap().is_empty());
    let error = endpoints.get(NAME).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::NotFound);
}

#[tokio::test]
async fn every_field_of_an_endpoint_is_read() {
    let (_sandbox, _clock, endpoints) = running(EMBEDDINGS).await;
    let update = EndpointUpdate::new().with_revision("v2").with_task("feature-extraction");
    endpoints.update(NAME, &update).await.unwrap();
    let endpoint = endpoints.get(NAME).await.unwrap();
    assert_eq!((endpoint.name(), endpoint.namespace()), (NAME, "sandbox"));
    assert_eq!((endpoint.repository(), endpoint.revision()), (EMBEDDINGS, Some("v2")));
    assert_eq!((endpoint.task(), endpoint.framework()), (Some("feature-extraction"), Some("pytorch")));
    assert_eq!((endpoint.vendor(), endpoint.region()), (Some("aws"), Some("us-east-1")));
    assert_eq!((endpoint.instance_type(), endpoint.instance_size()), (Some("intel-icl"), Some("x1")));
    assert_eq!((endpoint.accelerator(), endpoint.engine()), (Some("cpu"), Some("huggingface")));
    assert_eq!((endpoint.min_replicas(), endpoint.max_replicas()), (Some(0), Some(1)));
    assert_eq!(endpoint.scale_to_zero_minutes(), Some(15));
    assert_eq!(endpoint.access(), Some(EndpointAccess::Protected));
    assert_eq!((endpoint.state(), endpoint.message()), (&EndpointState::Updating, None));
    assert!(endpoint.created_at().is_some() && endpoint.updated_at().is_some());
    assert!(endpoint.state().is_billed() && endpoint.state().is_changing());
}

#[tokio::test]
async fn an_idle_endpoint_scales_to_zero_and_a_request_wakes_it() {
    let (sandbox, clock, endpoints) = running(CHAT).await;
    let endpoint = endpoints.wait_until_running(NAME).await.unwrap();
    clock.advance(Duration::from_secs(15 * 60));
    let idle = endpoints.get(NAME).await.unwrap();
    assert_eq!(idle.state(), &EndpointState::ScaledToZero);
    assert!(!idle.state().is_billed());
    // The driver waits for the model, as for any server that loads one.
    let driver = endpoint.driver_builder().unwrap().retry(RetryConfig::default()).build().unwrap();
    let call = tokio::spawn(async move { driver.generate("Hello".into()).await });
    let response = while_time_passes(&sandbox, &clock, call, "the response").await.unwrap();
    assert!(!response.retries().is_empty());
    assert_eq!(endpoints.get(NAME).await.unwrap().state(), &EndpointState::Running);
}

#[tokio::test]
async fn a_wait_wakes_an_endpoint_that_is_scaled_to_zero() {
    let (sandbox, clock, endpoints) = running(CHAT).await;
    assert_eq!(endpoints.scale_to_zero(NAME).await.unwrap().state(), &EndpointState::ScaledToZero);
    let call = tokio::spawn(async move { endpoints.wait_until_running(NAME).await });
    let endpoint = while_time_passes(&sandbox, &clock, call, "the endpoint").await.unwrap();
    assert_eq!(endpoint.state(), &EndpointState::Running);
    assert!(lines(&sandbox).iter().filter(|line| line.contains("/health")).count() >= 2);
}

#[tokio::test]
async fn a_paused_endpoint_refuses_requests_until_it_is_resumed() {
    let (sandbox, clock, endpoints) = running(CHAT).await;
    let endpoint = endpoints.get(NAME).await.unwrap();
    assert_eq!(endpoints.pause(NAME).await.unwrap().state(), &EndpointState::Paused);
    let error = endpoint.driver().unwrap().generate("Hello".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Paused);
    let error = endpoints.wait_until_running(NAME).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Paused);
    assert!(error.to_string().contains("Endpoints::resume"), "{error}");
    assert_eq!(endpoints.resume(NAME).await.unwrap().state(), &EndpointState::Initializing);
    let call = tokio::spawn(async move { endpoints.wait_until_running(NAME).await });
    while_time_passes(&sandbox, &clock, call, "the endpoint").await.unwrap();
}

#[tokio::test]
async fn a_change_is_deployed_while_the_earlier_version_responds() {
    let (_sandbox, clock, endpoints) = running(EMBEDDINGS).await;
    let update = EndpointUpdate::new().with_max_replicas(2).with_instance("nvidia-t4", "x1");
    let endpoint = endpoints.update(NAME, &update).await.unwrap();
    assert_eq!((endpoint.state(), endpoint.max_replicas()), (&EndpointState::Updating, Some(2)));
    assert_eq!((endpoint.instance_type(), endpoint.accelerator()), (Some("nvidia-t4"), Some("gpu")));
    endpoint.tasks().unwrap().embed("Venus".into()).await.unwrap();
    clock.advance(Duration::from_secs(10));
    assert_eq!(endpoints.get(NAME).await.unwrap().state(), &EndpointState::Running);
}

#[tokio::test]
async fn the_tasks_of_an_endpoint_use_the_api_of_its_image() {
    for (image, api, path) in [
        (EndpointImage::huggingface(), TaskApi::Endpoint, "/"),
        (EndpointImage::new("tei").with_url("ghcr.io/huggingface/tei:1"), TaskApi::Tei, "/embed"),
        (EndpointImage::new("vLLM").with_url("vllm/vllm-openai:1"), TaskApi::OpenAi, "/v1/embeddings"),
    ] {
        let (sandbox, clock) = timed().await;
        let endpoints = at(&sandbox, &clock);
        endpoints.create(&spec(EMBEDDINGS).with_image(image)).await.unwrap();
        clock.advance(Duration::from_secs(60));
        let endpoint = endpoints.wait_until_running(NAME).await.unwrap();
        let tasks = endpoint.tasks().unwrap();
        assert_eq!(tasks.api(), api);
        let response = tasks.embed(["Venus", "Spring"].into()).await.unwrap();
        assert_eq!(response.embeddings().len(), 2);
        let sent = sandbox.requests().pop().unwrap();
        let expected = format!("/endpoints/sandbox/{NAME}{}", path.trim_end_matches('/'));
        assert_eq!(sent.path().trim_end_matches('/'), expected, "{api:?}");
        assert!(sent.has_token(botticelli_sandbox::Sandbox::TOKEN));
    }
}

#[tokio::test]
async fn logs_and_metrics_are_text() {
    let (sandbox, _clock, endpoints) = running(CHAT).await;
    let logs = endpoints.logs(NAME, 1).await.unwrap();
    assert!(logs.contains("[INFO] Ready") && logs.lines().count() == 1, "{logs}");
    assert!(endpoints.logs(NAME, 100).await.unwrap().lines().count() == 3);
    assert!(endpoints.metrics(NAME).await.unwrap().contains("running_replicas 1"));
    let paths = lines(&sandbox);
    assert!(paths.contains(&format!("GET /v2/endpoint/sandbox/{NAME}/logs?tail=1")), "{paths:?}");
    assert!(paths.contains(&format!("GET /v2/endpoint/sandbox/{NAME}/open-metrics")), "{paths:?}");
}
