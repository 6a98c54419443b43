//! `https` to a plain http port, and the reverse: an error at once, with the remedy, after one request.

use crate::common::authority::Authority;
use crate::common::{failure, scripted, settings, stream_failure};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::{Sandbox, Script};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A driver with the usual retries and timeouts.
fn at(base_url: String) -> HuggingFaceDriver {
    HuggingFaceDriver::builder("org/model")
        .base_url(base_url)
        .token(Sandbox::TOKEN)
        .environment(Environment::empty())
        .build()
        .unwrap()
}

/// Returns the errors of a plain and of a streamed call, which must occur at once.
async fn errors(base_url: String) -> [BotticelliError; 2] {
    let started = Instant::now();
    let driver = at(base_url);
    let errors = [failure(&driver, "Hi".into()).await, stream_failure(&driver, "Hi".into()).await];
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    for error in &errors {
        assert_eq!(error.attempts(), 1, "{error}");
        assert!(!error.is_retryable() && !error.may_be_billed(), "{error}");
    }
    errors
}

/// A server that reads lines, as simple ones do: the beginning of TLS is half a line, and it waits for the rest.
async fn reading_lines() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let secrets = Arc::new(AtomicUsize::new(0));
    let count = secrets.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(read_lines(stream, count.clone()));
        }
    });
    (port, secrets)
}

async fn read_lines(mut stream: TcpStream, secrets: Arc<AtomicUsize>) {
    let mut received = Vec::new();
    loop {
        let mut bytes = Vec::with_capacity(1024);
        let Ok(1..) = stream.read_buf(&mut bytes).await else { return };
        received.extend(bytes);
        let text = String::from_utf8_lossy(&received).into_owned();
        secrets.fetch_add(text.matches(Sandbox::TOKEN).count(), Ordering::Relaxed);
        if text.contains("\r\n\r\n") {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
            return;
        }
    }
}

#[tokio::test]
async fn a_server_that_waits_for_a_line_end_is_not_a_slow_tls_server() {
    let (port, secrets) = reading_lines().await;
    for error in errors(format!("https://127.0.0.1:{port}/v1")).await {
        assert_eq!(error.category(), ErrorCategory::Connection, "{error}");
        assert!(error.advice().contains("http://"), "{error}");
    }
    assert_eq!(secrets.load(Ordering::Relaxed), 0, "a token was sent");
}

#[tokio::test]
async fn a_server_that_responds_to_tls_in_plain_http_receives_one_request() {
    let sandbox = Sandbox::start().await.unwrap();
    for error in errors(sandbox.base_url().replace("http://", "https://")).await {
        assert_eq!(error.category(), ErrorCategory::Connection, "{error}");
        assert!(
            error.to_string().contains("the port does not support TLS, and may serve plain http"),
            "{error}"
        );
        assert!(error.advice().contains("http://"), "{error}");
    }
}

#[tokio::test]
async fn plain_http_to_a_tls_port_is_an_error_with_the_remedy() {
    let acceptor = TlsAcceptor::from(Arc::new(Authority::new("known").server(&["localhost"], |_| ())));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    for error in errors(format!("http://127.0.0.1:{port}/v1")).await {
        assert_eq!(error.category(), ErrorCategory::Connection, "{error}");
        assert!(error.advice().contains("https://"), "{error}");
    }
}

#[tokio::test]
async fn a_plain_http_message_about_tls_is_recognized() {
    for (kind, body) in [
        ("text/html", "<html><center>The plain HTTP request was sent to HTTPS port</center></html>"),
        ("text/plain", "Client sent an HTTP request to an HTTPS server.\n"),
    ] {
        let sandbox = scripted(Script::text(400, kind, body)).await;
        for error in errors(sandbox.base_url().to_owned()).await {
            assert_eq!(error.category(), ErrorCategory::Connection, "{error}");
            assert!(error.advice().contains("https://"), "{error}");
        }
        assert_eq!(sandbox.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_server_with_another_protocol_is_not_reported_as_tls() {
    let sandbox = scripted(Script::raw().piece("SSH-2.0-OpenSSH_9.6\r\n")).await;
    let driver = settings(&sandbox).build().unwrap();
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Connection, "{error}");
    assert!(!error.advice().contains("https://"), "{error}");
}
