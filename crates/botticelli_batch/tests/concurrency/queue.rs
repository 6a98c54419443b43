//! The queue of a server.

use crate::server::Server;
use crate::{batch, run};
use async_trait::async_trait;
use botticelli_batch::{QueueGauge, QueueState};
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The gauge of a simulated server with this number of slots. The other calls wait.
#[derive(Debug)]
struct Slots(Server, usize);

#[async_trait]
impl QueueGauge for Slots {
    async fn read(&self) -> Result<QueueState, BotticelliError> {
        let waiting = self.0.in_flight().saturating_sub(self.1);
        let text = format!("vllm:num_requests_waiting{{model_name=\"a b}}\"}} {waiting}.0\n");
        Ok(QueueState::parse(&text))
    }
}

/// A gauge that cannot be read, and the number of its readings.
#[derive(Clone, Debug, Default)]
struct Broken(Arc<AtomicUsize>);

#[async_trait]
impl QueueGauge for Broken {
    async fn read(&self) -> Result<QueueState, BotticelliError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let kind = DataErrorKind::Failed { reason: "down".into() };
        Err(DataError::new("input", "metrics", kind).into())
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_in_the_server_stops_the_growth() {
    // Without the gauge, this server takes every call.
    let server = Server::new(usize::MAX, 1000.0);
    let report = run(&batch(&server).with_queue_gauge(Slots(server.clone(), 50)), 8000).await;
    assert_eq!(report.answered, 8000);
    let late = server.in_flight_late();
    assert!((40..=75).contains(&late), "{late} calls in flight, peak {}", server.peak());
    let free = Server::new(usize::MAX, 1000.0);
    let _ = run(&batch(&free), 8000).await;
    assert!(free.in_flight_late() > 150, "{}", free.in_flight_late());
}

#[tokio::test(start_paused = true)]
async fn a_gauge_that_fails_changes_nothing() {
    let (with, without) = (Server::new(50, 100.0), Server::new(50, 100.0));
    let broken = Broken::default();
    let with = run(&batch(&with).with_queue_gauge(broken.clone()), 1000).await;
    let without = run(&batch(&without), 1000).await;
    assert_eq!(with.elapsed.as_secs(), without.elapsed.as_secs());
    // Every failure doubles the time to the next reading.
    let (readings, seconds) = (broken.0.load(Ordering::Relaxed), with.elapsed.as_secs());
    assert!(seconds > 8 && (2..=5).contains(&readings), "{readings} readings in {seconds} s");
}

#[test]
fn gauges_of_all_servers_are_read() {
    let parse = QueueState::parse;
    let vllm = "# HELP vllm:num_requests_running x\nvllm:num_requests_running{engine=\"0\"} 3.0\n\
                vllm:num_requests_running{engine=\"1\"} 4.0 1700000000\nvllm:num_requests_waiting{engine=\"0\"} 2\n\
                vllm:kv_cache_usage_perc{engine=\"0\"} 0.25\nvllm:kv_cache_usage_perc{engine=\"1\"} 0.5\n";
    let mut expected = QueueState::new(7.0, 2.0);
    expected.memory = Some(0.5);
    assert_eq!(parse(vllm), expected);
    let llama = "llamacpp:requests_processing 2\nllamacpp:requests_deferred 5\r\n";
    assert_eq!(parse(llama), QueueState::new(2.0, 5.0));
    assert_eq!(parse("tgi_batch_current_size 4\ntgi_queue_size 1\n"), QueueState::new(4.0, 1.0));
    let sglang = "sglang:num_running_reqs{m=\"x\"} 1e1\nsglang:num_queue_reqs{m=\"x\"} 0\n";
    assert_eq!(parse(sglang), QueueState::new(10.0, 0.0));
    let odd = [
        "",
        "<html>",
        "tgi_queue_size NaN",
        "tgi_queue_size{",
        "tgi_queue_size -1",
        "tgi_queue_size_total 3",
        "tgi_queue_size",
    ];
    for odd in odd {
        assert_eq!(parse(odd), QueueState::default(), "{odd}");
    }
}
