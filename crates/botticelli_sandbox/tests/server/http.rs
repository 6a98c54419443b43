//! HTTP/1.1 at byte level.

use crate::common::{CHAT, Client, exchange, get, hello, hello_with, post, with_scripts};
use botticelli_sandbox::{Sandbox, Script};
use serde_json::json;

/// Returns the request with its body in chunks of this size.
fn chunked(size: usize) -> Vec<u8> {
    let request = post(CHAT, &hello().to_string());
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let length = format!("content-length: {}", body.len());
    let mut bytes = head.replace(&length, "transfer-encoding: chunked").into_bytes();
    bytes.extend(b"\r\n\r\n");
    for part in body.as_bytes().chunks(size) {
        bytes.extend(format!("{:X};name=value\r\n", part.len()).bytes());
        bytes.extend(part);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\ntrailer: ignored\r\nanother: one\r\n\r\n");
    bytes
}

#[tokio::test]
async fn a_connection_serves_several_requests_in_sequence() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    let streamed = hello_with(json!({ "stream": true })).to_string();
    for body in [streamed, hello().to_string()] {
        client.send(post(CHAT, &body)).await;
        let response = client.response().await;
        assert!(response.status == 200 && response.is_complete);
        assert_eq!(response.header("connection"), None);
    }
    client.send(get("/v1/models")).await;
    assert_eq!(client.response().await.status, 200);
    assert_eq!(sandbox.open_connections(), 1);
}

#[tokio::test]
async fn requests_can_be_pipelined() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    let body = hello().to_string();
    client.send(format!("{}{}", post(CHAT, &body), get("/nowhere"))).await;
    assert_eq!(client.response().await.status, 200);
    assert_eq!(client.response().await.status, 404);
}

#[tokio::test]
async fn a_request_can_arrive_byte_by_byte() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    for byte in chunked(7) {
        client.send([byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.response().await.status, 200);
}

#[tokio::test]
async fn a_body_can_be_chunked() {
    let sandbox = Sandbox::start().await.unwrap();
    for size in [1, 5, 1_000] {
        let mut client = Client::connect(&sandbox).await;
        for _ in 0..2 {
            client.send(chunked(size)).await;
            assert_eq!(client.response().await.status, 200);
        }
    }
    assert!(sandbox.requests().iter().all(|request| *request.body() == hello()));
}

#[tokio::test]
async fn expect_100_continue_gets_100_continue() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = post(CHAT, &hello().to_string());
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut client = Client::connect(&sandbox).await;
    client.send(format!("{head}\r\nexpect: 100-continue\r\n\r\n")).await;
    let interim = client.receive_until(b"\r\n\r\n").await;
    assert_eq!(interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    client.send(body).await;
    assert_eq!(client.response().await.status, 200);
}

#[tokio::test]
async fn a_body_above_the_limit_is_413() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    let large = "x".repeat(8 * 1024 * 1024 + 1);
    client.send(post(CHAT, &large)).await;
    let response = client.response().await;
    assert_eq!(response.status, 413);
    assert_eq!(response.text(), "Failed to buffer the request body: length limit exceeded");
    assert_eq!(client.rest().await, b"");
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_chunked_body_has_the_same_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    client.send("POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n").await;
    client.send("ffffffffff\r\n").await;
    assert_eq!(client.response().await.status, 413);
}

#[tokio::test]
async fn a_body_at_the_limit_is_accepted() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = "x".repeat(8 * 1024 * 1024);
    assert_eq!(exchange(&sandbox, post(CHAT, &body)).await.status, 422);
}

#[tokio::test]
async fn malformed_requests_are_rejected_and_the_connection_closed() {
    let sandbox = Sandbox::start().await.unwrap();
    for (request, status) in [
        ("hello there, sandbox\r\n\r\n".to_owned(), 400),
        (format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(70_000)), 431),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(101)), 431),
        ("POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\ncontent-length: +1\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n".to_owned(), 501),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n".to_owned(), 400),
    ] {
        let mut client = Client::connect(&sandbox).await;
        client.send(request).await;
        let response = client.response().await;
        assert_eq!(response.status, status, "{}", response.text());
        assert_eq!(response.header("connection"), Some("close"));
        assert_eq!(client.rest().await, b"");
    }
}

#[tokio::test]
async fn a_connection_close_request_closes_the_connection() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    client.send("GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!(response.header("connection"), Some("close"));
    assert_eq!(client.rest().await, b"");
    sandbox.quiet().await;
}

#[tokio::test]
async fn http_1_0_streams_are_not_chunked() {
    let sandbox = with_scripts([Script::stream(200, "text/event-stream").pieces(["one ", "two"])]).await;
    let request = post(CHAT, "{}").replace("HTTP/1.1", "HTTP/1.0");
    let response = exchange(&sandbox, request).await;
    assert_eq!(response.header("transfer-encoding"), None);
    assert_eq!(response.text(), "one two");
}

#[tokio::test]
async fn a_response_to_head_has_no_body() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    client.send("HEAD /v1/models HTTP/1.1\r\n\r\n").await;
    client.receive_until(b"\r\n\r\n").await;
    client.send(get("/nowhere")).await;
    assert_eq!(client.response().await.status, 404);
}
