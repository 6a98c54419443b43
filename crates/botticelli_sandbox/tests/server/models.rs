//! Model list and provider selection.

use crate::common::{chat, exchange, get, hello_with, post};
use botticelli_sandbox::Sandbox;
use serde_json::{Value, json};

async fn models() -> Vec<Value> {
    let sandbox = Sandbox::start().await.unwrap();
    let response = exchange(&sandbox, get("/v1/models")).await;
    assert_eq!(response.status, 200);
    assert!(response.text().starts_with(r#"{"object":"list","data":[{"id":"#));
    response.json()["data"].as_array().unwrap().clone()
}

async fn provider_of(model: &str) -> String {
    let sandbox = Sandbox::start().await.unwrap();
    let response = chat(&sandbox, &hello_with(json!({ "model": model }))).await;
    assert_eq!(response.status, 200, "{}", response.text());
    response.header("x-inference-provider").unwrap().to_owned()
}

#[tokio::test]
async fn model_list_needs_no_token_and_has_all_required_fields() {
    for model in models().await {
        assert!(model["id"].as_str().unwrap().contains('/'));
        assert_eq!(model["object"], "model");
        assert!(model["created"].is_u64() && model["owned_by"].is_string());
        assert!(model["architecture"]["input_modalities"].is_array());
        for provider in model["providers"].as_array().unwrap() {
            assert!(provider["provider"].is_string() && provider["status"].is_string());
            assert!(provider["is_model_author"].is_boolean());
            assert!(!provider.as_object().unwrap().values().any(Value::is_null));
        }
    }
}

#[tokio::test]
async fn optional_fields_are_missing_as_in_the_real_list() {
    let providers: Vec<Value> =
        models().await.iter().flat_map(|model| model["providers"].as_array().unwrap().clone()).collect();
    let has = |test: fn(&Value) -> bool| providers.iter().any(test);
    assert!(has(|provider| provider.get("pricing").is_none()));
    assert!(has(|provider| provider.get("context_length").is_none()));
    assert!(has(|provider| provider.get("supports_tools").is_none()));
    assert!(has(|provider| provider["first_token_latency_ms"].is_u64()));
    assert!(has(|provider| provider["first_token_latency_ms"].is_f64()));
    assert!(has(|provider| provider["is_free"] == true));
    assert!(has(|provider| provider["throughput"].is_f64()));
    assert!(has(|provider| provider.get("throughput").is_none()));
    assert!(has(|provider| provider["is_model_author"] == true));
    for status in ["live", "error", "staging"] {
        assert!(providers.iter().any(|provider| provider["status"] == status), "{status}");
    }
    for flag in ["supports_tools", "supports_structured_output"] {
        assert!(providers.iter().any(|provider| provider[flag] == true), "{flag}");
        assert!(providers.iter().any(|provider| provider[flag] == false), "{flag}");
    }
}

#[tokio::test]
async fn a_single_model_has_the_same_entry_as_in_the_list() {
    let sandbox = Sandbox::start().await.unwrap();
    for model in models().await {
        let path = format!("/v1/models/{}", model["id"].as_str().unwrap());
        let response = exchange(&sandbox, get(&path)).await;
        assert_eq!((response.status, response.json()), (200, model));
    }
}

#[tokio::test]
async fn an_unknown_model_returns_404() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = exchange(&sandbox, get("/v1/models/no/such-model")).await;
    assert_eq!(response.status, 404);
    assert_eq!(response.json(), json!({ "error": "Model no/such-model does not exist" }));
}

#[tokio::test]
async fn the_small_model_is_free() {
    let all = models().await;
    let small = all.iter().find(|model| model["id"] == "microsoft/DialoGPT-small").unwrap();
    assert_eq!(small["providers"][0]["provider"], "hf-inference");
    assert_eq!(small["providers"][0]["is_free"], true);
}

#[tokio::test]
async fn posting_to_the_model_list_is_not_allowed() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = exchange(&sandbox, post("/v1/models", "{}")).await;
    assert_eq!((response.status, response.header("allow")), (405, Some("GET")));
}

#[tokio::test]
async fn without_a_suffix_the_fastest_provider_serves() {
    assert_eq!(provider_of("openai/gpt-oss-20b").await, "groq");
    assert_eq!(provider_of("openai/gpt-oss-20b:fastest").await, "groq");
    assert_eq!(provider_of("openai/gpt-oss-120b:fastest").await, "cerebras");
}

#[tokio::test]
async fn the_cheapest_provider_has_the_lowest_output_price() {
    assert_eq!(provider_of("openai/gpt-oss-20b:cheapest").await, "fireworks-ai");
    // novita is cheaper, but its health check failed.
    assert_eq!(provider_of("openai/gpt-oss-120b:cheapest").await, "groq");
}

#[tokio::test]
async fn the_preferred_provider_is_the_first_in_the_list() {
    assert_eq!(provider_of("openai/gpt-oss-20b:preferred").await, "together");
}

#[tokio::test]
async fn a_suffix_selects_a_provider_by_name() {
    for provider in ["together", "groq", "fireworks-ai", "hf-inference"] {
        let model = format!("openai/gpt-oss-20b:{provider}");
        assert_eq!(provider_of(&model).await, provider);
    }
    assert_eq!(provider_of("openai/gpt-oss-120b:novita").await, "novita");
}

#[tokio::test]
async fn the_response_contains_the_model_id_of_the_provider() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = hello_with(json!({ "model": "openai/gpt-oss-20b:fireworks-ai" }));
    assert_eq!(chat(&sandbox, &request).await.json()["model"], "accounts/fireworks/models/gpt-oss-20b");
}

#[tokio::test]
async fn context_lengths_of_one_model_differ_by_a_factor_of_sixteen() {
    let all = models().await;
    let everywhere = all.iter().find(|model| model["id"] == "sandbox/everywhere").unwrap();
    let lengths = everywhere["providers"].as_array().unwrap().iter();
    let lengths: Vec<u64> = lengths.filter_map(|provider| provider["context_length"].as_u64()).collect();
    assert_eq!(lengths.iter().max().unwrap() / lengths.iter().min().unwrap(), 16);
}

#[tokio::test]
async fn models_with_special_behavior_are_in_the_list() {
    let all = models().await;
    let modalities = |id: &str| {
        let model = all.iter().find(|model| model["id"] == id).unwrap();
        model["architecture"]["input_modalities"].clone()
    };
    for id in [
        "sandbox/forgetful",
        "sandbox/stubborn",
        "sandbox/refusing",
        "sandbox/filtered",
        "sandbox/thinks-in-reasoning-content",
        "sandbox/thinks-in-reasoning",
        "sandbox/thinks-in-tags",
    ] {
        assert_eq!(modalities(id), json!(["text"]), "{id}");
    }
    assert_eq!(modalities("sandbox/everywhere"), json!(["text", "image"]));
    assert_eq!(modalities("sandbox/omni"), json!(["text", "image", "audio", "file"]));
}
