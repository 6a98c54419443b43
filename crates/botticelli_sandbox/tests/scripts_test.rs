//! Scripts go onto the wire as they stand.

mod common;

use botticelli_sandbox::{Sandbox, Script};
use common::{Answer, CHAT, Client, chat, exchange, get, hello, post_as, scripted};
use serde_json::{Value, json};

async fn played(script: Script) -> Answer {
    chat(&scripted([script]).await, &hello()).await
}

#[tokio::test]
async fn json_is_sent_with_its_length() {
    let answer = played(Script::json(418, json!({ "error": "teapot" }))).await;
    assert_eq!(
        String::from_utf8(answer.raw).unwrap(),
        "HTTP/1.1 418 Sandbox\r\ncontent-type: application/json\r\ncontent-length: 18\r\n\r\n\
         {\"error\":\"teapot\"}"
    );
}

#[tokio::test]
async fn json_text_is_sent_as_it_stands() {
    assert_eq!(played(Script::json(200, r#"{ "cut": "#)).await.text(), r#"{ "cut": "#);
    assert_eq!(played(Script::json(200, String::from("\"s\""))).await.json(), "s");
    assert_eq!(played(Script::json(200, &Value::Null)).await.text(), "null");
}

#[tokio::test]
async fn any_bytes_can_be_a_body() {
    let answer = played(Script::text(502, "text/html", [0xff, 0x00, 0xfe])).await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert_eq!(answer.body, [0xff, 0x00, 0xfe]);
}

#[tokio::test]
async fn an_event_stream_goes_out_in_one_piece() {
    let answer = played(Script::sse("data: 1\n\ndata: 2\n\n")).await;
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert_eq!(answer.chunks, ["data: 1\n\ndata: 2\n\n"]);
    assert!(answer.is_complete);
}

#[tokio::test]
async fn pieces_are_chunks_of_their_own() {
    let euro = "€".as_bytes();
    let script = Script::stream(200, "text/event-stream")
        .piece(&euro[..1])
        .piece(&euro[1..])
        .piece("")
        .pieces(["a", "b"]);
    let answer = played(script).await;
    assert_eq!(answer.chunks.len(), 4);
    assert_eq!(answer.text(), "€ab");
    assert!(answer.is_complete);
}

#[tokio::test]
async fn a_stream_without_pieces_is_empty_and_complete() {
    let answer = played(Script::stream(204, "text/plain")).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert!(answer.is_complete);
}

#[tokio::test]
async fn a_cut_ends_the_connection_and_not_the_answer() {
    let script = Script::stream(200, "text/event-stream").piece("data: 1\n\n").cut().piece("never");
    let answer = played(script).await;
    assert_eq!(answer.text(), "data: 1\n\n");
    assert!(!answer.is_complete);
}

#[tokio::test]
async fn a_whole_body_becomes_chunked_when_something_follows() {
    let answer = played(Script::json(200, "{").piece("}")).await;
    assert_eq!(answer.chunks, ["{", "}"]);
}

#[tokio::test]
async fn headers_are_added() {
    let script = Script::json(429, "{}").header("retry-after", "3").header("x-a", "1").header("x-a", "2");
    let answer = played(script).await;
    assert_eq!(answer.header("retry-after"), Some("3"));
    assert_eq!(answer.headers.iter().filter(|(name, _)| name == "x-a").count(), 2);
}

#[tokio::test]
async fn headers_of_the_script_win() {
    let script = Script::json(200, "{}").header("Content-Type", "text/html").header("content-length", "1");
    let answer = played(script).await;
    let raw = String::from_utf8(answer.raw).unwrap();
    assert_eq!(raw, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\ncontent-length: 1\r\n\r\n{");
}

#[tokio::test]
async fn a_script_may_close_the_connection_politely() {
    let sandbox = scripted([Script::json(200, "{}").header("connection", "close")]).await;
    assert_eq!(chat(&sandbox, &hello()).await.status, 200);
    let mut client = Client::connect(&sandbox).await;
    client.send(post_as(CHAT, None, "{}")).await;
    assert_eq!(client.answer().await.status, 200);
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn close_says_nothing_at_all() {
    let sandbox = scripted([Script::close()]).await;
    let mut client = Client::connect(&sandbox).await;
    client.send(post_as(CHAT, None, "{}")).await;
    assert_eq!(client.rest().await, b"");
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn scripts_take_turns_and_the_last_one_stays() {
    let sandbox = scripted([Script::json(500, "1"), Script::json(503, "2"), Script::json(200, "3")]).await;
    for expected in ["1", "2", "3", "3", "3"] {
        assert_eq!(chat(&sandbox, &hello()).await.text(), expected);
    }
}

#[tokio::test]
async fn scripts_do_not_look_at_the_call() {
    let sandbox = scripted([Script::json(200, "{}")]).await;
    let answer = exchange(&sandbox, post_as(CHAT, None, "not json")).await;
    assert_eq!((answer.status, answer.text()), (200, "{}"));
}

#[tokio::test]
async fn scripts_answer_chat_only() {
    let sandbox = scripted([Script::json(500, "{}")]).await;
    let answer = exchange(&sandbox, get("/v1/models")).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn an_end_that_repeats_goes_on_while_the_client_reads() {
    let sandbox = scripted([Script::stream(200, "text/plain").piece("start").repeat("ab")]).await;
    let mut client = Client::connect(&sandbox).await;
    client.send(post_as(CHAT, None, "{}")).await;
    client.receive_until(b"5\r\nstart\r\n").await;
    let many = client.receive(7 * 100_000).await;
    assert!(many.chunks(7).all(|chunk| chunk == b"2\r\nab\r\n"));
}

#[tokio::test]
async fn repeating_nothing_is_an_end() {
    let answer = played(Script::stream(200, "text/plain").piece("x").repeat("")).await;
    assert!(answer.is_complete);
}

#[tokio::test]
async fn several_sandboxes_do_not_know_each_other() {
    let scripted = scripted([Script::json(500, "{}")]).await;
    let plain = Sandbox::start().await.unwrap();
    assert_ne!(scripted.origin(), plain.origin());
    assert_eq!(chat(&scripted, &hello()).await.status, 500);
    assert_eq!(chat(&plain, &hello()).await.status, 200);
    assert_eq!((scripted.requests().len(), plain.requests().len()), (1, 1));
}
