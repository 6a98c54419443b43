//! A catalog that is slower than the responses.

use botticelli_core::{Cost, GenerateRequest, RetryConfig, Timeouts};
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::HuggingFaceDriver;
use futures::StreamExt;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// A service that sends its catalog, and the end of its streams, when the test permits it.
struct Gated {
    address: String,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    catalog: Semaphore,
    ends: Semaphore,
    fetches: AtomicUsize,
    /// Connections for the catalog that the client closed before the catalog was sent.
    closed: Semaphore,
}

impl Gated {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/v1", listener.local_addr().unwrap());
        let state = Arc::new(State {
            catalog: Semaphore::new(0),
            ends: Semaphore::new(0),
            fetches: AtomicUsize::new(0),
            closed: Semaphore::new(0),
        });
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { address, state }
    }

    fn driver(&self) -> HuggingFaceDriver {
        HuggingFaceDriver::builder("org/model:groq")
            .base_url(&*self.address)
            .environment(Environment::empty())
            .retry(RetryConfig::never())
            .catalog_prices(true)
            .build()
            .unwrap()
    }

    fn fetches(&self) -> usize {
        self.state.fetches.load(Ordering::SeqCst)
    }
}

const USAGE: &str = r#""usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}"#;

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    let mut received = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let Ok(count @ 1..) = stream.read(&mut buffer).await else { return };
        received.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&received).into_owned();
        if text.starts_with("GET") && text.ends_with("\r\n\r\n") {
            state.fetches.fetch_add(1, Ordering::SeqCst);
            tokio::select! {
                permit = state.catalog.acquire() => permit.unwrap().forget(),
                _ = stream.read(&mut buffer) => {
                    state.closed.add_permits(1);
                    return;
                }
            }
            let provider =
                json!({"provider": "groq", "status": "live", "pricing": {"input": 1.0, "output": 2.0}});
            let body = json!({"data": [{"id": "org/model", "providers": [provider]}]}).to_string();
            send(&mut stream, &body, "application/json").await;
        } else if text.contains("\"stream\":true") {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
            let first = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
            stream.write_all(format!("{head}{first}").as_bytes()).await.unwrap();
            state.ends.acquire().await.unwrap().forget();
            let last = format!(
                "data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"stop\"}}],{USAGE}}}\n\ndata: [DONE]\n\n"
            );
            let _ = stream.write_all(last.as_bytes()).await;
            return;
        } else if text.contains("\"messages\"") && text.ends_with('}') {
            let body =
                format!(r#"{{"choices":[{{"message":{{"content":"Hi"}},"finish_reason":"stop"}}],{USAGE}}}"#);
            send(&mut stream, &body, "application/json").await;
        } else {
            continue;
        }
        received.clear();
    }
}

async fn send(stream: &mut TcpStream, body: &str, kind: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

const COST: Cost = Cost::priced(1_200_000);

async fn ask(driver: &HuggingFaceDriver) -> Cost {
    driver.generate(GenerateRequest::from("Hi")).await.unwrap().cost()
}

#[tokio::test]
async fn one_catalog_fetch_continues_across_calls() {
    let service = Gated::start().await;
    let driver = service.driver();
    for _ in 0..5 {
        assert_eq!(ask(&driver).await, Cost::unknown());
    }
    while service.fetches() == 0 {
        assert_eq!(ask(&driver).await, Cost::unknown());
    }
    service.state.catalog.add_permits(1);
    while ask(&driver).await == Cost::unknown() {}
    assert_eq!((ask(&driver).await, service.fetches()), (COST, 1));
}

#[tokio::test]
async fn concurrent_calls_share_one_fetch() {
    let service = Gated::start().await;
    let driver = service.driver();
    let calls = futures::future::join_all((0..50).map(|_| ask(&driver))).await;
    assert!(calls.iter().all(|cost| *cost == Cost::unknown()));
    service.state.catalog.add_permits(1);
    while ask(&driver).await == Cost::unknown() {}
    assert_eq!(service.fetches(), 1);
}

/// The catalog never arrives, and the driver's own limit is minutes away.
#[tokio::test]
async fn an_estimate_respects_the_timeout_of_the_request() {
    let service = Gated::start().await;
    let driver = service.driver();
    let timeouts = Timeouts::default().with_total(Duration::from_millis(50));
    let request = GenerateRequest::from("Hi").with_timeouts(timeouts);
    let estimate = tokio::time::timeout(Duration::from_secs(5), driver.estimate(&request)).await.unwrap();
    assert_eq!(estimate.unwrap_err().category(), ErrorCategory::Timeout);
}

#[tokio::test]
async fn a_stream_polls_the_fetch_while_it_waits() {
    let service = Gated::start().await;
    let driver = service.driver();
    let mut stream = driver.generate_stream("Hi".into()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().text(), "Hi");
    // The catalog arrives while the stream waits for its end.
    service.state.catalog.add_permits(1);
    let rest = tokio::spawn(async move {
        let chunks: Vec<_> = stream.collect().await;
        chunks.last().unwrap().as_ref().unwrap().response().unwrap().cost()
    });
    while driver.catalog().age().is_none() {
        tokio::task::yield_now().await;
    }
    service.state.ends.add_permits(1);
    assert_eq!((rest.await.unwrap(), service.fetches()), (COST, 1));
}

#[tokio::test]
async fn a_stream_that_ends_before_the_catalog_has_an_unknown_cost() {
    let service = Gated::start().await;
    let driver = service.driver();
    let stream = driver.generate_stream("Hi".into()).await.unwrap();
    service.state.ends.add_permits(1);
    let chunks: Vec<_> = stream.collect().await;
    assert_eq!(chunks.last().unwrap().as_ref().unwrap().response().unwrap().cost(), Cost::unknown());
}

#[tokio::test]
async fn dropping_the_driver_ends_the_fetch() {
    let service = Gated::start().await;
    let driver = service.driver();
    while service.fetches() == 0 {
        ask(&driver).await;
    }
    drop(driver);
    service.state.closed.acquire().await.unwrap().forget();
}

#[test]
fn another_runtime_starts_its_own_fetch() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let service = servers.block_on(Gated::start());
    let driver = service.driver();
    let first = runtime();
    first.block_on(async {
        while service.fetches() == 0 {
            ask(&driver).await;
        }
    });
    // The connections of the first runtime end with it.
    drop(first);
    service.state.catalog.add_permits(2);
    runtime().block_on(async { while ask(&driver).await == Cost::unknown() {} });
    assert_eq!(service.fetches(), 2);
}
