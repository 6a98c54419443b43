//! Compressed responses, with the features `gzip`, `brotli` and `zstd`: complete ones are read, incomplete ones are errors,
//! and limits count decompressed bytes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod common;

use botticelli_core::Timeouts;
use botticelli_error::{BotticelliError, BotticelliErrorKind, ErrorCategory, HttpErrorKind, JsonErrorKind};
use botticelli_error::{HuggingFaceErrorKind, ModelsErrorKind, PartialResponse};
use botticelli_interface::BotticelliDriver;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_models::transport::Limits;
use botticelli_sandbox::{Sandbox, Script};
use common::{collect, compressed, driver, failure, folded, scripted, settings, stream_failure};
use futures::StreamExt;
use std::time::{Duration, Instant};

const ENCODINGS: [&str; 3] = ["gzip", "br", "zstd"];
const TEXT: &str = "Botticelli painted it, in 1485, or so.";

fn whole(encoding: &str, name: &str) -> Vec<u8> {
    compressed(encoding, name).concat()
}

fn json(status: u16, encoding: &str, body: Vec<u8>) -> Script {
    Script::text(status, "application/json", body).header("content-encoding", encoding)
}

fn events(encoding: &str) -> Script {
    Script::stream(200, "text/event-stream").header("content-encoding", encoding)
}

/// A driver with limits of 256 KiB for a response, 64 KiB for an event and 4 KiB for an error response.
fn small(sandbox: &Sandbox) -> HuggingFaceDriver {
    let limits = Limits::default().with_response(256 << 10).with_event(64 << 10).with_error_body(4 << 10);
    settings(sandbox).limits(limits).build().unwrap()
}

