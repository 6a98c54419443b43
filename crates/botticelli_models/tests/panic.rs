//! A panic during a call: neither its message nor its backtrace contains the token.
#![cfg(feature = "huggingface")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod common;
#[path = "secrets/search/mod.rs"]
mod search;

use botticelli_core::RetryConfig;
use botticelli_interface::BotticelliDriver;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_models::transport::Wait;
use botticelli_sandbox::{Sandbox, Script, Turn};
use search::calls::{builder_with, echoing};
use search::{PLAIN, SECRET, assert_no_token};
use std::backtrace::Backtrace;
use std::sync::{Arc, Mutex, PoisonError};

#[tokio::test]
async fn a_panic_during_a_call_shows_no_token() {
    let messages = Arc::new(Mutex::new(Vec::new()));
    let recorded = messages.clone();
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        recorded.lock().unwrap().push(format!("{info} {info:?} {}", Backtrace::force_capture()));
    }));
    let mut joined = Vec::new();
    for (token, body) in [
        (SECRET, serde_json::json!({ "error": format!("Bearer {SECRET}") })),
        (PLAIN, serde_json::json!({ "error": PLAIN })),
        (PLAIN, serde_json::json!({ "error": format!("loading {PLAIN}"), "estimated_time": 0.01 })),
    ] {
        let sandbox =
            Sandbox::builder().with_turn(echoing(Script::json(503, body), token)).with_turn(Turn::Default);
        let sandbox = sandbox.with_token(token).start().await.unwrap();
        let itself = Arc::new(Mutex::new(None::<HuggingFaceDriver>));
        let seen = itself.clone();
        let driver = builder_with(&sandbox, token)
            .retry(RetryConfig::default())
            .observer(move |wait: &Wait| {
                let driver = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
                panic!("the observer fell over {wait:?} {wait:#?} of {driver:?}");
            })
            .build()
            .unwrap();
        *itself.lock().unwrap() = Some(driver.clone());
        let calling = driver.clone();
        let panicked = tokio::spawn(async move { calling.generate("Hi".into()).await }).await.unwrap_err();
        joined.push(format!("{panicked} {panicked:?}"));
        // The driver still works.
        assert!(driver.generate("Hi".into()).await.is_ok());
    }
    std::panic::set_hook(usual);
    let messages = messages.lock().unwrap();
    let fell_over = messages.iter().filter(|text| text.contains("the observer fell over"));
    assert_eq!(fell_over.count(), 3, "{messages:?}");
    messages.iter().chain(&joined).for_each(|text| assert_no_token("a panic", text));
}
