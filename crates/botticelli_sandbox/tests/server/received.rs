//! Records of requests, and secrets that they hide.

use crate::common::{CHAT, chat, exchange, get, hello, post_as};
use botticelli_sandbox::{ReceivedRequest, Sandbox};
use serde_json::Value;

async fn receive(request: impl AsRef<[u8]>) -> ReceivedRequest {
    let sandbox = Sandbox::start().await.unwrap();
    exchange(&sandbox, request).await;
    sandbox.requests().pop().unwrap()
}

#[tokio::test]
async fn requests_are_recorded_in_order_including_rejected_ones() {
    let sandbox = Sandbox::start().await.unwrap();
    exchange(&sandbox, get("/v1/models")).await;
    exchange(&sandbox, post_as(CHAT, Some("hf_wrong"), "{}")).await;
    exchange(&sandbox, get("/nowhere?with=query")).await;
    let seen: Vec<_> =
        sandbox.requests().iter().map(|request| format!("{} {}", request.method(), request.path())).collect();
    assert_eq!(seen, ["GET /v1/models", "POST /v1/chat/completions", "GET /nowhere?with=query"]);
}

#[tokio::test]
async fn the_body_is_recorded_as_json_and_as_text() {
    let request = receive(post_as(CHAT, None, &hello().to_string())).await;
    assert_eq!(*request.body(), hello());
    assert_eq!(request.text(), hello().to_string());
}

#[tokio::test]
async fn a_body_that_is_not_json_is_null_and_text() {
    let request = receive(post_as(CHAT, None, "{oops")).await;
    assert_eq!((request.body(), request.text()), (&Value::Null, "{oops"));
}

#[tokio::test]
async fn invalid_utf8_bytes_are_replaced() {
    let request = receive(b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n\xffa").await;
    assert_eq!(request.text(), "\u{fffd}a");
}

#[tokio::test]
async fn header_names_are_case_insensitive() {
    let request = receive("GET / HTTP/1.1\r\nUser-Agent: botticelli\r\n\r\n").await;
    assert_eq!(request.header("user-agent"), Some("botticelli"));
    assert_eq!(request.header("USER-AGENT"), Some("botticelli"));
    assert_eq!(request.header("accept"), None);
}

#[tokio::test]
async fn the_token_can_be_compared_but_not_read() {
    let request = receive(post_as(CHAT, Some("hf_very_secret"), "{}")).await;
    assert!(request.has_token("hf_very_secret"));
    assert!(!request.has_token("hf_very") && !request.has_token(""));
    assert_eq!(request.header("Authorization"), Some("Bearer ****"));
    assert!(!format!("{request:?} {request:#?}").contains("secret"));
}

#[tokio::test]
async fn secret_headers_are_masked() {
    let request = receive(
        "GET / HTTP/1.1\r\nCookie: a=secret\r\nX-Api-Key: secret\r\n\
         Proxy-Authorization: Basic secret\r\nAuthorization: secret\r\n\r\n",
    )
    .await;
    assert_eq!(request.header("cookie"), Some("****"));
    assert_eq!(request.header("x-api-key"), Some("****"));
    assert_eq!(request.header("proxy-authorization"), Some("Basic ****"));
    assert_eq!(request.header("authorization"), Some("****"));
    assert!(!format!("{request:?}").contains("secret"));
}

#[tokio::test]
async fn a_request_without_a_token_has_none() {
    let request = receive(get("/v1/models")).await;
    assert!(!request.has_token("") && !request.has_token(Sandbox::TOKEN));
}

#[tokio::test]
async fn remember_requests_false_records_nothing() {
    let sandbox = Sandbox::builder().remember_requests(false).start().await.unwrap();
    assert_eq!(chat(&sandbox, &hello()).await.status, 200);
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn neither_builder_nor_sandbox_prints_the_token() {
    let builder = Sandbox::builder().token("hf_very_secret");
    assert!(!format!("{builder:?}").contains("secret"));
    let sandbox = builder.start().await.unwrap();
    exchange(&sandbox, post_as(CHAT, Some("hf_very_secret"), "{}")).await;
    assert!(!format!("{sandbox:?}").contains("secret"));
}
