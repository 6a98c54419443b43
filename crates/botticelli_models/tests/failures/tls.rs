//! Certificates, custom clients, proxies and redirects: token and prompt reach only the intended server.

use crate::common::authority::{Authority, run};
use crate::common::{driver, failure, folded, scripted, settings, stream_failure};
use botticelli_core::RetryConfig;
use botticelli_error::{
    BotticelliError, BotticelliErrorKind, CertificateProblem, ErrorCategory, HttpErrorKind,
};
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, HuggingFaceDriverBuilder};
use botticelli_sandbox::{Sandbox, Script};
use rcgen::CertificateParams;
use reqwest::{Client, ClientBuilder, Proxy};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const TOKEN: &str = "hf_sEcReT0123456789aBcDeF";
const PROMPT: &str = "Who painted The Birth of Venus?";
const HOST: &str = "models.example.org";
const ANSWER: &str = r#"{"choices":[{"message":{"content":"Botticelli"},"finish_reason":"stop"}]}"#;

/// The bytes that a server received.
type Seen = Arc<Mutex<Vec<u8>>>;

fn text(seen: &Seen) -> String {
    String::from_utf8_lossy(&seen.lock().unwrap()).into_owned()
}

/// Reads a request, head and body, until it ends.
async fn read_request(stream: &mut (impl AsyncRead + Unpin), seen: &Seen) {
    let mut request = Vec::new();
    loop {
        let whole = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = whole.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return;
            }
        }
        let mut bytes = Vec::with_capacity(4096);
        let Ok(1..) = stream.read_buf(&mut bytes).await else { return };
        seen.lock().unwrap().extend(&bytes);
        request.extend(bytes);
    }
}

fn answer() -> String {
    let length = ANSWER.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{ANSWER}"
    )
}

/// A TLS server with a certificate that `authority` signed for localhost and [`HOST`].
async fn https(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> (u16, Seen) {
    let acceptor = TlsAcceptor::from(Arc::new(authority.server(&["localhost", HOST], change)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Seen::default();
    let shared = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            read_request(&mut stream, &seen).await;
            let _ = stream.write_all(answer().as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, shared)
}

/// A proxy that connects every tunnel to `port` of this machine, and responds to requests without a tunnel.
async fn proxy(port: u16) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Seen::default();
    let shared = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let seen = seen.clone();
            tokio::spawn(async move {
                read_request(&mut near, &seen).await;
                if !text(&seen).contains("CONNECT ") {
                    let _ = near.write_all(answer().as_bytes()).await;
                    return;
                }
                near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let mut far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let (mut from_near, mut to_near) = near.split();
                let (mut from_far, mut to_far) = far.split();
                let out = async {
                    let mut bytes = Vec::with_capacity(4096);
                    while let Ok(1..) = from_near.read_buf(&mut bytes).await {
                        seen.lock().unwrap().extend(&bytes);
                        let _ = to_far.write_all(&bytes).await;
                        bytes.clear();
                    }
                    let _ = to_far.shutdown().await;
                };
                let _ = tokio::join!(out, tokio::io::copy(&mut from_far, &mut to_near));
            });
        }
    });
    (address, shared)
}

fn at(base_url: String) -> HuggingFaceDriverBuilder {
    HuggingFaceDriver::builder("org/model")
        .base_url(base_url)
        .token(TOKEN)
        .environment(Environment::empty())
        .retry(RetryConfig::never())
}

/// A client that knows the authorities `roots`, and no others.
fn knowing<'a>(roots: impl IntoIterator<Item = &'a Authority>) -> ClientBuilder {
    Client::builder().no_proxy().tls_certs_only(roots.into_iter().map(Authority::certificate))
}

fn assert_untrusted(error: &BotticelliError, why: CertificateProblem, message: &str) {
    assert_eq!(error.category(), ErrorCategory::Connection, "{error:?}");
    let has_problem = matches!(error.kind(), BotticelliErrorKind::Http(http)
        if *http.kind() == HttpErrorKind::UntrustedCertificate { problem: why });
    assert!(has_problem, "{error:?}");
    assert!(error.to_string().contains(message), "{error}");
    assert!(!error.is_retryable() && !error.may_be_billed() && error.attempts() == 1, "{error}");
}

