//! Provider routes, through the router and direct.

use crate::common::{Response, exchange, get, hello_with, post, post_as, user_message, with_dialect};
use botticelli_sandbox::{Dialect, Fault, Sandbox};
use serde_json::{Value, json};

/// Chat providers with their path and their model id of `sandbox/everywhere`.
const PROVIDERS: [(&str, &str, &str); 14] = [
    ("baseten", "/v1/chat/completions", "everywhere"),
    ("cerebras", "/v1/chat/completions", "everywhere-4k"),
    ("cohere", "/compatibility/v1/chat/completions", "command-everywhere"),
    ("deepinfra", "/v1/openai/chat/completions", "sandbox/Everywhere-Deep"),
    ("featherless-ai", "/v1/chat/completions", "Sandbox/Everywhere-FP8"),
    ("fireworks-ai", "/inference/v1/chat/completions", "accounts/fireworks/models/everywhere"),
    ("groq", "/openai/v1/chat/completions", "everywhere-versatile"),
    ("novita", "/v3/openai/chat/completions", "sandbox/everywhere-novita"),
    ("nscale", "/v1/chat/completions", "sandbox/Everywhere-Nscale"),
    ("ovhcloud", "/v1/chat/completions", "Everywhere"),
    ("publicai", "/v1/chat/completions", "everywhere-public"),
    ("scaleway", "/v1/chat/completions", "everywhere-scw"),
    ("together", "/v1/chat/completions", "sandbox/Everywhere-Turbo"),
    ("zai-org", "/api/paas/v4/chat/completions", "everywhere-z"),
];

const OF_ZAI: &str = "accept-language: en-US,en\r\nx-source-channel: hugging_face\r\n";

fn hello(model: &str) -> String {
    hello_with(json!({ "model": model })).to_string()
}

/// Sends a call with the headers of zai-org, which other providers ignore.
async fn call(sandbox: &Sandbox, path: &str, token: &str, body: &str) -> Response {
    let request = post_as(path, Some(token), body).replacen("host:", &format!("{OF_ZAI}host:"), 1);
    exchange(sandbox, request).await
}

#[tokio::test]
async fn every_provider_serves_its_own_route_and_model_id() {
    let sandbox = Sandbox::start().await.unwrap();
    for (provider, path, name) in PROVIDERS {
        let path = format!("/{provider}{path}");
        let response = call(&sandbox, &path, Sandbox::TOKEN, &hello(name)).await;
        assert_eq!((response.status, &response.json()["model"]), (200, &json!(name)), "{path}");
        assert!(response.content().starts_with("This is the Botticelli sandbox"));
        let response = call(&sandbox, &path, Sandbox::TOKEN, &hello("sandbox/everywhere")).await;
        let error = format!("Model not supported by provider {provider}");
        assert_eq!((response.status, response.json()), (400, json!({ "error": error })), "{path}");
    }
}

#[tokio::test]
async fn every_provider_can_be_called_without_the_router() {
    let sandbox = Sandbox::start().await.unwrap();
    for (provider, path, name) in
        PROVIDERS.into_iter().chain([("openai", "/v1/chat/completions", "everywhere-2025-01-01")])
    {
        let url = format!("{}{path}", sandbox.provider_url(provider));
        let path = url.strip_prefix(sandbox.origin()).unwrap();
        let response = call(&sandbox, path, Sandbox::PROVIDER_KEY, &hello(name)).await;
        assert_eq!((response.status, response.header("x-inference-provider")), (200, None), "{path}");
        let response = call(&sandbox, path, Sandbox::TOKEN, &hello(name)).await;
        assert_eq!((response.status, &response.json()["error"]["code"]), (401, &json!("invalid_api_key")));
    }
    let response = call(&sandbox, "/groq/openai/v1/chat/completions", Sandbox::PROVIDER_KEY, "{}").await;
    assert_eq!(response.status, 401, "no provider's key opens the router");
}

#[tokio::test]
async fn together_and_cerebras_use_their_own_dialects() {
    let sandbox = Sandbox::start().await.unwrap();
    let together =
        call(&sandbox, "/together/v1/chat/completions", Sandbox::TOKEN, &hello("sandbox/Everywhere-Turbo"))
            .await;
    assert_eq!(together.choice()["finish_reason"], "eos");
    let cerebras =
        call(&sandbox, "/cerebras/v1/chat/completions", Sandbox::TOKEN, &hello("everywhere-4k")).await;
    assert!(cerebras.json()["time_info"].is_object());
}

#[tokio::test]
async fn zai_requires_its_headers() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = "/zai-org/api/paas/v4/chat/completions";
    assert_eq!(exchange(&sandbox, post(path, &hello("everywhere-z"))).await.status, 400);
}

