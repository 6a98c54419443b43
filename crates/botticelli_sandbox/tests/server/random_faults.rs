//! Faults at random calls.

use botticelli_sandbox::{Fault, Sandbox};

use crate::common::{chat, hello};

async fn statuses(one_in: u64, seed: u64) -> Vec<u16> {
    let faults = [Fault::named("overloaded-429").unwrap(), Fault::named("status=503").unwrap()];
    let sandbox = Sandbox::builder().with_random_faults(faults, one_in, seed).start().await.unwrap();
    let mut statuses = Vec::new();
    for _ in 0..200 {
        statuses.push(chat(&sandbox, &hello()).await.status);
    }
    statuses
}

#[tokio::test]
async fn a_share_of_the_calls_gets_one_of_the_faults_and_the_seed_repeats_it() {
    let first = statuses(4, 7).await;
    let count = |status| first.iter().filter(|found| **found == status).count();
    let failed = count(429) + count(503);
    assert!((25..=75).contains(&failed), "{failed} of 200");
    assert!(count(429) > 5 && count(503) > 5, "{} and {}", count(429), count(503));
    assert_eq!(count(200), 200 - failed);
    assert_eq!(statuses(4, 7).await, first);
    assert_ne!(statuses(4, 8).await, first);
}

#[tokio::test]
async fn without_a_share_no_call_fails() {
    assert!(statuses(0, 7).await.iter().all(|status| *status == 200));
    assert!(statuses(1, 7).await.iter().all(|status| *status != 200));
}