/// Returns the part that is too large, and the limit.
fn too_large(error: &BotticelliError) -> (&'static str, usize) {
    assert_eq!(error.category(), ErrorCategory::TooLarge, "{error}");
    match error.kind() {
        BotticelliErrorKind::Http(http) => match http.kind() {
            HttpErrorKind::TooLarge { what, limit } => (what, *limit),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn assert_not_unpacked(error: &BotticelliError, case: &str) {
    assert_eq!(error.category(), ErrorCategory::InvalidResponse, "{case}: {error} {error:?}");
    assert!(
        matches!(error.kind(), BotticelliErrorKind::Json(json) if *json.kind() == JsonErrorKind::DecompressionFailed),
        "{case}: {error:?}"
    );
    assert!(error.to_string().contains("a compressed body that cannot be decompressed. Check"), "{error}");
    assert!(!error.is_retryable(), "{case}");
}

#[tokio::test]
async fn each_encoding_is_requested_and_decoded() {
    for encoding in ENCODINGS {
        let sandbox = scripted(json(200, encoding, whole(encoding, "answer"))).await;
        assert_eq!(driver(&sandbox).generate("Hi".into()).await.unwrap().text(), TEXT, "{encoding}");
        let request = &sandbox.requests()[0];
        let accepted: Vec<_> = request.header("accept-encoding").unwrap().split(',').map(str::trim).collect();
        assert!(accepted.contains(&encoding), "{accepted:?}");
        // An unrequested stream, and a plain response to a stream request.
        assert_eq!(folded(&driver(&sandbox), "Hi".into()).await.text(), TEXT, "{encoding}");
        let sandbox = scripted(events(encoding).pieces(compressed(encoding, "stream"))).await;
        assert_eq!(driver(&sandbox).generate("Hi".into()).await.unwrap().text(), TEXT, "{encoding}");
        assert_eq!(folded(&driver(&sandbox), "Hi".into()).await.text(), TEXT, "{encoding}");
    }
}

#[tokio::test]
async fn a_compressed_stream_is_read_in_any_division_of_its_bytes() {
    for encoding in ENCODINGS {
        let bytes = whole(encoding, "stream");
        for size in [1, 2, 3, 7, bytes.len()] {
            let sandbox = scripted(events(encoding).pieces(bytes.chunks(size))).await;
            let (chunks, error) = collect(&driver(&sandbox), "Hi".into()).await;
            assert!(error.is_none(), "{encoding} by {size}: {error:?}");
            assert_eq!(chunks.len(), 5, "four pieces and the end");
            assert_eq!(chunks.last().unwrap().response().unwrap().text(), TEXT);
        }
    }
}

#[tokio::test]
async fn flushed_data_is_yielded_before_more_arrives() {
    for encoding in ENCODINGS {
        let pieces = compressed(encoding, "stream");
        let sandbox = scripted(events(encoding).pieces(pieces.iter().take(2).cloned()).silence()).await;
        let mut stream = driver(&sandbox).generate_stream("Hi".into()).await.unwrap();
        let mut text = String::new();
        for _ in 0..2 {
            text += stream.next().await.unwrap().unwrap().text();
        }
        assert_eq!(text, "Botticelli painted it, ", "{encoding}");
    }
}

#[tokio::test]
async fn a_compressed_error_response_keeps_its_meaning() {
    for encoding in ENCODINGS {
        let sandbox = scripted(json(400, encoding, whole(encoding, "refusal"))).await;
        for error in [
            failure(&driver(&sandbox), "Hi".into()).await,
            stream_failure(&driver(&sandbox), "Hi".into()).await,
        ] {
            assert_eq!(error.category(), ErrorCategory::NotChatModel, "{encoding}: {error}");
            assert!(error.to_string().contains("The requested model 'org/m'"), "{error}");
        }
    }
}

#[tokio::test]
async fn limits_count_decompressed_bytes() {
    for encoding in ENCODINGS {
        // A megabyte takes a few bytes to a kilobyte on the wire.
        let endless = |script: Script, name: &str| {
            let bomb = compressed(encoding, name);
            assert!(bomb.iter().map(Vec::len).sum::<usize>() < 3 << 10);
            script.pieces(bomb.clone()).repeat(bomb[1].clone())
        };
        let json = Script::stream(200, "application/json").header("content-encoding", encoding);
        let plain = endless(json.clone(), "document");
        let sandbox = scripted(plain).await;
        let error = failure(&small(&sandbox), "Hi".into()).await;
        assert_eq!(too_large(&error), ("response", 256 << 10), "{encoding}");
        // Events are read under any content type.
        let error = failure(&small(&scripted(endless(json, "bomb")).await), "Hi".into()).await;
        assert_eq!(too_large(&error), ("event", 64 << 10), "{encoding}");
        let sandbox = scripted(endless(events(encoding), "bomb")).await;
        let error = stream_failure(&small(&sandbox), "Hi".into()).await;
        assert_eq!(too_large(&error), ("event", 64 << 10), "{encoding}");
        // The beginning of an error response is read. Its status decides the category.
        let sandbox =
            scripted(endless(Script::stream(500, "text/plain").header("content-encoding", encoding), "bomb"))
                .await;
        let error = failure(&small(&sandbox), "Hi".into()).await;
        assert_eq!((error.category(), error.status()), (ErrorCategory::Server, Some(500)), "{encoding}");
    }
}

#[tokio::test]
async fn a_flood_of_events_ends_in_an_error_with_the_partial_response() {
    for encoding in ["gzip", "zstd"] {
        let flood = compressed(encoding, "flood");
        let endless = events(encoding).pieces(flood.clone()).repeat(flood.last().unwrap().clone());
        let error = stream_failure(&small(&scripted(endless).await), "Hi".into()).await;
        assert_eq!(too_large(&error), ("response", 256 << 10), "{encoding}");
        let partial = error.partial().map_or("", PartialResponse::text);
        assert!(partial.starts_with("Helloxxx") && partial.len() >= 256 << 10, "{encoding}");
        assert!(partial.len() < 264 << 10, "{encoding}: {}", partial.len());
    }
}

#[tokio::test]
async fn a_broken_compressed_response_is_an_error_with_the_partial_response() {
    for encoding in ENCODINGS {
        let sandbox =
            scripted(events(encoding).pieces(compressed(encoding, "stream").into_iter().take(2)).cut()).await;
        let error = stream_failure(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(error.category(), ErrorCategory::Connection, "{encoding}: {error:?}");
        assert_eq!(error.partial().map(PartialResponse::text), Some("Botticelli painted it, "), "{encoding}");
        let sandbox =
            scripted(json(200, encoding, Vec::new()).piece(&whole(encoding, "answer")[..30]).cut()).await;
        let error = failure(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(error.category(), ErrorCategory::Connection, "{encoding}: {error:?}");
    }
}

#[tokio::test]
async fn compressed_data_that_is_too_short_or_too_long_is_an_error() {
    for encoding in ENCODINGS {
        // The HTTP message is whole; what it carries is not.
        let sandbox =
            scripted(events(encoding).pieces(compressed(encoding, "stream").into_iter().take(2))).await;
        let error = stream_failure(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(error.category(), ErrorCategory::Connection, "{encoding}: {error:?}");
        assert_eq!(error.partial().map(PartialResponse::text), Some("Botticelli painted it, "), "{encoding}");
        let bytes = whole(encoding, "answer");
        for length in 1..bytes.len() {
            let sandbox = scripted(json(200, encoding, bytes[..length].to_vec())).await;
            let error = failure(&driver(&sandbox), "Hi".into()).await;
            let category = error.category();
            assert_eq!(category, ErrorCategory::Connection, "{encoding}, {length} bytes: {error:?}");
        }
        let sandbox = scripted(json(200, encoding, bytes).piece("more")).await;
        assert_not_unpacked(&failure(&driver(&sandbox), "Hi".into()).await, encoding);
    }
}

#[tokio::test]
async fn a_corrupted_byte_never_changes_the_response_silently() {
    // gzip and zstd have a sum over what they carry; brotli has none, and what it makes of a wrong byte may be text.
    for encoding in ["gzip", "zstd"] {
        let bytes = whole(encoding, "answer");
        for place in 0..bytes.len() {
            let mut wrong = bytes.clone();
            wrong[place] ^= 0x10;
            let sandbox = scripted(json(200, encoding, wrong)).await;
            match driver(&sandbox).generate("Hi".into()).await {
                // The gzip header has bytes that mean nothing to the text.
                Ok(answer) => assert_eq!(answer.text(), TEXT, "{encoding}, byte {place}"),
                Err(error) => {
                    let category = error.category();
                    let known = [ErrorCategory::InvalidResponse, ErrorCategory::Connection];
                    assert!(known.contains(&category), "{encoding}, byte {place}: {error:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_uncompressed_body_that_claims_an_encoding_is_an_error() {
    for encoding in ENCODINGS {
        let body = r#"{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}"#;
        let sandbox = scripted(json(200, encoding, body.into())).await;
        assert_not_unpacked(&failure(&driver(&sandbox), "Hi".into()).await, encoding);
        let sandbox = scripted(events(encoding).piece("data: {\"choices\":[]}\n\n")).await;
        assert_not_unpacked(&stream_failure(&driver(&sandbox), "Hi".into()).await, encoding);
        // The status already identifies the error.
        let sandbox = scripted(json(429, encoding, body.into())).await;
        assert_eq!(failure(&driver(&sandbox), "Hi".into()).await.category(), ErrorCategory::RateLimited);
    }
}

#[tokio::test]
async fn an_error_names_the_encoding_without_a_feature() {
    let sandbox = scripted(json(200, "deflate", vec![0x78, 0x9c, 0xab, 0x56, 0x4a, 0xce])).await;
    for error in
        [failure(&driver(&sandbox), "Hi".into()).await, stream_failure(&driver(&sandbox), "Hi".into()).await]
    {
        assert_eq!(error.category(), ErrorCategory::InvalidResponse);
        let message = "sent a compressed response (\"deflate\") although the request did not allow it. Turn compression off";
        assert!(error.to_string().contains(message), "{error}");
    }
    let sandbox = scripted(json(401, "deflate", vec![0x78, 0x9c, 0xab])).await;
    let error = failure(&driver(&sandbox), "Hi".into()).await;
    assert!(
        matches!(error.kind(), BotticelliErrorKind::Models(models)
            if matches!(models.kind(), ModelsErrorKind::HuggingFace(HuggingFaceErrorKind::TokenRejected))),
        "{error:?}"
    );
    assert!(!error.to_string().contains("HTTP 429:"), "{error}");
}

#[tokio::test]
async fn a_decompression_bomb_times_out_and_does_not_block_other_tasks() {
    // Endless blank lines, 128 KiB in 4 bytes: a frame, and blocks that repeat one byte.
    let blank_lines = [0x02, 0x00, 0x10, b'\n'].repeat(64);
    let sandbox =
        scripted(events("zstd").piece([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x68]).repeat(blank_lines)).await;
    let timeouts = Timeouts::default().with_first_token(Duration::from_millis(500));
    let driver = settings(&sandbox).timeouts(timeouts).build().unwrap();
    let started = Instant::now();
    let mut turns = 0_u32;
    let others = async {
        loop {
            turns += 1;
            tokio::task::yield_now().await;
        }
    };
    let error = tokio::select! {
        error = stream_failure(&driver, "Hi".into()) => error,
        () = others => panic!("it never ends"),
    };
    assert_eq!(error.category(), ErrorCategory::Timeout, "{error}");
    assert!(turns > 3, "{turns} turns for others");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?} until the clock ran out", started.elapsed());
}
