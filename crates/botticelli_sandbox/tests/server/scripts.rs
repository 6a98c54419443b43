//! Scripts reach the client verbatim.

use crate::common::{CHAT, Client, Response, chat, exchange, get, hello, post_as, with_scripts};
use botticelli_sandbox::{Sandbox, Script};
use serde_json::{Value, json};

async fn respond_with(script: Script) -> Response {
    chat(&with_scripts([script]).await, &hello()).await
}

#[tokio::test]
async fn json_is_sent_with_its_length() {
    let response = respond_with(Script::json(418, json!({ "error": "teapot" }))).await;
    assert_eq!(
        String::from_utf8(response.raw).unwrap(),
        "HTTP/1.1 418 Sandbox\r\ncontent-type: application/json\r\ncontent-length: 18\r\n\r\n\
         {\"error\":\"teapot\"}"
    );
}

#[tokio::test]
async fn json_text_is_sent_verbatim() {
    assert_eq!(respond_with(Script::json(200, r#"{ "cut": "#)).await.text(), r#"{ "cut": "#);
    assert_eq!(respond_with(Script::json(200, String::from("\"s\""))).await.json(), "s");
    assert_eq!(respond_with(Script::json(200, &Value::Null)).await.text(), "null");
}

#[tokio::test]
async fn any_bytes_can_be_a_body() {
    let response = respond_with(Script::text(502, "text/html", [0xff, 0x00, 0xfe])).await;
    assert_eq!(response.status, 502);
    assert_eq!(response.header("content-type"), Some("text/html"));
    assert_eq!(response.body, [0xff, 0x00, 0xfe]);
}

#[tokio::test]
async fn sse_sends_the_stream_in_one_chunk() {
    let response = respond_with(Script::sse("data: 1\n\ndata: 2\n\n")).await;
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    assert_eq!(response.chunks, ["data: 1\n\ndata: 2\n\n"]);
    assert!(response.is_complete);
}

#[tokio::test]
async fn every_piece_is_a_separate_chunk() {
    let euro = "€".as_bytes();
    let script = Script::stream(200, "text/event-stream")
        .piece(&euro[..1])
        .piece(&euro[1..])
        .piece("")
        .pieces(["a", "b"]);
    let response = respond_with(script).await;
    assert_eq!(response.chunks.len(), 4);
    assert_eq!(response.text(), "€ab");
    assert!(response.is_complete);
}

#[tokio::test]
async fn a_stream_without_pieces_is_empty_and_complete() {
    let response = respond_with(Script::stream(204, "text/plain")).await;
    assert_eq!((response.status, response.text()), (204, ""));
    assert!(response.is_complete);
}

#[tokio::test]
async fn cut_closes_the_connection_without_completing_the_response() {
    let script = Script::stream(200, "text/event-stream").piece("data: 1\n\n").cut().piece("never");
    let response = respond_with(script).await;
    assert_eq!(response.text(), "data: 1\n\n");
    assert!(!response.is_complete);
}

#[tokio::test]
async fn a_complete_body_becomes_chunked_when_a_piece_follows() {
    let response = respond_with(Script::json(200, "{").piece("}")).await;
    assert_eq!(response.chunks, ["{", "}"]);
}

#[tokio::test]
async fn headers_are_added() {
    let script = Script::json(429, "{}").header("retry-after", "3").header("x-a", "1").header("x-a", "2");
    let response = respond_with(script).await;
    assert_eq!(response.header("retry-after"), Some("3"));
    assert_eq!(response.headers.iter().filter(|(name, _)| name == "x-a").count(), 2);
}

#[tokio::test]
async fn script_headers_replace_default_headers() {
    let script = Script::json(200, "{}").header("Content-Type", "text/html").header("content-length", "1");
    let response = respond_with(script).await;
    let raw = String::from_utf8(response.raw).unwrap();
    assert_eq!(raw, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\ncontent-length: 1\r\n\r\n{");
}

#[tokio::test]
async fn a_connection_close_header_closes_the_connection() {
    let sandbox = with_scripts([Script::json(200, "{}").header("connection", "close")]).await;
    assert_eq!(chat(&sandbox, &hello()).await.status, 200);
    let mut client = Client::connect(&sandbox).await;
    client.send(post_as(CHAT, None, "{}")).await;
    assert_eq!(client.response().await.status, 200);
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn close_sends_no_bytes() {
    let sandbox = with_scripts([Script::close()]).await;
    let mut client = Client::connect(&sandbox).await;
    client.send(post_as(CHAT, None, "{}")).await;
    assert_eq!(client.rest().await, b"");
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn scripts_are_used_in_order_and_the_last_one_repeats() {
    let sandbox =
        with_scripts([Script::json(500, "1"), Script::json(503, "2"), Script::json(200, "3")]).await;
    for expected in ["1", "2", "3", "3", "3"] {
        assert_eq!(chat(&sandbox, &hello()).await.text(), expected);
    }
}

#[tokio::test]
async fn scripts_ignore_the_request() {
    let sandbox = with_scripts([Script::json(200, "{}")]).await;
    let response = exchange(&sandbox, post_as(CHAT, None, "not json")).await;
    assert_eq!((response.status, response.text()), (200, "{}"));
}

#[tokio::test]
async fn scripts_apply_to_chat_only() {
    let sandbox = with_scripts([Script::json(500, "{}")]).await;
    let response = exchange(&sandbox, get("/v1/models")).await;
    assert_eq!(response.status, 200);
}

#[tokio::test]
async fn repeat_sends_chunks_while_the_client_reads() {
    let sandbox = with_scripts([Script::stream(200, "text/plain").piece("start").repeat("ab")]).await;
    let mut client = Client::connect(&sandbox).await;
    client.send(post_as(CHAT, None, "{}")).await;
    client.receive_until(b"5\r\nstart\r\n").await;
    let many = client.receive(7 * 100_000).await;
    assert!(many.chunks(7).all(|chunk| chunk == b"2\r\nab\r\n"));
}

#[tokio::test]
async fn repeating_an_empty_chunk_ends_the_response() {
    let response = respond_with(Script::stream(200, "text/plain").piece("x").repeat("")).await;
    assert!(response.is_complete);
}

#[tokio::test]
async fn several_sandboxes_are_independent() {
    let with_scripts = with_scripts([Script::json(500, "{}")]).await;
    let plain = Sandbox::start().await.unwrap();
    assert_ne!(with_scripts.origin(), plain.origin());
    assert_eq!(chat(&with_scripts, &hello()).await.status, 500);
    assert_eq!(chat(&plain, &hello()).await.status, 200);
    assert_eq!((with_scripts.requests().len(), plain.requests().len()), (1, 1));
}