#[tokio::test]
async fn an_untrusted_certificate_ends_the_call_before_anything_is_sent() {
    let (known, unknown) = (Authority::new("known"), Authority::new("unknown"));
    let impostor = Authority::new("known");
    let years_ago = |params: &mut CertificateParams| params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    let years_ahead = |params: &mut CertificateParams| params.not_before = rcgen::date_time_ymd(3001, 1, 1);
    let elsewhere =
        |params: &mut CertificateParams| *params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    for ((port, seen), why, message) in [
        (
            https(&unknown, |_| ()).await,
            CertificateProblem::Authority,
            "an unknown authority). Check the base URL. For your own server",
        ),
        (
            https(&impostor, |_| ()).await,
            CertificateProblem::Other,
            "cannot be verified). Check the base URL. For your own server",
        ),
        (
            https(&known, years_ago).await,
            CertificateProblem::Time,
            "is not valid yet). Check this machine's date",
        ),
        (
            https(&known, years_ahead).await,
            CertificateProblem::Time,
            "is not valid yet). Check this machine's date",
        ),
        (
            https(&known, elsewhere).await,
            CertificateProblem::Name,
            "it belongs to another host). Set the base URL to",
        ),
    ] {
        let driver = at(format!("https://localhost:{port}/v1"))
            .http_client(knowing([&known]).build().unwrap())
            .retry(RetryConfig::default())
            .build()
            .unwrap();
        for error in [failure(&driver, PROMPT.into()).await, stream_failure(&driver, PROMPT.into()).await] {
            let message = format!("the certificate of localhost:{port} is not trusted (");
            assert_untrusted(&error, why, &message);
        }
        let error = failure(&driver, PROMPT.into()).await;
        assert_untrusted(&error, why, message);
        assert!(!format!("{error:?} {error:#?}").contains(TOKEN));
        assert_eq!(text(&seen), "", "the server received no part of the request");
    }
}

#[tokio::test]
async fn a_client_with_custom_roots_reaches_a_private_server() {
    let authority = Authority::new("known");
    let (port, seen) = https(&authority, |_| ()).await;
    let client = knowing([&authority]).build().unwrap();
    let driver = at(format!("https://localhost:{port}/v1")).http_client(client).build().unwrap();
    assert_eq!(driver.generate(PROMPT.into()).await.unwrap().text(), "Botticelli");
    assert!(text(&seen).contains(TOKEN) && text(&seen).contains(PROMPT));
    let length = text(&seen).to_ascii_lowercase().matches("content-length: ").count();
    assert_eq!(length, 1, "the request has one content length");
    assert_eq!(folded(&driver, PROMPT.into()).await.text(), "Botticelli");
}

#[tokio::test]
async fn a_server_without_tls_is_reported_as_such() {
    let sandbox = Sandbox::start().await.unwrap();
    let base_url = sandbox.base_url().replace("http://", "https://");
    let driver = at(base_url).http_client(knowing([]).build().unwrap()).build().unwrap();
    let error = failure(&driver, PROMPT.into()).await;
    assert_eq!(error.category(), ErrorCategory::Connection, "{error:?}");
    assert!(
        error.to_string().contains("the port does not support TLS, and may serve plain http"),
        "{error:?}"
    );
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn the_proxy_of_a_custom_client_sees_neither_token_nor_prompt() {
    let authority = Authority::new("known");
    let (port, seen) = https(&authority, |_| ()).await;
    let (address, passed) = proxy(port).await;
    let client = Client::builder()
        .proxy(Proxy::all(&address).unwrap())
        .tls_certs_only([authority.certificate()])
        .build()
        .unwrap();
    let driver = at(format!("https://{HOST}/v1")).http_client(client).build().unwrap();
    assert_eq!(driver.generate(PROMPT.into()).await.unwrap().text(), "Botticelli");
    assert!(text(&seen).contains(TOKEN) && text(&seen).contains(PROMPT));
    assert!(text(&passed).contains(&format!("CONNECT {HOST}:443")), "{}", text(&passed));
    assert!(!text(&passed).contains(TOKEN) && !text(&passed).contains(PROMPT));
}

#[tokio::test]
async fn no_token_goes_through_a_proxy_to_plain_http() {
    let (address, passed) = proxy(1).await;
    let client =
        || Client::builder().proxy(Proxy::all(&address).unwrap()).tls_certs_only([]).build().unwrap();
    let error = at(format!("http://{HOST}/v1")).http_client(client()).build().unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Configuration);
    assert!(error.to_string().contains("the token would be sent"), "{error}");
    // An implicit token is not sent, and the call is sent without it.
    let driver = HuggingFaceDriver::builder("org/model")
        .base_url(format!("http://{HOST}/v1"))
        .environment(Environment::empty().with("HF_TOKEN", TOKEN))
        .http_client(client())
        .build()
        .unwrap();
    assert_eq!(driver.generate(PROMPT.into()).await.unwrap().text(), "Botticelli");
    assert!(text(&passed).contains(&format!("POST http://{HOST}/v1/chat/completions")), "{}", text(&passed));
    assert!(!text(&passed).contains(TOKEN) && !text(&passed).to_lowercase().contains("authorization"));
}

/// The driver's own client, at the address that the environment names.
fn own() -> HuggingFaceDriver {
    at(std::env::var("TEST_URL").unwrap()).build().unwrap()
}

