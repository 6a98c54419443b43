//! The queue of the sandbox over HTTP.

use botticelli::batch::{MetricsGauge, QueueGauge, QueueState};
use botticelli::{
    Batch, BotticelliDriver, BotticelliError, GenerateRequest, HuggingFaceDriver, RetryConfig, Sink, Table,
};
use botticelli_sandbox::{Capacity, Sandbox};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A gauge that keeps its readings: the length of the queue, or `None` after a failure.
#[derive(Clone, Debug)]
struct Kept(MetricsGauge, Arc<Mutex<Vec<Option<f64>>>>);

#[botticelli::async_trait]
impl QueueGauge for Kept {
    async fn read(&self) -> Result<QueueState, BotticelliError> {
        let read = self.0.read().await;
        self.1.lock().unwrap().push(read.as_ref().ok().and_then(|state| state.waiting));
        read
    }
}

fn driver(sandbox: &Sandbox) -> HuggingFaceDriver {
    HuggingFaceDriver::builder("openai/gpt-oss-20b:fireworks-ai")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .retry(RetryConfig::never())
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gauge_has_the_running_and_the_waiting_calls() {
    let capacity = Capacity::new(4, Duration::from_secs(600)).with_queue(100);
    let sandbox = Sandbox::builder().with_capacity(capacity).start().await.unwrap();
    let gauge = MetricsGauge::new(sandbox.base_url()).unwrap();
    let idle = gauge.read().await.unwrap();
    assert_eq!((idle.running, idle.waiting), (Some(0.0), Some(0.0)));
    let driver = driver(&sandbox);
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let driver = driver.clone();
            tokio::spawn(async move { driver.generate(GenerateRequest::from("Hi")).await })
        })
        .collect();
    let full = loop {
        let state = gauge.read().await.unwrap();
        if state.running.unwrap() + state.waiting.unwrap() >= 10.0 {
            break state;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!((full.running, full.waiting), (Some(4.0), Some(6.0)));
    calls.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_reads_the_gauge_and_an_endpoint_that_fails_stops_nothing() {
    // Only a sandbox with a capacity has gauges. The other one responds with 404.
    let capacity = Capacity::new(4, Duration::from_millis(40)).with_queue(1000);
    for (sandbox, has_gauges) in [
        (Sandbox::builder().with_capacity(capacity).start().await.unwrap(), true),
        (Sandbox::start().await.unwrap(), false),
    ] {
        let gauge = Kept(MetricsGauge::new(sandbox.base_url()).unwrap(), Arc::default());
        let readings = gauge.1.clone();
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("in.jsonl"), folder.path().join("out.jsonl"));
        // The limited sandbox takes 2 s for these rows.
        let count = if has_gauges { 200 } else { 2000 };
        let rows: Vec<_> = (0..count).map(|id| format!("{{\"text\":\"number {id}\"}}\n")).collect();
        std::fs::write(&input, rows.concat()).unwrap();
        // More calls than the limited sandbox answers at once, on a busy machine too.
        let batch =
            Batch::new(driver(&sandbox)).with_prompt("Repeat: {{ text }}").unwrap().with_concurrency(20);
        let batch = batch.with_queue_gauge(gauge);
        let report = batch.run(Table::open(&input).unwrap(), Sink::create(&output).unwrap()).await.unwrap();
        assert_eq!((report.answered, report.failed), (count, 0));
        let readings = readings.lock().unwrap();
        if has_gauges {
            assert!(
                readings.iter().any(|waiting| waiting.is_some_and(|waiting| waiting > 0.0)),
                "{readings:?}"
            );
        } else {
            assert!(readings.iter().all(Option::is_none), "{readings:?}");
        }
    }
}
