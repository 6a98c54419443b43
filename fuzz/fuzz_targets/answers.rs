//! Responses of a server, through the driver: no panic, one end, the category that the status requires, a message of
//! bounded length, and never the token. `canned.rs` describes the input.
#![no_main]

#[path = "../canned.rs"]
mod canned;

use crate::canned::CannedAnswer;
use botticelli_core::{GenerateRequest, GenerateResponse, RetryConfig};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_models::transport::fuzzing::respond_with;
use futures::StreamExt;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

const TOKENS: [&str; 2] = ["hf_fuzzing0TokenThatWasSent", "a-word-of-the-house"];

fuzz_target!(|input: &[u8]| {
    // One token has a known prefix, the other is recognized only because it was sent.
    let which = input.len() % 2;
    let (token, driver) = (TOKENS[which], &DRIVERS[which]);
    if let Some(answer) = CannedAnswer::read(input, token) {
        RUNTIME.block_on(ask(driver, &answer, token));
    }
});

async fn ask(driver: &HuggingFaceDriver, answer: &CannedAnswer, token: &str) {
    respond_with({
        let answer = answer.clone();
        move |request_url| answer.response(request_url)
    });
    let whole = driver.generate(GenerateRequest::from("Hi")).await;
    if let Err(error) = &whole {
        check(error, answer, token);
    }

    respond_with({
        let answer = answer.clone();
        move |request_url| answer.response(request_url)
    });
    let streamed = match driver.generate_stream(GenerateRequest::from("Hi")).await {
        Ok(mut stream) => {
            let (mut text, mut end) = (String::new(), None);
            while let Some(item) = stream.next().await {
                assert!(end.is_none(), "something came after the end");
                match item {
                    Ok(chunk) => {
                        text.push_str(chunk.text());
                        end = chunk.into_response().map(Ok);
                    }
                    Err(error) => end = Some(Err(error)),
                }
            }
            let end = end.expect("a stream has an end");
            match &end {
                Ok(response) => assert_eq!(response.text(), text, "the pieces are the answer"),
                Err(error) => {
                    let partial_text = error.partial().map(|partial| partial.text()).unwrap_or_default();
                    // Text in the same event as the error had arrived, but was not yielded as a chunk.
                    assert!(
                        partial_text.starts_with(&text),
                        "{text:?} was given out, and {partial_text:?} had arrived"
                    );
                }
            }
            end
        }
        Err(error) => Err(error),
    };
    if let Err(error) = &streamed {
        check(error, answer, token);
    }
    if answer.status >= 300 {
        assert!(whole.is_err() && streamed.is_err(), "HTTP {} is no success", answer.status);
    }
    if let (Ok(whole), Ok(streamed)) = (&whole, &streamed) {
        assert_eq!(described(whole), described(streamed), "plain and streamed");
    }

    // The catalog also reads data of a server.
    respond_with({
        let answer = answer.clone();
        move |request_url| answer.response(request_url)
    });
    if let Err(error) = driver.model_info("org/name").await {
        check(&error, answer, token);
    }
}

/// Returns the content of a response without the parts that differ between calls.
fn described(response: &GenerateResponse) -> String {
    let calls: Vec<_> = response.tool_calls().collect();
    format!("{} {} {calls:?} {:?}", response.text(), response.reasoning(), response.usage())
}

/// Checks the properties of every error, for any text of the server.
fn check(error: &BotticelliError, answer: &CannedAnswer, token: &str) {
    use ErrorCategory as Is;
    let shown = error.to_string();
    // 300 characters of the server's text, the longest of which print as `\u{10ffff}`, a request id of 200, and a
    // sentence of the driver.
    let length = shown.chars().count();
    assert!(length <= 10 * 300 + 200 + 600, "a message of {length} characters");
    let debug = format!("{error:?} {:#?} {} {:?}", error.kind(), error.advice(), error.request_id());
    for text in [shown, debug] {
        assert!(!text.contains(token), "the token is in {text}");
    }

    let category = error.category();
    if answer.status < 300 {
        assert_eq!(error.status(), None);
        return;
    }
    // A server that expects TLS causes an error about the address, without a status.
    let by_scheme = category == Is::Connection && error.status().is_none();
    assert!(by_scheme || error.status() == Some(answer.status), "HTTP {}: {error}", answer.status);
    // The category of the status alone, and the categories that the server's text may select.
    let by_status: &[Is] = match answer.status {
        300..=399 => &[Is::Configuration],
        401 => &[Is::Authentication],
        402 => &[Is::CreditsExhausted],
        403 => &[Is::Permission, Is::NotServed],
        408 => &[Is::Server],
        410 => &[Is::NotFound],
        413 => &[Is::TooLarge],
        424 => &[Is::Generation],
        420 | 429 | 498 => &[Is::RateLimited],
        425 | 499 => &[Is::Server],
        451 => &[Is::Permission],
        404 | 405 => &[Is::NotFound, Is::NotServed],
        400 => &[Is::InvalidRequest, Is::NotFound, Is::NotServed, Is::Paused],
        400..=499 => &[Is::InvalidRequest, Is::NotFound, Is::NotServed],
        501 => &[Is::Unsupported],
        503 => &[Is::Loading, Is::Server],
        _ => &[Is::Server],
    };
    let by_text: &[Is] = match answer.status {
        400 | 405..=407 | 409 | 411..=423 | 426..=428 | 431 | 500 => &[
            Is::Authentication,
            Is::ContextExceeded,
            Is::CreditsExhausted,
            Is::Filtered,
            Is::Generation,
            Is::InvalidRequest,
            Is::NotChatModel,
            Is::NotFound,
            Is::Permission,
            Is::Unsupported,
        ],
        401 => &[Is::Permission],
        403 => &[Is::Authentication, Is::CreditsExhausted, Is::Filtered],
        404 => &[Is::NotChatModel, Is::Unsupported],
        429 => &[Is::CreditsExhausted, Is::Permission],
        498 => &[Is::Authentication],
        501 => &[Is::NotFound],
        _ => &[],
    };
    let allowed = by_scheme || by_status.contains(&category) || by_text.contains(&category);
    assert!(allowed, "HTTP {} became {category:?}: {error}", answer.status);
}

// The target has no network: an unexpected second attempt would panic.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

static DRIVERS: LazyLock<Vec<HuggingFaceDriver>> = LazyLock::new(|| {
    let driver = |token: &&str| {
        HuggingFaceDriver::builder("org/name")
            .base_url("http://127.0.0.1:9/v1")
            .token(*token)
            .environment(Environment::empty())
            .retry(RetryConfig::never())
            .build()
            .expect("a driver")
    };
    TOKENS.iter().map(driver).collect()
});
