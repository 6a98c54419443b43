//! Settings: their checks, and the table of a configuration.

use crate::common::{broken_model, model};
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_interface::conformance::{self, Subject};
use botticelli_layers::LayerExt;
use botticelli_layers::mock::{MockDriver, MockReply};
use botticelli_layers::rate_limit::{RateLimit, RateLimitConfig};
use futures::FutureExt;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn read(table: Value) -> Result<RateLimitConfig, String> {
    serde_json::from_value(table).map_err(|error| error.to_string())
}

#[tokio::test]
async fn limits_that_make_no_sense_are_refused() {
    let refused = [
        (RateLimit::requests_per_minute(0), "`requests_per_minute` cannot be 0 because it allows no call"),
        (RateLimit::tokens_per_day(0), "`tokens_per_day` cannot be 0 because it allows no call"),
        (RateLimit::max_in_flight(0), "`max_in_flight` cannot be 0 because it allows no call"),
        (RateLimit::tokens_per_minute(u64::MAX), "because it is more than 1000000000000"),
        (
            RateLimit::requests_per_minute(60).with_requests_per_day(50),
            "`requests_per_minute` cannot be 60 because `requests_per_day` is only 50. Give at most 50.",
        ),
        (
            RateLimit::tokens_per_minute(60).with_tokens_per_day(50),
            "`tokens_per_minute` cannot be 60 because `tokens_per_day` is only 50. Give at most 50.",
        ),
    ];
    for (limit, message) in refused {
        let error = limit.validate().unwrap_err();
        assert_eq!(error.category(), ErrorCategory::InvalidRequest);
        assert!(error.to_string().starts_with("RateLimit: "), "{error}");
        assert!(error.to_string().contains(message), "{error}");
        let mock = MockDriver::answering(["unused"]);
        assert!(mock.clone().with_rate_limit(limit).generate("Hi".into()).await.is_err());
        assert!(mock.calls().is_empty());
    }
    let usual = RateLimit::requests_per_minute(20).with_requests_per_day(50).with_tokens_per_minute(6_000);
    assert!(usual.validate().is_ok());
}

#[test]
fn a_table_sets_all_limits() {
    let config = read(json!({
        "requests_per_minute": 60, "requests_per_day": 1000, "tokens_per_minute": 6000,
        "tokens_per_day": 500_000, "max_in_flight": 8, "max_wait": "1.5 min",
    }));
    let config = config.unwrap();
    let limit = RateLimit::from_config(&config).unwrap();
    let code = RateLimit::requests_per_minute(60)
        .with_requests_per_day(1_000)
        .with_tokens_per_minute(6_000)
        .with_tokens_per_day(500_000)
        .with_max_in_flight(8)
        .with_max_wait(Duration::from_secs(90));
    assert_eq!(format!("{limit:?}"), format!("{code:?}"));
    assert_eq!(read(serde_json::to_value(&config).unwrap()).unwrap(), config);
}

#[test]
fn mistakes_in_a_table_are_errors() {
    let error = RateLimit::from_config(&RateLimitConfig::default()).unwrap_err();
    assert_eq!(error.to_string(), "RateLimit: `requests_per_minute` is missing. Set at least one limit.");
    assert!(RateLimit::from_config(&read(json!({"max_wait": "1 s"})).unwrap()).is_err());
    assert!(RateLimit::from_config(&read(json!({"tokens_per_day": 0})).unwrap()).is_err());
    let unknown = read(json!({"request_per_minute": 60})).unwrap_err();
    assert!(unknown.contains("unknown field") && unknown.contains("requests_per_minute"), "{unknown}");
    for table in [
        json!({"requests_per_minute": -1}),
        json!({"requests_per_minute": 1.5}),
        json!({"requests_per_minute": "60"}),
        json!({"max_wait": "soon"}),
        json!({"max_wait": -1}),
    ] {
        assert!(read(table.clone()).is_err(), "{table}");
    }
}

#[tokio::test]
async fn a_rate_limit_satisfies_the_conformance_list() {
    let mock = model();
    let idle = mock.clone();
    let limit =
        || RateLimit::requests_per_minute(1_000).with_tokens_per_minute(1_000_000).with_max_in_flight(1);
    let wrong = MockDriver::answering([MockReply::failure(ErrorCategory::Authentication)]).repeating();
    let subject = Subject::new(Arc::new(mock.with_rate_limit(limit())))
        .with_unknown_model("unknown")
        .with_broken_stream(Arc::new(broken_model().with_rate_limit(limit())))
        .with_wrong_key(Arc::new(wrong.with_rate_limit(limit())))
        .with_idle_check(move || {
            let is_idle = idle.open_calls() == 0;
            async move { is_idle }.boxed()
        });
    let report = conformance::run(&subject).await;
    assert!(report.failures().next().is_none(), "{report}");
    assert!(!report.to_string().contains("skipped"), "{report}");
}