#[tokio::test]
async fn unknown_provider_routes_are_404() {
    let sandbox = Sandbox::start().await.unwrap();
    for path in [
        "/openai/v1/chat/completions",
        "/groq/v1/chat/completions",
        "/fal-ai/v1/chat/completions",
        "/example/v1/chat/completions",
        "/direct/hf-inference/v1/chat/completions",
        "/groq",
    ] {
        assert_eq!(exchange(&sandbox, post(path, "{}")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn hf_inference_reads_the_model_from_the_path() {
    let path = |model: &str| format!("/hf-inference/models/{model}/v1/chat/completions");
    for (dialect, print) in [
        (Dialect::Router, "3.0.1-sha-sandbox"),
        (Dialect::Tgi3, "3.0.1-sha-sandbox"),
        (Dialect::Tgi2, "2.0.1-sha-sandbox"),
    ] {
        let sandbox = with_dialect(dialect).await;
        let messages = json!({ "messages": user_message("Hello") }).to_string();
        for body in [messages, hello("sandbox/everywhere")] {
            let response = exchange(&sandbox, post(&path("sandbox/everywhere"), &body)).await;
            assert_eq!((response.status, &response.json()["system_fingerprint"]), (200, &json!(print)));
        }
    }
    let sandbox = Sandbox::start().await.unwrap();
    for (model, status, says) in [
        ("gpt2", 422, "template_error"),
        ("no/such-model", 404, "Model no/such-model does not exist"),
        ("Qwen/Qwen3-32B", 400, "Model not supported by provider hf-inference"),
    ] {
        let response = exchange(&sandbox, post(&path(model), &hello(model))).await;
        assert_eq!(response.status, status);
        assert!(response.text().contains(says), "{}", response.text());
    }
}

#[tokio::test]
async fn each_provider_accepts_its_own_schema_format() {
    let sandbox = Sandbox::start().await.unwrap();
    let schema = json!({ "type": "object", "properties": { "a": { "type": "integer" } } });
    let forms = [
        json!({ "type": "json_schema", "json_schema": { "name": "n", "schema": schema } }),
        json!({ "type": "json_object", "schema": schema }),
        json!({ "type": "json_schema", "schema": schema }),
        json!({ "type": "json_object", "value": schema }),
    ];
    for (path, model, right) in [
        ("/groq/openai/v1/chat/completions", "everywhere-versatile", 0),
        ("/cohere/compatibility/v1/chat/completions", "command-everywhere", 1),
        ("/fireworks-ai/inference/v1/chat/completions", "accounts/fireworks/models/everywhere", 1),
        ("/together/v1/chat/completions", "sandbox/Everywhere-Turbo", 2),
        ("/hf-inference/models/sandbox/everywhere/v1/chat/completions", "sandbox/everywhere", 3),
    ] {
        for (place, form) in forms.iter().enumerate() {
            let body = hello_with(json!({ "model": model, "response_format": form })).to_string();
            let response = exchange(&sandbox, post(path, &body)).await;
            if place == right {
                assert_eq!(response.content(), r#"{"a":1}"#, "{path}: {form}");
            } else {
                let is_schema = response.status == 200 && response.content() == r#"{"a":1}"#;
                assert!(!is_schema, "{path}: {form}");
            }
        }
    }
    // A provider rejects an unknown schema format instead of ignoring it.
    for (path, model, form) in [
        ("/cohere/compatibility/v1/chat/completions", "command-everywhere", &forms[0]),
        ("/together/v1/chat/completions", "sandbox/Everywhere-Turbo", &forms[0]),
        ("/groq/openai/v1/chat/completions", "everywhere-versatile", &forms[1]),
    ] {
        let body = hello_with(json!({ "model": model, "response_format": form })).to_string();
        assert_eq!(exchange(&sandbox, post(path, &body)).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn faults_apply_to_provider_routes() {
    let sandbox =
        Sandbox::builder().with_turn(Fault::named("overloaded-429").unwrap()).start().await.unwrap();
    let response = exchange(&sandbox, post("/groq/openai/v1/chat/completions", &hello("x"))).await;
    assert_eq!(response.status, 429);
    let sandbox = Sandbox::start().await.unwrap();
    let path = "/groq/openai/v1/chat/completions";
    let response = exchange(&sandbox, post(path, &hello("fault/overloaded-429*1"))).await;
    assert_eq!(response.status, 429);
    let response = exchange(&sandbox, post(path, &hello("fault/overloaded-429*1"))).await;
    assert_eq!(response.status, 200);
}

async fn hub(path: &str) -> Response {
    let sandbox = Sandbox::start().await.unwrap();
    assert_eq!(sandbox.hub_url(), sandbox.origin());
    exchange(&sandbox, get(path)).await
}

#[tokio::test]
async fn the_hub_preserves_provider_order() {
    for expand in ["expand[]", "expand%5B%5D", "expand%5b%5d"] {
        let path = format!("/api/models/sandbox/everywhere?{expand}=inferenceProviderMapping");
        let response = hub(&path).await;
        assert_eq!(response.status, 200);
        let places: Vec<usize> = ["fal-ai", "novita", "together", "baseten", "zai-org"]
            .iter()
            .map(|name| response.text().find(&format!("\"{name}\":{{\"status\"")).unwrap())
            .collect();
        assert!(places.is_sorted(), "{places:?}");
        let mapping = &response.json()["inferenceProviderMapping"];
        let status = |name: &str| mapping[name]["status"].as_str().unwrap().to_owned();
        assert_eq!(
            (status("groq"), status("openai"), status("scaleway")),
            ("live".into(), "staging".into(), "error".into())
        );
        assert_eq!(mapping["fal-ai"]["task"], "text-to-image");
        assert_eq!(mapping["fal-ai"]["adapter"], "lora");
        for (provider, _, name) in PROVIDERS {
            assert_eq!(mapping[provider]["providerId"], name);
            assert_eq!(mapping[provider]["task"], "conversational");
            assert_eq!(mapping[provider]["isModelAuthor"], provider == "zai-org");
        }
    }
}

#[tokio::test]
async fn the_hub_returns_only_requested_fields() {
    let response = hub("/api/models/Qwen/Qwen3-32B").await.json();
    assert!(response.get("inferenceProviderMapping").is_none());
    assert_eq!(response["tags"], json!(["transformers", "conversational", "text-generation"]));
    let response = hub("/api/models/gpt2?expand[]=pipeline_tag&expand[]=tags").await.json();
    assert_eq!(response["pipeline_tag"], "text-generation");
    assert!(!response["tags"].as_array().unwrap().contains(&json!("conversational")));
    assert_eq!(hub("/api/models/gpt2?expand[]=inference").await.json()["inference"], "warm");
}

#[tokio::test]
async fn a_model_without_providers_has_a_null_or_missing_mapping() {
    let mapping = |response: &Response| response.json().get("inferenceProviderMapping").cloned();
    let path = |id: &str| format!("/api/models/{id}?expand[]=inferenceProviderMapping");
    assert_eq!(mapping(&hub(&path("example/unserved-model")).await), Some(Value::Null));
    assert_eq!(mapping(&hub(&path("example/unmapped-model")).await), None);
    let other = mapping(&hub(&path("sentence-transformers/all-MiniLM-L6-v2")).await).unwrap();
    assert_eq!(other["hf-inference"]["task"], "feature-extraction");
}

#[tokio::test]
async fn an_unknown_model_is_404_or_401_without_a_token() {
    let path = "/api/models/no/such-model?expand[]=inferenceProviderMapping";
    let sandbox = Sandbox::start().await.unwrap();
    let stranger = exchange(&sandbox, get(path)).await;
    let with =
        |token: &str| get(path).replacen("host:", &format!("authorization: Bearer {token}\r\nhost:"), 1);
    let known = exchange(&sandbox, with(Sandbox::TOKEN)).await;
    assert_eq!((stranger.status, known.status), (401, 404));
    assert_eq!(stranger.header("x-error-code"), Some("RepoNotFound"));
    assert_eq!(known.header("x-error-code"), Some("RepoNotFound"));
    let foreign = exchange(&sandbox, with(Sandbox::PROVIDER_KEY)).await;
    assert_eq!((foreign.status, foreign.header("x-error-code")), (401, None));
}

#[tokio::test]
async fn the_hub_list_has_mappings_as_lists() {
    let query = "expand[]=inferenceProviderMapping&search=SANDBOX/every&inference_provider=groq,cohere";
    let response = hub(&format!("/api/models?{query}")).await.json();
    assert_eq!(response.as_array().unwrap().len(), 1);
    let mapping = response[0]["inferenceProviderMapping"].as_array().unwrap();
    assert_eq!((&mapping[0]["provider"], &mapping[1]["provider"]), (&json!("fal-ai"), &json!("novita")));
    let response = hub("/api/models?inference_provider=zai-org&pipeline_tag=text-generation").await.json();
    assert_eq!(response, json!([]));
}

#[tokio::test]
async fn the_hub_list_is_paginated() {
    let first = hub("/api/models?limit=3&expand[]=tags").await;
    assert_eq!(first.json().as_array().unwrap().len(), 3);
    let next = first.header("link").unwrap();
    assert_eq!(next, "<http://sandbox/api/models?limit=3&expand%5B%5D=tags&cursor=3>; rel=\"next\"");
    let second = hub("/api/models?limit=3&expand%5B%5D=tags&cursor=3").await.json();
    assert_ne!(second[0]["id"], first.json()[0]["id"]);
    assert_eq!(hub("/api/models").await.header("link"), None);
}
