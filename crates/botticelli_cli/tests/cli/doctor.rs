//! `doctor`: each problem has its line and its remedy.

use crate::program::{Home, Run, Server};
use botticelli::sandbox::Sandbox;
use rcgen::{CertificateParams, KeyPair};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const LIST: &str = r#"{"data":[{"id":"openai/gpt-oss-20b","providers":[]}]}"#;

fn answer(date: &str) -> String {
    let length = LIST.len();
    format!(
        "HTTP/1.1 200 OK\r\ndate: {date}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: \
         close\r\n\r\n{LIST}"
    )
}

/// Returns the port of a server that answers each request with a catalog of this date.
fn dated(date: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer(date).as_bytes());
        }
    });
    port
}

/// Returns a port that nothing listens to.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A TLS server whose certificate no authority signed, and the certificate as PEM.
struct SelfSigned {
    port: u16,
    certificate: String,
    _runtime: tokio::runtime::Runtime,
}

impl SelfSigned {
    fn start(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let signed = params.self_signed(&key).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = config.with_single_cert(vec![signed.der().clone()], private).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer("Sun, 06 Nov 1994 08:49:37 GMT").as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
        pem.push_str(&base64(signed.der()));
        pem.push_str("\n-----END CERTIFICATE-----\n");
        Self { port, certificate: pem, _runtime: runtime }
    }
}

/// Returns bytes in base64.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(*part.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let index = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap();
            text.push(if at > part.len() { '=' } else { char::from(DIGITS[index]) });
        }
    }
    text
}

/// Returns the line of a part.
fn line<'a>(run: &'a Run, part: &str) -> &'a str {
    let is_part = |line: &&str| line.get(4..).is_some_and(|rest| rest.starts_with(&format!("{part} ")));
    run.out.lines().find(is_part).unwrap_or_else(|| panic!("no line of {part} in {run:?}"))
}

fn doctor(home: &Home, endpoint: &str) -> Run {
    home.run(&["doctor", "--retries", "0", "--endpoint", endpoint])
}

#[test]
fn a_working_setup_has_no_problem() {
    let server = Server::start(Sandbox::builder());
    let home = Home::at(&server).with("HF_ENDPOINT", server.sandbox().hub_url());
    let run = home.run(&["doctor"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.out.contains("NO  "), "{run:?}");
    assert!(line(&run, "account").starts_with("ok") && line(&run, "token").contains("HF_TOKEN"), "{run:?}");
    assert!(line(&run, "certificates").starts_with("--"), "{run:?}");
    assert_eq!(server.bodies().len(), 0);
}

#[test]
fn a_wrong_clock_is_a_problem_with_a_remedy() {
    let past =
        doctor(&Home::new(), &format!("http://127.0.0.1:{}/v1", dated("Sun, 06 Nov 1994 08:49:37 GMT")));
    let clock = line(&past, "clock");
    assert!(
        clock.starts_with("NO") && clock.contains("days ahead of") && clock.contains("timedatectl"),
        "{past:?}"
    );
    assert_eq!(past.code, 1);
    let future =
        doctor(&Home::new(), &format!("http://127.0.0.1:{}/v1", dated("Thu, 01 Jan 2099 00:00:00 GMT")));
    assert!(line(&future, "clock").contains("days behind"), "{future:?}");
    let none = doctor(&Home::new(), &format!("http://127.0.0.1:{}/v1", dated("yesterday")));
    assert!(none.code == 0 && line(&none, "clock").contains("states no time"), "{none:?}");
}

#[test]
fn a_refused_connection_and_an_unknown_host_are_told_apart() {
    let refused = doctor(&Home::new(), &format!("http://127.0.0.1:{}/v1", closed_port()));
    assert!(refused.code == 1 && line(&refused, "network").contains("connection refused"), "{refused:?}");
    let unknown = doctor(&Home::new(), "http://no-such-host.invalid/v1");
    assert!(
        unknown.code == 1 && line(&unknown, "network").contains("host name was not found"),
        "{unknown:?}"
    );
}

#[test]
fn a_proxy_that_does_not_answer_is_named_without_its_password() {
    let proxy = format!("http://user:secret@127.0.0.1:{}", closed_port());
    let run = doctor(&Home::new().with("HTTPS_PROXY", &proxy), "https://models.example.org/v1");
    let found = line(&run, "proxy");
    assert!(
        found.starts_with("NO") && found.contains("HTTPS_PROXY") && found.contains("NO_PROXY"),
        "{run:?}"
    );
    assert!(run.code == 1 && !run.out.contains("secret"), "{run:?}");
    // Plain http uses no proxy.
    let server = Server::start(Sandbox::builder());
    let run = Home::at(&server).with("HTTPS_PROXY", &proxy).run(&["doctor"]);
    assert!(run.code == 0 && line(&run, "proxy").starts_with("--"), "{run:?}");
}

#[test]
fn an_untrusted_certificate_is_not_a_network_problem() {
    let server = SelfSigned::start(|_| ());
    let endpoint = format!("https://localhost:{}/v1", server.port);
    let run = doctor(&Home::new(), &endpoint);
    assert!(line(&run, "network").starts_with("ok"), "{run:?}");
    let found = line(&run, "certificates");
    assert!(found.starts_with("NO") && found.contains("not trusted"), "{run:?}");
    assert_eq!(run.code, 1);
    // The remedy works.
    let home = Home::new();
    home.file("server.pem", &server.certificate);
    let trusting = home.with("SSL_CERT_FILE", "server.pem");
    let run = doctor(&trusting, &endpoint);
    assert!(line(&run, "certificates").starts_with("ok"), "{run:?}");
    let expired = SelfSigned::start(|params| params.not_after = rcgen::date_time_ymd(2001, 1, 1));
    let home = Home::new();
    home.file("server.pem", &expired.certificate);
    let run =
        doctor(&home.with("SSL_CERT_FILE", "server.pem"), &format!("https://localhost:{}/v1", expired.port));
    assert!(run.out.contains("expired") && run.out.contains("wrong clock"), "{run:?}");
}

#[test]
fn a_server_without_tls_is_named() {
    let port = dated("Sun, 06 Nov 1994 08:49:37 GMT");
    let run = doctor(&Home::new(), &format!("https://127.0.0.1:{port}/v1"));
    assert!(run.code == 1 && line(&run, "network").contains("plain http"), "{run:?}");
}

#[test]
fn a_rejected_token_is_found_without_a_call() {
    let server = Server::start(Sandbox::builder());
    let home = Home::new()
        .with("HF_TOKEN", "hf_wrong")
        .with("HUGGINGFACE_BASE_URL", server.sandbox().base_url())
        .with("HF_ENDPOINT", server.sandbox().hub_url());
    let run = home.run(&["doctor"]);
    assert!(run.code == 3 && line(&run, "account").starts_with("NO"), "{run:?}");
    assert!(!run.out.contains("hf_wrong"), "{run:?}");
}
