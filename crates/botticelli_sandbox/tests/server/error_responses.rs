//! Error responses of the router for tokens, models and routes.

use crate::common::{CHAT, Response, chat, exchange, get, hello, hello_with, post, post_as};
use botticelli_sandbox::Sandbox;
use serde_json::{Value, json};

async fn respond(fields: Value) -> Response {
    chat(&Sandbox::start().await.unwrap(), &hello_with(fields)).await
}

async fn with_token(sandbox: &Sandbox, token: Option<&str>) -> Response {
    exchange(sandbox, post_as(CHAT, token, &hello().to_string())).await
}

fn model_error(message: &str, code: &str) -> Value {
    json!({ "error": {
        "message": message, "type": "invalid_request_error", "param": "model", "code": code,
    } })
}

#[tokio::test]
async fn a_missing_or_wrong_token_is_401() {
    let sandbox = Sandbox::start().await.unwrap();
    for token in [None, Some("hf_wrong"), Some("")] {
        let response = with_token(&sandbox, token).await;
        assert_eq!(response.status, 401);
        assert_eq!(response.text(), r#"{"error":"Invalid username or password."}"#);
    }
}

#[tokio::test]
async fn a_scheme_other_than_bearer_is_401() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = post(CHAT, &hello().to_string()).replace("Bearer", "Basic");
    assert_eq!(exchange(&sandbox, request).await.status, 401);
}

#[tokio::test]
async fn the_accepted_token_can_be_configured() {
    let sandbox = Sandbox::builder().with_token("hf_other").start().await.unwrap();
    assert_eq!(with_token(&sandbox, Some("hf_other")).await.status, 200);
    assert_eq!(with_token(&sandbox, Some(Sandbox::TOKEN)).await.status, 401);
}

#[tokio::test]
async fn an_open_sandbox_still_rejects_a_wrong_token() {
    let sandbox = Sandbox::builder().with_token_required(false).start().await.unwrap();
    assert_eq!(with_token(&sandbox, None).await.status, 200);
    assert_eq!(with_token(&sandbox, Some(Sandbox::TOKEN)).await.status, 200);
    assert_eq!(with_token(&sandbox, Some("hf_wrong")).await.status, 401);
}

#[tokio::test]
async fn a_token_without_permission_is_403() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = with_token(&sandbox, Some(Sandbox::TOKEN_WITHOUT_PERMISSION)).await;
    assert_eq!(response.status, 403);
    assert_eq!(
        response.json(),
        json!({ "error": "This authentication method does not have sufficient permissions to \
                          call Inference Providers on behalf of user sandbox" })
    );
}

#[tokio::test]
async fn a_token_without_credits_is_402() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = with_token(&sandbox, Some(Sandbox::TOKEN_WITHOUT_CREDITS)).await;
    assert_eq!(response.status, 402);
    assert_eq!(
        response.json(),
        json!({ "error": "You have depleted your monthly included credits. Purchase pre-paid \
                          credits to continue using Inference Providers. Alternatively, \
                          subscribe to PRO to get 20x more included credits." })
    );
}

#[tokio::test]
async fn an_error_response_has_a_request_id() {
    let response = respond(json!({ "model": "gpt2" })).await;
    assert!(response.header("x-request-id").is_some());
}

#[tokio::test]
async fn a_base_model_is_not_a_chat_model() {
    for model in
        ["gpt2", "openai-community/gpt2", "google/gemma-2b", "sentence-transformers/all-MiniLM-L6-v2"]
    {
        let response = respond(json!({ "model": model })).await;
        assert_eq!(response.status, 400);
        let message = format!("The requested model '{model}' is not a chat model.");
        assert_eq!(response.json(), model_error(&message, "model_not_supported"));
    }
}

#[tokio::test]
async fn a_model_without_providers_is_not_supported() {
    let response = respond(json!({ "model": "example/unserved-model" })).await;
    assert_eq!(response.status, 400);
    let message = "The requested model 'example/unserved-model' is not supported by any provider \
                   you have enabled.";
    assert_eq!(response.json(), model_error(message, "model_not_supported"));
}

#[tokio::test]
async fn an_unknown_model_does_not_exist() {
    let response = respond(json!({ "model": "no/such-model" })).await;
    assert_eq!(response.status, 400);
    let message = "The requested model 'no/such-model' does not exist.";
    assert_eq!(response.json(), model_error(message, "model_not_found"));
}

#[tokio::test]
async fn a_provider_that_does_not_serve_the_model_says_so() {
    for provider in ["cerebras", "no-such-provider", "slowest", ""] {
        let model = format!("openai/gpt-oss-20b:{provider}");
        let response = respond(json!({ "model": model })).await;
        let error = format!("Model not supported by provider {provider}");
        assert_eq!((response.status, response.json()), (400, json!({ "error": error })));
    }
}

#[tokio::test]
async fn a_call_without_a_model_is_400() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = exchange(&sandbox, post(CHAT, r#"{"messages":[]}"#)).await;
    assert_eq!(response.status, 400);
    assert_eq!(
        response.text(),
        r#"{"error":{"message":"you must provide a model parameter","type":"invalid_request_error","param":null,"code":null}}"#
    );
}

#[tokio::test]
async fn a_content_type_other_than_json_is_415() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = post(CHAT, &hello().to_string());
    let wrong = request.replace("application/json", "application/x-www-form-urlencoded");
    assert_eq!(exchange(&sandbox, wrong).await.status, 415);
    let right = request.replace("application/json", "application/json; charset=utf-8");
    assert_eq!(exchange(&sandbox, right).await.status, 200);
}

#[tokio::test]
async fn other_paths_have_no_route() {
    let sandbox = Sandbox::start().await.unwrap();
    for path in ["/", "/generate", "/v1", "/v1/embedding", "/chat/completions", "/v1/modelsx"] {
        let response = exchange(&sandbox, post(path, "{}")).await;
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.text(), r#"{"message":"no Route matched with those values"}"#);
    }
}

#[tokio::test]
async fn the_chat_route_accepts_only_post() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = exchange(&sandbox, get(CHAT)).await;
    assert_eq!((response.status, response.header("allow")), (405, Some("POST")));
}

#[tokio::test]
async fn a_query_does_not_change_the_route() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = exchange(&sandbox, post("/v1/chat/completions?a=b", &hello().to_string())).await;
    assert_eq!(response.status, 200);
}
