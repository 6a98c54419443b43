//! HTTP/1.1 on bare bytes.

#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use botticelli_sandbox::{Sandbox, Script};
use common::{CHAT, Client, exchange, get, hello, hello_with, post, scripted};
use serde_json::json;

/// The same request with its body in chunks of this many bytes.
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
async fn a_connection_serves_one_request_after_the_other() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    let streamed = hello_with(json!({ "stream": true })).to_string();
    for body in [streamed, hello().to_string()] {
        client.send(post(CHAT, &body)).await;
        let answer = client.answer().await;
        assert!(answer.status == 200 && answer.is_complete);
        assert_eq!(answer.header("connection"), None);
    }
    client.send(get("/v1/models")).await;
    assert_eq!(client.answer().await.status, 200);
    assert_eq!(sandbox.open_connections(), 1);
}

#[tokio::test]
async fn requests_may_be_sent_ahead() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    let body = hello().to_string();
    client.send(format!("{}{}", post(CHAT, &body), get("/nowhere"))).await;
    assert_eq!(client.answer().await.status, 200);
    assert_eq!(client.answer().await.status, 404);
}

#[tokio::test]
async fn a_request_may_arrive_byte_by_byte() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    for byte in chunked(7) {
        client.send([byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test]
async fn a_body_may_come_in_chunks() {
    let sandbox = Sandbox::start().await.unwrap();
    for size in [1, 5, 1_000] {
        let mut client = Client::connect(&sandbox).await;
        for _ in 0..2 {
            client.send(chunked(size)).await;
            assert_eq!(client.answer().await.status, 200);
        }
    }
    assert!(sandbox.requests().iter().all(|request| *request.body() == hello()));
}

#[tokio::test]
async fn who_asks_first_is_told_to_go_on() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = post(CHAT, &hello().to_string());
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut client = Client::connect(&sandbox).await;
    client.send(format!("{head}\r\nexpect: 100-continue\r\n\r\n")).await;
    let go_on = client.receive_until(b"\r\n\r\n").await;
    assert_eq!(go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    client.send(body).await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test]
async fn a_body_above_the_limit_is_413() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    let large = "x".repeat(8 * 1024 * 1024 + 1);
    client.send(post(CHAT, &large)).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.text(), "Failed to buffer the request body: length limit exceeded");
    assert_eq!(client.rest().await, b"");
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_chunked_body_has_the_same_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    client.send("POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n").await;
    client.send("ffffffffff\r\n").await;
    assert_eq!(client.answer().await.status, 413);
}

#[tokio::test]
async fn a_body_at_the_limit_is_read() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = "x".repeat(8 * 1024 * 1024);
    assert_eq!(exchange(&sandbox, post(CHAT, &body)).await.status, 422);
}

#[tokio::test]
async fn what_is_not_http_is_refused_and_the_connection_closed() {
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
        let answer = client.answer().await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(client.rest().await, b"");
    }
}

#[tokio::test]
async fn a_client_that_says_close_is_closed() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    client.send("GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(client.rest().await, b"");
    sandbox.quiet().await;
}

#[tokio::test]
async fn http_1_0_gets_its_stream_without_chunks() {
    let sandbox = scripted([Script::stream(200, "text/event-stream").pieces(["one ", "two"])]).await;
    let request = post(CHAT, "{}").replace("HTTP/1.1", "HTTP/1.0");
    let answer = exchange(&sandbox, request).await;
    assert_eq!(answer.header("transfer-encoding"), None);
    assert_eq!(answer.text(), "one two");
}

#[tokio::test]
async fn an_answer_to_head_is_only_a_head() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    client.send("HEAD /v1/models HTTP/1.1\r\n\r\n").await;
    client.receive_until(b"\r\n\r\n").await;
    client.send(get("/nowhere")).await;
    assert_eq!(client.answer().await.status, 404);
}
