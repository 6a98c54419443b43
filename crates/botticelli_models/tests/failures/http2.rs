//! HTTP/2: many streams share one connection, and one that is not read holds up none of the others.

use crate::common::authority::{Authority, run};
use botticelli_core::RetryConfig;
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::HuggingFaceDriver;
use bytes::Bytes;
use futures::StreamExt;
use futures::future::join_all;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{Request, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Number of unread streams. Their responses exceed the default window of a connection.
const UNREAD: usize = 8;
const WORDS: usize = 16_384;

/// Counts the connections, and of each the streams that were open at once.
#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    streams: AtomicUsize,
}

/// A server that supports only HTTP/2.
async fn serve(authority: &Authority) -> (String, Arc<Seen>) {
    let mut config = authority.server(&["localhost"], |_| ());
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/v1", listener.local_addr().unwrap().port());
    let seen = Arc::new(Seen::default());
    let shared = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            seen.connections.fetch_add(1, Ordering::Relaxed);
            let seen = seen.clone();
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, respond))) = connection.accept().await {
                    seen.streams.fetch_add(1, Ordering::Relaxed);
                    tokio::spawn(answer(request, respond));
                }
            });
        }
    });
    (url, shared)
}

/// Sends a word a thousand times, and waits while the window is full.
async fn answer(_: Request<RecvStream>, mut respond: SendResponse<Bytes>) {
    let head = Response::builder().header("content-type", "text/event-stream").body(()).unwrap();
    let mut stream = respond.send_response(head, false).unwrap();
    let event = r#"data: {"choices":[{"index":0,"delta":{"content":" Florence"},"finish_reason":null}]}"#;
    let _ = stream.send_data(format!("{event}\n\n").repeat(WORDS).into(), false);
    let end = r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let _ = stream.send_data(format!("{end}\n\ndata: [DONE]\n\n").into(), true);
    // Wait until everything is sent or the client resets the stream.
    let _ = std::future::poll_fn(|cx| stream.poll_reset(cx)).await;
}

fn own() -> HuggingFaceDriver {
    HuggingFaceDriver::builder("org/model")
        .base_url(std::env::var("TEST_URL").unwrap())
        .environment(Environment::empty())
        .retry(RetryConfig::never())
        .build()
        .unwrap()
}

#[tokio::test]
#[ignore = "run by its neighbour, in an environment of its own"]
async fn calls_succeed_while_most_streams_are_not_read() {
    let driver = own();
    let mut first = driver.generate_stream("Hi".into()).await.unwrap();
    let unread = join_all((0..UNREAD).map(|_| driver.generate_stream("Hi".into()))).await;
    let unread: Vec<_> = unread.into_iter().map(Result::unwrap).collect();
    let mut words = 0;
    while let Some(chunk) = first.next().await {
        words += usize::from(!chunk.unwrap().text().is_empty());
    }
    assert_eq!(words, WORDS);
    // A reader that continues later receives every chunk.
    for stream in unread {
        let chunks: Vec<_> = stream.collect().await;
        assert_eq!(chunks.len(), WORDS + 1);
        assert!(chunks.iter().all(Result::is_ok));
    }
}

#[tokio::test]
async fn streams_share_a_connection_without_blocking_each_other() {
    let authority = Authority::new("known");
    let file = authority.file();
    let (url, seen) = serve(&authority).await;
    let variables = [("TEST_URL", &*url), ("SSL_CERT_FILE", file.path().to_str().unwrap())];
    run("http2::calls_succeed_while_most_streams_are_not_read", variables).await;
    assert_eq!(seen.connections.load(Ordering::Relaxed), 1);
    assert_eq!(seen.streams.load(Ordering::Relaxed), UNREAD + 1);
}
