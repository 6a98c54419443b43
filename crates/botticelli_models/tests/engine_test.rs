//! The conformance list against any server that speaks chat completions. `just test-engine`; see HUGGINGFACE.md.
#![cfg(feature = "huggingface")]
#![allow(clippy::print_stdout, reason = "the report is what it is run for")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

use botticelli_interface::BotticelliDriver;
use botticelli_interface::conformance::{self, Subject};
use botticelli_models::huggingface::HuggingFaceDriver;
use std::sync::Arc;

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn driver(url: &str, model: &str, key: Option<&str>) -> Arc<dyn BotticelliDriver> {
    let builder = HuggingFaceDriver::builder(model).base_url(url);
    let builder = match key {
        Some(key) => builder.token(key),
        None => builder,
    };
    Arc::new(builder.build().unwrap())
}

#[tokio::test]
#[ignore = "asks the server at BOTTICELLI_ENGINE_URL: just test-engine"]
async fn holds_the_conformance_list_against_an_engine() {
    let url =
        variable("BOTTICELLI_ENGINE_URL").expect("set BOTTICELLI_ENGINE_URL, as http://127.0.0.1:8080/v1");
    let model =
        variable("BOTTICELLI_ENGINE_MODEL").expect("set BOTTICELLI_ENGINE_MODEL to a model that it serves");
    let key = variable("BOTTICELLI_ENGINE_KEY");
    let mut subject = Subject::new(driver(&url, &model, key.as_deref()));
    if key.is_some() {
        subject = subject.with_wrong_key(driver(&url, &model, Some("a-wrong-key")));
    }
    if let Some(unknown) = variable("BOTTICELLI_ENGINE_UNKNOWN_MODEL") {
        subject = subject.with_unknown_model(unknown);
    }
    let report = conformance::run(&subject).await;
    println!("{model} at {url}\n{report}");
    assert_eq!(report.failures().count(), 0, "{report}");
}
