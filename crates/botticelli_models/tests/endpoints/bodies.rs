//! The bodies that are sent, compared with the reference of the service.

use crate::support::{CHAT, EMBEDDINGS, NAME, client, running, spec};
use botticelli_models::huggingface::{EndpointAccess, EndpointImage, EndpointSpec, EndpointUpdate};
use botticelli_sandbox::Sandbox;
use serde_json::{Value, json};

async fn created(spec: &EndpointSpec) -> Value {
    let sandbox = Sandbox::start().await.unwrap();
    client(&sandbox).create(spec).await.unwrap();
    let sent = sandbox.requests().into_iter().find(|request| request.method() == "POST").unwrap();
    assert_eq!(sent.path(), "/v2/endpoint/sandbox");
    assert_eq!(sent.header("content-type"), Some("application/json"));
    sent.body().clone()
}

#[tokio::test]
async fn an_endpoint_with_the_defaults() {
    let expected = json!({
        "name": NAME,
        "type": "protected",
        "provider": { "vendor": "aws", "region": "us-east-1" },
        "compute": {
            "accelerator": "cpu",
            "instanceType": "intel-icl",
            "instanceSize": "x1",
            "scaling": { "minReplica": 0, "maxReplica": 1, "scaleToZeroTimeout": 15 },
        },
        "model": {
            "repository": EMBEDDINGS,
            "framework": "pytorch",
            "image": { "huggingface": {} },
        },
    });
    assert_eq!(created(&spec(EMBEDDINGS)).await, expected);
}

#[tokio::test]
async fn an_endpoint_with_every_setting() {
    let image = EndpointImage::new("custom")
        .with_url("registry.example.org/server:1")
        .with_port(8000)
        .with_health_route("/ready")
        .with_credentials("me", "password-of-the-registry")
        .with_option("command", json!(["serve"]));
    let spec = spec(CHAT)
        .with_revision("v1")
        .with_task("text-generation")
        .with_framework("custom")
        .with_region("gcp", "us-east4")
        .with_instance("nvidia-h100", "x1")
        .with_accelerator("gpu")
        .with_replicas(1, 3)
        .with_scale_to_zero_minutes(None)
        .with_access(EndpointAccess::Public)
        .with_image(image)
        .with_variable("MAX_INPUT", "4096")
        .with_secret("HF_TOKEN", "hf_of_the_container")
        .with_tag("team-a")
        .with_extra("cacheHttpResponses", true);
    let expected = json!({
        "name": NAME,
        "type": "public",
        "provider": { "vendor": "gcp", "region": "us-east4" },
        "compute": {
            "accelerator": "gpu",
            "instanceType": "nvidia-h100",
            "instanceSize": "x1",
            "scaling": { "minReplica": 1, "maxReplica": 3, "scaleToZeroTimeout": null },
        },
        "model": {
            "repository": CHAT,
            "revision": "v1",
            "task": "text-generation",
            "framework": "custom",
            "image": {
                "custom": {
                    "url": "registry.example.org/server:1",
                    "port": 8000,
                    "healthRoute": "/ready",
                    "credentials": { "username": "me", "password": "password-of-the-registry" },
                    "command": ["serve"],
                },
            },
            "env": { "MAX_INPUT": "4096" },
            "secrets": { "HF_TOKEN": "hf_of_the_container" },
        },
        "tags": ["team-a"],
        "cacheHttpResponses": true,
    });
    assert_eq!(created(&spec).await, expected);
}

#[tokio::test]
async fn a_change_holds_only_what_changes() {
    let cases = [
        (
            EndpointUpdate::new().with_min_replicas(1).with_max_replicas(2),
            json!({ "compute": { "scaling": { "minReplica": 1, "maxReplica": 2 } } }),
        ),
        (
            EndpointUpdate::new().with_scale_to_zero_minutes(None),
            json!({ "compute": { "scaling": { "scaleToZeroTimeout": null } } }),
        ),
        (
            EndpointUpdate::new().with_instance("nvidia-l4", "x1").with_accelerator("gpu"),
            json!({ "compute": { "accelerator": "gpu", "instanceType": "nvidia-l4", "instanceSize": "x1" } }),
        ),
        (
            EndpointUpdate::new()
                .with_repository(CHAT)
                .with_revision("v3")
                .with_task("text-generation")
                .with_framework("llamacpp"),
            json!({
                "model": {
                    "repository": CHAT, "revision": "v3", "task": "text-generation", "framework": "llamacpp",
                },
            }),
        ),
        (
            EndpointUpdate::new()
                .with_access(EndpointAccess::Authenticated)
                .with_image(EndpointImage::new("tgi").with_url("ghcr.io/huggingface/tgi:3"))
                .with_variable("A", "1")
                .with_secret("B", "2"),
            json!({
                "type": "authenticated",
                "model": {
                    "image": { "tgi": { "url": "ghcr.io/huggingface/tgi:3" } },
                    "env": { "A": "1" },
                    "secrets": { "B": "2" },
                },
            }),
        ),
    ];
    let (sandbox, _clock, endpoints) = running(EMBEDDINGS).await;
    for (update, expected) in cases {
        // The replicas of an earlier change must allow the next one.
        endpoints.update(NAME, &update).await.unwrap();
        let sent = sandbox.requests().pop().unwrap();
        assert_eq!((sent.method(), sent.path()), ("PUT", &*format!("/v2/endpoint/sandbox/{NAME}")));
        assert_eq!(sent.body(), &expected);
    }
}