#[tokio::test]
#[ignore = "run by its neighbours, in an environment of its own"]
async fn the_server_responds() {
    assert_eq!(own().generate(PROMPT.into()).await.unwrap().text(), "Botticelli");
}

#[tokio::test]
#[ignore = "run by its neighbours, in an environment of its own"]
async fn the_server_is_not_trusted() {
    let error = failure(&own(), PROMPT.into()).await;
    assert_untrusted(&error, CertificateProblem::Authority, "is not trusted (");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_default_client_trusts_the_authorities_of_the_system() {
    let (known, unknown) = (Authority::new("known"), Authority::new("unknown"));
    let file = known.file();
    let file = file.path().to_str().unwrap();
    let (port, seen) = https(&known, |_| ()).await;
    let url = format!("https://localhost:{port}/v1");
    run("tls::the_server_responds", [("TEST_URL", &*url), ("SSL_CERT_FILE", file)]).await;
    assert!(text(&seen).contains(TOKEN));
    let (port, seen) = https(&unknown, |_| ()).await;
    let url = format!("https://localhost:{port}/v1");
    run("tls::the_server_is_not_trusted", [("TEST_URL", &*url), ("SSL_CERT_FILE", file)]).await;
    assert_eq!(text(&seen), "");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_default_client_uses_proxies_of_the_environment_for_https_only() {
    let authority = Authority::new("known");
    let file = authority.file();
    let file = file.path().to_str().unwrap();
    let (port, seen) = https(&authority, |_| ()).await;
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let (address, passed) = proxy(port).await;
        let url = format!("https://{HOST}/v1");
        seen.lock().unwrap().clear();
        run("tls::the_server_responds", [("TEST_URL", &*url), ("SSL_CERT_FILE", file), (variable, &address)])
            .await;
        assert!(text(&seen).contains(TOKEN), "{variable}");
        assert!(text(&passed).contains(&format!("CONNECT {HOST}:443")), "{variable}");
        assert!(!text(&passed).contains(TOKEN) && !text(&passed).contains(PROMPT), "{variable}");
    }
    // The token of a server on this machine stays on this machine.
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let (address, passed) = proxy(port).await;
        let sandbox = scripted(Script::json(200, ANSWER)).await;
        run("tls::the_server_responds", [("TEST_URL", sandbox.base_url()), (variable, &address)]).await;
        assert!(sandbox.requests()[0].has_token(TOKEN));
        assert_eq!(text(&passed), "", "{variable}");
    }
    let (address, passed) = proxy(port).await;
    let url = format!("https://localhost:{port}/v1");
    let near =
        [("TEST_URL", &*url), ("SSL_CERT_FILE", file), ("HTTPS_PROXY", &address), ("NO_PROXY", "localhost")];
    run("tls::the_server_responds", near).await;
    assert_eq!(text(&passed), "", "NO_PROXY counts");
}

#[tokio::test]
async fn no_redirect_sends_token_or_prompt_to_another_host() {
    for status in [301, 302, 303, 307, 308] {
        let target = scripted(Script::json(200, ANSWER)).await;
        let location = format!("{}/chat/completions", target.base_url());
        let sandbox =
            scripted(Script::text(status, "text/plain", "").header("location", location.clone())).await;
        let following = settings(&sandbox)
            .http_client(Client::builder().no_proxy().tls_certs_only([]).build().unwrap())
            .build()
            .unwrap();
        for error in [
            failure(&driver(&sandbox), PROMPT.into()).await,
            stream_failure(&driver(&sandbox), PROMPT.into()).await,
        ] {
            assert_eq!(
                (error.category(), error.status()),
                (ErrorCategory::Configuration, Some(status)),
                "{error}"
            );
            assert!(error.to_string().contains(&location), "{error}");
        }
        assert!(target.requests().is_empty(), "{status}");
        // A client that follows redirects repeats a call without its body, and without the token on another host; or it would
        // have to repeat the body, and cannot.
        let keeps_the_body = matches!(status, 307 | 308);
        for error in
            [failure(&following, PROMPT.into()).await, stream_failure(&following, PROMPT.into()).await]
        {
            assert_eq!(error.category(), ErrorCategory::Configuration, "{status}: {error}");
            assert_eq!(error.status(), keeps_the_body.then_some(status), "{error}");
            assert!(error.to_string().contains(&location), "{error}");
            assert!(!error.is_retryable() && !error.may_be_billed(), "{error}");
        }
        let followed = target.requests();
        assert_eq!(followed.is_empty(), keeps_the_body, "{status}");
        for request in followed {
            assert!(!request.has_token(Sandbox::TOKEN), "{status}");
            assert_eq!(request.header("authorization"), None, "{status}");
            assert_eq!(request.method(), "GET", "{status}");
            assert!(!request.body().to_string().contains(PROMPT), "{status}");
        }
    }
}
