//! One driver on several tokio runtimes, and on none.

use crate::common::settings;
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::{Sandbox, Script};
use futures::{FutureExt, StreamExt};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// The runtime of the servers, which outlives the other runtimes.
static SERVERS: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());

fn sandbox() -> Sandbox {
    SERVERS.block_on(Sandbox::start()).unwrap()
}

fn scripted(script: Script) -> Sandbox {
    SERVERS.block_on(Sandbox::builder().with_turn(script).start()).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Wakes the thread that waits.
struct Parked(Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// An executor outside of tokio.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Arc::new(Parked(thread::current())).into();
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Sends a plain and a streamed request.
async fn ask(driver: &HuggingFaceDriver) {
    assert!(!driver.generate("Hi".into()).await.unwrap().text().is_empty());
    let mut stream = driver.generate_stream("Hi".into()).await.unwrap();
    while let Some(chunk) = stream.next().await {
        chunk.unwrap();
    }
}

/// A stream that never ends.
fn half_a_stream() -> Script {
    let piece = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
    Script::stream(200, "text/event-stream").piece(piece).silence()
}

fn is_about_runtimes(error: &BotticelliError, words: &str) {
    assert_eq!(error.category(), ErrorCategory::Configuration, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn a_driver_works_on_a_second_runtime_while_the_first_is_blocked() {
    let sandbox = sandbox();
    let driver = settings(&sandbox).build().unwrap();
    let (first, second) = (runtime(), runtime());
    let started = Instant::now();
    first.block_on(ask(&driver));
    second.block_on(ask(&driver));
    first.block_on(ask(&driver));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[test]
fn a_driver_works_on_one_runtime_after_another() {
    let sandbox = sandbox();
    let driver = settings(&sandbox).build().unwrap();
    // More than are remembered.
    for _ in 0..20 {
        runtime().block_on(ask(&driver));
    }
}

#[test]
fn a_driver_works_on_several_runtimes_at_once() {
    let sandbox = sandbox();
    let driver = settings(&sandbox).build().unwrap();
    let threads = (0..4).map(|_| {
        let driver = driver.clone();
        thread::spawn(move || runtime().block_on(ask(&driver)))
    });
    let threads: Vec<_> = threads.collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn outside_of_a_runtime_every_call_is_a_typed_error_at_once() {
    let sandbox = sandbox();
    let driver = settings(&sandbox).build().unwrap();
    let words = "outside of a tokio runtime";
    is_about_runtimes(&block_on(driver.generate("Hi".into())).unwrap_err(), words);
    is_about_runtimes(&block_on(driver.generate_stream("Hi".into())).err().unwrap(), words);
    is_about_runtimes(&block_on(driver.complete("Hi".into())).unwrap_err(), words);
    is_about_runtimes(&block_on(driver.complete_stream("Hi".into())).err().unwrap(), words);
    is_about_runtimes(&block_on(driver.model_info("org/model")).unwrap_err(), words);
    is_about_runtimes(&block_on(driver.catalog().models()).unwrap_err(), words);
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_stream_outside_of_a_runtime_ends_with_a_typed_error_and_its_text() {
    let sandbox = scripted(half_a_stream());
    let driver = settings(&sandbox).build().unwrap();
    let home = runtime();
    let mut stream = home.block_on(driver.generate_stream("Hi".into())).unwrap();
    assert_eq!(block_on(stream.next()).unwrap().unwrap().text(), "Hello");
    let error = block_on(stream.next()).unwrap().unwrap_err();
    is_about_runtimes(&error, "outside of a tokio runtime");
    assert_eq!(error.partial().unwrap().text(), "Hello");
}

#[test]
fn a_stream_of_a_blocked_runtime_ends_with_a_typed_error_and_its_text() {
    let sandbox = scripted(half_a_stream());
    let driver = settings(&sandbox).build().unwrap();
    let (home, other) = (runtime(), runtime());
    let mut stream = home.block_on(driver.generate_stream("Hi".into())).unwrap();
    let started = Instant::now();
    let error = other.block_on(async {
        assert_eq!(stream.next().await.unwrap().unwrap().text(), "Hello");
        stream.next().await.unwrap().unwrap_err()
    });
    is_about_runtimes(&error, "belongs to another tokio runtime");
    assert_eq!(error.partial().unwrap().text(), "Hello");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[test]
fn a_stream_of_a_running_runtime_is_read_on_another() {
    let sandbox = sandbox();
    let driver = settings(&sandbox).build().unwrap();
    let mut stream = SERVERS.block_on(driver.generate_stream("Hi".into())).unwrap();
    let text = runtime().block_on(async {
        let mut text = String::new();
        while let Some(chunk) = stream.next().await {
            text.push_str(chunk.unwrap().text());
        }
        text
    });
    assert!(!text.is_empty());
}

#[test]
fn a_custom_client_on_a_blocked_runtime_is_a_typed_error() {
    let sandbox = sandbox();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let driver = settings(&sandbox).http_client(client).build().unwrap();
    let (first, second) = (runtime(), runtime());
    first.block_on(ask(&driver));
    let error = second.block_on(driver.generate("Hi".into())).unwrap_err();
    is_about_runtimes(&error, "`http_client`");
    first.block_on(ask(&driver));
    drop(first);
    // Its connections are closed with its runtime.
    second.block_on(ask(&driver));
}

#[test]
fn a_catalog_fetch_of_another_runtime_is_not_awaited() {
    let sandbox = sandbox();
    let driver = settings(&sandbox).build().unwrap();
    let (first, second) = (runtime(), runtime());
    let catalog = driver.catalog();
    let mut fetching = Box::pin(catalog.models());
    // It is begun, and never polled again.
    first.block_on(async { assert!(fetching.as_mut().now_or_never().is_none()) });
    let started = Instant::now();
    assert!(!second.block_on(catalog.models()).unwrap().is_empty());
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}
