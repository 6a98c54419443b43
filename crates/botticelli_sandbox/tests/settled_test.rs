//! When nothing is under way.

#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::time::Duration;

use botticelli_sandbox::{Fault, Sandbox, Script};
use common::{CHAT, Client, hello, post, scripted, within};

async fn calling(sandbox: &Sandbox) -> Client {
    let mut client = Client::connect(sandbox).await;
    client.send(post(CHAT, &hello().to_string())).await;
    client
}

#[tokio::test]
async fn a_sandbox_that_nobody_called_is_settled() {
    let sandbox = Sandbox::start().await.unwrap();
    assert!(sandbox.is_settled());
    within(sandbox.settled()).await;
}

#[tokio::test]
async fn an_idle_connection_is_settled() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = calling(&sandbox).await;
    assert_eq!(client.answer().await.status, 200);
    within(sandbox.settled()).await;
    assert_eq!(sandbox.open_connections(), 1);
    drop(client);
    within(sandbox.quiet()).await;
    assert!(sandbox.is_settled());
}

#[tokio::test]
async fn a_silent_connection_is_settled() {
    for fault in ["never-answers", "silence-after-head", "silence-after-events", "silence-after-done"] {
        let sandbox = Sandbox::builder().on_chat(Fault::named(fault).unwrap()).start().await.unwrap();
        let _client = calling(&sandbox).await;
        within(sandbox.received(1)).await;
        within(sandbox.settled()).await;
        assert_eq!(sandbox.open_connections(), 1, "{fault}");
    }
}

#[tokio::test]
async fn half_a_request_is_under_way() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = post(CHAT, &hello().to_string());
    let (half, rest) = request.split_at(request.len() / 2);
    let mut client = Client::connect(&sandbox).await;
    client.send(half).await;
    while sandbox.is_settled() {
        tokio::task::yield_now().await;
    }
    client.send(rest).await;
    client.answer().await;
    within(sandbox.settled()).await;
}

#[tokio::test]
async fn an_answer_in_the_making_is_under_way() {
    let slow =
        Script::stream(200, "text/plain").piece("a").pause(Duration::from_millis(20)).piece("b").silence();
    let sandbox = scripted([slow]).await;
    let mut client = calling(&sandbox).await;
    client.receive_until(b"a\r\n").await;
    assert!(!sandbox.is_settled());
    within(sandbox.settled()).await;
    client.receive_until(b"b\r\n").await;
}

#[tokio::test]
async fn an_answer_without_end_is_under_way_until_the_client_leaves() {
    let sandbox = Sandbox::builder().on_chat(Fault::named("endless-body").unwrap()).start().await.unwrap();
    let mut client = calling(&sandbox).await;
    client.receive_until(b"xxxx").await;
    assert!(!sandbox.is_settled());
    drop(client);
    within(sandbox.settled()).await;
}

#[tokio::test]
async fn one_silent_connection_does_not_hide_another_that_is_busy() {
    let endless = Fault::named("endless-body").unwrap();
    let sandbox = Sandbox::builder().on_chat(Script::hang()).on_chat(endless).start().await.unwrap();
    let _hanging = calling(&sandbox).await;
    within(sandbox.silent()).await;
    within(sandbox.settled()).await;
    let mut busy = calling(&sandbox).await;
    busy.receive_until(b"xxxx").await;
    assert!(!sandbox.is_settled());
}

#[tokio::test]
async fn received_counts_whole_requests() {
    let sandbox = scripted([Script::hang()]).await;
    within(sandbox.received(0)).await;
    let _clients = (calling(&sandbox).await, calling(&sandbox).await);
    within(sandbox.received(2)).await;
    assert_eq!(sandbox.requests().len(), 2);
}
