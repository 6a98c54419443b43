//! Responses of a server, through the driver: no panic, one end, the category that the status requires, a message of
//! bounded length, and never the token.
//!
//! The input resembles a response: a line with status and content type, header lines, an empty line, the body.
//! `{token}` is replaced by the token of the request, `{token-escaped}` by the token in JSON escapes. `{cut}` splits
//! the body into pieces.
#![no_main]

use botticelli_core::{GenerateRequest, GenerateResponse, RetryConfig};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_models::transport::fuzzing::respond_with;
use bytes::Bytes;
use futures::StreamExt;
use http_body::{Body, Frame};
use libfuzzer_sys::fuzz_target;
use reqwest::{ResponseBuilderExt, Url};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};
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

/// Response of the server.
#[derive(Clone)]
struct CannedAnswer {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    pieces: VecDeque<Bytes>,
}

impl CannedAnswer {
    fn read(input: &[u8], token: &str) -> Option<Self> {
        let escaped: String = token.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
        let input = replace(input, b"{token-escaped}", escaped.as_bytes());
        let input = replace(&input, b"{token}", token.as_bytes());
        let end = find(&input, b"\n\n").unwrap_or(input.len());
        let (head, body) = input.split_at(end);
        let mut head = head.split(|byte| *byte == b'\n');
        let first = std::str::from_utf8(head.next()?).ok()?;
        let (status, content_type) = first.split_once(' ').unwrap_or((first, ""));
        let status = status.parse().ok().filter(|status| (200..600).contains(status))?;
        let mut headers = vec![("content-type".to_owned(), content_type.into())];
        for line in head {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let value = line[colon + 1..].trim_ascii().to_vec();
            headers.push((String::from_utf8(line[..colon].to_vec()).ok()?, value));
        }
        let mut body = body.get(2..).unwrap_or_default();
        let mut pieces = VecDeque::new();
        while let Some(at) = find(body, b"{cut}") {
            pieces.push_back(Bytes::copy_from_slice(&body[..at]));
            body = &body[at + b"{cut}".len()..];
        }
        pieces.push_back(Bytes::copy_from_slice(body));
        let answer = Self { status, headers, pieces };
        answer.try_response(&Url::parse("http://127.0.0.1:9/").ok()?).is_some().then_some(answer)
    }

    fn try_response(&self, request_url: &Url) -> Option<reqwest::Response> {
        let mut response = http::Response::builder().status(self.status).url(request_url.clone());
        for (name, value) in &self.headers {
            response = response.header(name, value.as_slice());
        }
        let body = reqwest::Body::wrap(Pieces(self.pieces.clone()));
        response.body(body).ok().map(Into::into)
    }

    fn response(&self, request_url: &Url) -> reqwest::Response {
        self.try_response(request_url).expect("it was one when it was read")
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn replace(mut bytes: &[u8], part: &[u8], with: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    while let Some(at) = find(bytes, part) {
        replaced.extend_from_slice(&bytes[..at]);
        replaced.extend_from_slice(with);
        bytes = &bytes[at + part.len()..];
    }
    replaced.extend_from_slice(bytes);
    replaced
}

/// A complete body in pieces.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}
