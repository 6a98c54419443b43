//! The requirements for every driver.

use crate::support::{TinyModel, open, open_with};
use botticelli_core::Timeouts;
use botticelli_gguf::GgufConfig;
use botticelli_interface::ManualClock;
use botticelli_interface::conformance::{Subject, run};
use futures::FutureExt;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn the_driver_meets_all_requirements() {
    let driver = open(&TinyModel::script(&["I", " am", " well", ", thank", " you", "."]));
    let idle = driver.clone();
    let subject = Subject::new(Arc::new(driver)).with_unknown_model("other").with_idle_check(move || {
        let driver = idle.clone();
        async move {
            for _ in 0..2_000 {
                if driver.open_responses() == 0 {
                    return true;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            false
        }
        .boxed()
    });
    let report = run(&subject).await;
    let failures: Vec<_> = report.failures().collect();
    assert!(failures.is_empty(), "{report}");
    assert!(report.outcomes().len() >= 16, "{report}");
}

#[tokio::test]
async fn a_response_that_expires_at_once_has_no_text() {
    let clock = ManualClock::default();
    let timeouts = Timeouts::default().with_total(Duration::ZERO).with_first_token(Duration::ZERO);
    let config = GgufConfig::default().with_timeouts(timeouts).with_clock(Arc::new(clock));
    let driver = open_with(&TinyModel::script(&["one"]), config);
    let error = botticelli_interface::BotticelliDriver::generate(&driver, "Hi".into()).await.unwrap_err();
    assert!(error.partial().is_none(), "{error}");
}
