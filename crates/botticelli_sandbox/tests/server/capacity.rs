//! A limited capacity: slots, a queue, rejections, and gauges.

use std::time::Duration;

use botticelli_sandbox::{Capacity, Sandbox};

use crate::common::{chat, exchange, get, hello};

async fn limited(capacity: Capacity) -> Sandbox {
    Sandbox::builder().with_capacity(capacity).start().await.unwrap()
}

#[tokio::test]
async fn a_call_beyond_slots_and_queue_is_rejected() {
    let capacity = Capacity::new(1, Duration::from_millis(300)).with_queue(1);
    let sandbox = limited(capacity.with_retry_after(Duration::from_millis(1_500))).await;
    let body = hello();
    let (first, second, third) =
        tokio::join!(chat(&sandbox, &body), chat(&sandbox, &body), chat(&sandbox, &body));
    let mut statuses = [first.status, second.status, third.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 429]);
    let rejected = [first, second, third].into_iter().find(|response| response.status == 429).unwrap();
    assert_eq!(rejected.header("retry-after"), Some("1.500"));
    // The capacity is free again.
    assert_eq!(chat(&sandbox, &body).await.status, 200);
}

#[tokio::test]
async fn the_gauges_count_running_and_waiting_calls() {
    let sandbox = limited(Capacity::new(2, Duration::from_secs(3600)).with_queue(8)).await;
    assert_eq!(exchange(&sandbox, get("/metrics")).await.status, 200);
    let body = hello();
    let calls = async {
        tokio::join!(chat(&sandbox, &body), chat(&sandbox, &body), chat(&sandbox, &body));
    };
    let gauges = async {
        loop {
            let text = exchange(&sandbox, get("/metrics")).await.text().to_owned();
            if text.contains("vllm:num_requests_waiting 1.0") {
                return text;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = calls => panic!("a call lasts an hour"),
        text = gauges => assert!(text.contains("vllm:num_requests_running 2.0"), "{text}"),
    }
    assert!(sandbox.requests().is_empty(), "a call in progress is not recorded, and neither are the gauges");
}

#[tokio::test]
async fn without_a_limit_there_are_no_gauges() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_eq!(exchange(&sandbox, get("/metrics")).await.status, 404);
}
