//! Connections that open, fall silent and close, and sandboxes that stop.

use std::cell::Cell;
use std::io::ErrorKind;

use crate::common::{CHAT, Client, chat, get, hello, post, with_scripts, with_timeout};
use botticelli_sandbox::{Sandbox, Script};
use tokio::net::TcpStream;

fn half() -> Script {
    Script::stream(200, "text/event-stream").piece("data: 1\n\n")
}

async fn start_call(sandbox: &Sandbox) -> Client {
    let mut client = Client::connect(sandbox).await;
    client.send(post(CHAT, &hello().to_string())).await;
    client
}

#[tokio::test]
async fn the_base_url_starts_with_the_origin() {
    let sandbox = Sandbox::start().await.unwrap();
    assert!(sandbox.origin().starts_with("http://127.0.0.1:"));
    assert_eq!(sandbox.base_url(), format!("{}/v1", sandbox.origin()));
}

#[tokio::test]
async fn a_port_can_be_chosen_and_is_released_on_drop() {
    let first = Sandbox::start().await.unwrap();
    let port = first.origin().rsplit_once(':').unwrap().1.parse().unwrap();
    let taken = Sandbox::builder().port(port).start().await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::AddrInUse);
    let mut client = Client::connect(&first).await;
    drop(first);
    client.rest().await;
    let second = Sandbox::builder().port(port).start().await.unwrap();
    assert_eq!(second.origin(), format!("http://127.0.0.1:{port}"));
}

#[tokio::test]
async fn dropping_the_sandbox_closes_connections_and_listener() {
    for script in [half().silence(), half().repeat("data: 1\n\n")] {
        let sandbox = with_scripts([script]).await;
        let address = sandbox.origin().strip_prefix("http://").unwrap().to_owned();
        let mut idle = Client::connect(&sandbox).await;
        idle.send(get("/v1/models")).await;
        assert_eq!(idle.response().await.status, 200);
        let mut busy = start_call(&sandbox).await;
        busy.receive_until(b"data: 1\n\n").await;
        drop(sandbox);
        idle.rest().await;
        busy.rest().await;
        let refused = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    }
}

#[tokio::test]
async fn quiet_resolves_when_the_client_of_a_silent_stream_disconnects() {
    let sandbox = with_scripts([half().silence()]).await;
    let mut client = start_call(&sandbox).await;
    client.receive_until(b"data: 1\n\n").await;
    assert_eq!(sandbox.open_connections(), 1);
    drop(client);
    with_timeout(sandbox.quiet()).await;
    assert_eq!(sandbox.open_connections(), 0);
}

#[tokio::test]
async fn quiet_resolves_when_the_client_of_an_endless_stream_disconnects() {
    let sandbox = with_scripts([half().repeat("data: 2\n\n")]).await;
    let mut client = start_call(&sandbox).await;
    client.receive_until(b"data: 2\n\n").await;
    drop(client);
    with_timeout(sandbox.quiet()).await;
}

#[tokio::test]
async fn quiet_resolves_when_the_client_of_a_hanging_call_disconnects() {
    let sandbox = with_scripts([Script::hang()]).await;
    let client = start_call(&sandbox).await;
    with_timeout(sandbox.silent()).await;
    drop(client);
    with_timeout(sandbox.quiet()).await;
}

#[tokio::test]
async fn quiet_waits_for_the_last_connection() {
    let sandbox = with_scripts([half().silence()]).await;
    let (mut one, mut other) = (start_call(&sandbox).await, start_call(&sandbox).await);
    one.receive_until(b"data: 1\n\n").await;
    other.receive_until(b"data: 1\n\n").await;
    assert_eq!(sandbox.open_connections(), 2);
    drop(one);
    let has_left = Cell::new(false);
    let quiet = async {
        with_timeout(sandbox.quiet()).await;
        assert!(has_left.get());
    };
    let leaving = async {
        while sandbox.open_connections() > 1 {
            tokio::task::yield_now().await;
        }
        has_left.set(true);
        drop(other);
    };
    tokio::join!(quiet, leaving);
}

#[tokio::test]
async fn a_sandbox_without_connections_is_quiet() {
    with_timeout(Sandbox::start().await.unwrap().quiet()).await;
}

#[tokio::test]
async fn silent_resolves_once_all_pieces_are_sent() {
    let sandbox = with_scripts([half().silence()]).await;
    let mut client = start_call(&sandbox).await;
    with_timeout(sandbox.silent()).await;
    // The bytes before the silence have arrived, without the final chunk.
    let received = client.receive_until(b"data: 1\n\n\r\n").await;
    assert!(!received.ends_with(b"0\r\n\r\n"));
}

#[tokio::test]
async fn silent_resolves_again_for_the_next_silent_connection() {
    let sandbox = with_scripts([Script::hang(), half().silence()]).await;
    for _ in 0..2 {
        let client = start_call(&sandbox).await;
        with_timeout(sandbox.silent()).await;
        drop(client);
        with_timeout(sandbox.quiet()).await;
    }
    assert_eq!(sandbox.requests().len(), 2);
}

#[tokio::test]
async fn a_silent_connection_does_not_block_others() {
    let sandbox = with_scripts([Script::hang(), Script::json(200, "{}")]).await;
    let _hanging = start_call(&sandbox).await;
    with_timeout(sandbox.silent()).await;
    assert_eq!(chat(&sandbox, &hello()).await.status, 200);
}

#[tokio::test]
async fn a_client_that_disconnects_mid_request_is_ignored() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    client.send("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 10\r\n\r\n{").await;
    drop(client);
    assert_eq!(chat(&sandbox, &hello()).await.status, 200);
    with_timeout(sandbox.quiet()).await;
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn a_sandbox_can_be_dropped_after_its_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    drop(runtime);
    drop(sandbox);
}

#[test]
fn a_sandbox_can_be_shared_between_threads() {
    fn shareable<T: Send + Sync + 'static>() {}
    shareable::<Sandbox>();
    shareable::<Script>();
}
