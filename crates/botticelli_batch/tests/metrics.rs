//! The queue of a server over HTTP.
#![cfg(feature = "metrics")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use botticelli_batch::{MetricsGauge, QueueGauge, QueueState};
use botticelli_error::{BotticelliError, BotticelliErrorKind, DataErrorKind, ErrorCategory, HttpErrorKind};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TOKEN: &str = "sk-aVerySecretToken";

/// A server that answers every connection with a function. It keeps the heads of all requests.
struct Server {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = heads.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = String::new();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
                seen.lock().unwrap().push(head);
                answer(&mut stream);
            }
        });
        Self { address, heads }
    }

    fn responding(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}");
        Self::start(move |stream| stream.write_all(text.as_bytes()).unwrap())
    }

    fn gauge(&self) -> MetricsGauge {
        MetricsGauge::new(&format!("http://{}/v1", self.address)).unwrap()
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn http_kind(error: &BotticelliError) -> &HttpErrorKind {
    match error.kind() {
        BotticelliErrorKind::Http(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_metrics_are_next_to_the_base_url() {
    let server = Server::responding("200 OK", "", "vllm:num_requests_waiting{model=\"m\"} 3.0\n");
    for (base, path) in [
        ("/v1", "/metrics"),
        ("/v1/?key=x#y", "/metrics"),
        ("", "/metrics"),
        ("/", "/metrics"),
        ("/proxy/v1", "/proxy/metrics"),
        ("/metrics", "/metrics"),
        ("/stats/metrics?format=text", "/stats/metrics?format=text"),
    ] {
        let gauge = MetricsGauge::new(&format!("http://{}{base}", server.address)).unwrap();
        assert_eq!(gauge.read().await.unwrap(), QueueState::new(None, 3.0));
        let heads = server.heads();
        assert!(heads.last().unwrap().starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{base} {heads:?}");
    }
}

#[test]
fn an_invalid_address_or_token_is_an_error_with_the_remedy() {
    for address in ["", "127.0.0.1:8000", "file:///etc/passwd", "unix:/run/x", "localhost:8000/v1", "http://"]
    {
        let error = MetricsGauge::new(address).unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Configuration, "{address}");
        assert!(error.to_string().contains("http://127.0.0.1:8000/v1"), "{error}");
    }
    let error = MetricsGauge::new("http://localhost").unwrap().with_token("two\nlines").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("two"), "{error}");
}

#[tokio::test]
async fn the_token_is_sent_to_its_host_and_follows_no_redirect() {
    let other = Server::responding("200 OK", "", "tgi_queue_size 1\n");
    let redirect = format!("location: http://{}/metrics\r\n", other.address);
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let server = Server::responding(status, &redirect, "");
        let gauge = server.gauge().with_token(TOKEN).unwrap();
        let error = gauge.read().await.unwrap_err();
        assert!(error.to_string().contains("HTTP 30"), "{error}");
        assert!(server.heads().concat().contains(&format!("authorization: Bearer {TOKEN}")));
        let texts = format!("{error} {error:?} {gauge:?}");
        assert!(!texts.contains("VerySecret"), "{texts}");
    }
    assert!(other.heads().is_empty());
    let _ = other.gauge().read().await.unwrap();
    assert!(!other.heads().concat().to_lowercase().contains("authorization"));
}

#[test]
fn a_password_in_the_address_is_not_shown() {
    let gauge = MetricsGauge::new("http://user:VerySecret@127.0.0.1:1/metrics?key=VerySecret").unwrap();
    let error = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(gauge.read())
        .unwrap_err();
    assert_eq!(http_kind(&error), &HttpErrorKind::Connect);
    let texts = format!("{error} {error:?} {error:#?} {gauge:?}");
    assert!(!texts.contains("VerySecret"), "{texts}");
}

#[tokio::test]
async fn a_silent_server_and_a_slow_body_time_out() {
    let limit = Duration::from_millis(100);
    let silent = Server::start(|_| std::thread::sleep(Duration::from_secs(60)));
    let slow = Server::start(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
        for _ in 0..1000 {
            std::thread::sleep(Duration::from_millis(20));
            if stream.write_all(b"#\n").is_err() {
                return;
            }
        }
    });
    for server in [silent, slow] {
        let error = server.gauge().with_timeout(limit).read().await.unwrap_err();
        assert!(matches!(http_kind(&error), HttpErrorKind::Timeout { limit: found, .. } if *found == limit));
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let server = Server::start(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'#'; 4096]).is_ok() {}
    });
    let error = server.gauge().with_max_bytes(100_000).read().await.unwrap_err();
    assert_eq!(http_kind(&error), &HttpErrorKind::TooLarge { what: "response", limit: 100_000 });

    let text = "tgi_queue_size 1\n";
    let server = Server::responding("200 OK", "", text);
    assert!(server.gauge().with_max_bytes(text.len()).read().await.is_ok());
    assert!(server.gauge().with_max_bytes(text.len() - 1).read().await.is_err());
}

#[tokio::test]
async fn a_page_without_gauges_is_an_error_that_names_the_setting() {
    for (status, body) in [
        ("200 OK", "<html>Welcome</html>"),
        ("200 OK", ""),
        ("404 Not Found", "{}"),
        ("501 Not Implemented", "{\"error\":{\"message\":\"Start it with `--metrics`\"}}"),
    ] {
        let error = Server::responding(status, "", body).gauge().read().await.unwrap_err();
        let BotticelliErrorKind::Data(data) = error.kind() else { panic!("{error:?}") };
        assert!(matches!(data.kind(), DataErrorKind::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains("--metrics"), "{error}");
    }
}

#[tokio::test]
async fn invalid_utf8_in_a_label_does_not_hide_the_gauges() {
    let server = Server::start(|stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 43\r\n\r\nx{a=\"\xff\"} 1\ntgi_queue_size 2\ntgi_other 99999\n")
            .unwrap();
    });
    assert_eq!(server.gauge().read().await.unwrap(), QueueState::new(None, 2.0));
}
