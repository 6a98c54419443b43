//! Settled and busy connections.

use std::time::Duration;

use crate::common::{CHAT, Client, hello, post, with_scripts, with_timeout};
use botticelli_sandbox::{Fault, Sandbox, Script};

async fn start_call(sandbox: &Sandbox) -> Client {
    let mut client = Client::connect(sandbox).await;
    client.send(post(CHAT, &hello().to_string())).await;
    client
}

#[tokio::test]
async fn a_sandbox_without_requests_is_settled() {
    let sandbox = Sandbox::start().await.unwrap();
    assert!(sandbox.is_settled());
    with_timeout(sandbox.settled()).await;
}

#[tokio::test]
async fn an_idle_connection_is_settled() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = start_call(&sandbox).await;
    assert_eq!(client.response().await.status, 200);
    with_timeout(sandbox.settled()).await;
    assert_eq!(sandbox.open_connections(), 1);
    drop(client);
    with_timeout(sandbox.quiet()).await;
    assert!(sandbox.is_settled());
}

#[tokio::test]
async fn a_silent_connection_is_settled() {
    for fault in ["never-answers", "silence-after-head", "silence-after-events", "silence-after-done"] {
        let sandbox = Sandbox::builder().on_chat(Fault::named(fault).unwrap()).start().await.unwrap();
        let _client = start_call(&sandbox).await;
        with_timeout(sandbox.received(1)).await;
        with_timeout(sandbox.settled()).await;
        assert_eq!(sandbox.open_connections(), 1, "{fault}");
    }
}

#[tokio::test]
async fn a_partial_request_is_in_progress() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = post(CHAT, &hello().to_string());
    let (half, rest) = request.split_at(request.len() / 2);
    let mut client = Client::connect(&sandbox).await;
    client.send(half).await;
    while sandbox.is_settled() {
        tokio::task::yield_now().await;
    }
    client.send(rest).await;
    client.response().await;
    with_timeout(sandbox.settled()).await;
}

#[tokio::test]
async fn an_unfinished_response_is_in_progress() {
    let slow =
        Script::stream(200, "text/plain").piece("a").pause(Duration::from_millis(20)).piece("b").silence();
    let sandbox = with_scripts([slow]).await;
    let mut client = start_call(&sandbox).await;
    client.receive_until(b"a\r\n").await;
    assert!(!sandbox.is_settled());
    with_timeout(sandbox.settled()).await;
    client.receive_until(b"b\r\n").await;
}

#[tokio::test]
async fn an_endless_response_is_in_progress_until_the_client_disconnects() {
    let sandbox = Sandbox::builder().on_chat(Fault::named("endless-body").unwrap()).start().await.unwrap();
    let mut client = start_call(&sandbox).await;
    client.receive_until(b"xxxx").await;
    assert!(!sandbox.is_settled());
    drop(client);
    with_timeout(sandbox.settled()).await;
}

#[tokio::test]
async fn a_silent_connection_does_not_hide_a_busy_one() {
    let endless = Fault::named("endless-body").unwrap();
    let sandbox = Sandbox::builder().on_chat(Script::hang()).on_chat(endless).start().await.unwrap();
    let _hanging = start_call(&sandbox).await;
    with_timeout(sandbox.silent()).await;
    with_timeout(sandbox.settled()).await;
    let mut busy = start_call(&sandbox).await;
    busy.receive_until(b"xxxx").await;
    assert!(!sandbox.is_settled());
}

#[tokio::test]
async fn received_counts_complete_requests() {
    let sandbox = with_scripts([Script::hang()]).await;
    with_timeout(sandbox.received(0)).await;
    let _clients = (start_call(&sandbox).await, start_call(&sandbox).await);
    with_timeout(sandbox.received(2)).await;
    assert_eq!(sandbox.requests().len(), 2);
}
