//! Bytes of every fault on the wire.

use crate::common::{CHAT, Client, exchange, hello, post};
use crate::expected_bytes::{PLAIN, STREAMED};
use crate::reader::read;
use crate::wire::{End, Wire, call, call_and_read, wire};
use botticelli_sandbox::{Fault, FaultGroup, Sandbox};

/// Returns the fault with a smaller number if its default is slow.
fn with_small_number(fault: Fault) -> Fault {
    match fault.name() {
        "huge-body" | "huge-event" => Fault::named(&format!("{}=1", fault.name())).unwrap(),
        "slow-stream" => Fault::named("slow-stream=0").unwrap(),
        _ => fault,
    }
}

async fn default_text(streamed: bool) -> String {
    let sandbox = Sandbox::start().await.unwrap();
    let default_text = read(&call_and_read(&sandbox, &call(streamed)).await.body());
    assert!(default_text.is_complete && default_text.error.is_none() && default_text.text.contains("Voilà"));
    default_text.text
}

#[tokio::test]
async fn the_status_matches_the_fault_name() {
    for fault in Fault::all().filter(|fault| fault.group() == FaultGroup::Status) {
        let status = match fault.name() {
            "status" => "500",
            "status-in-200" => "200",
            name => name.rsplit_once('-').unwrap().1,
        };
        for streamed in [false, true] {
            let sent = wire(fault, streamed).await;
            assert!(sent.text().starts_with(&format!("HTTP/1.1 {status} ")), "{fault}: {}", sent.text());
            assert_eq!(sent.end, End::Closed, "{fault}");
            assert_eq!(sent.body().is_empty(), is_bodiless(fault), "{fault}");
            assert!(!fault.is_harmless());
        }
    }
}

fn is_bodiless(fault: Fault) -> bool {
    let name = fault.name();
    name.starts_with("empty-") || name.starts_with("redirect-") || name == "no-content-204"
}

#[tokio::test]
async fn harmless_faults_leave_the_text_readable_and_unchanged() {
    for streamed in [false, true] {
        let default_text = default_text(streamed).await;
        for fault in Fault::all().filter(Fault::is_harmless) {
            let sent = wire(with_small_number(fault), streamed).await;
            let read = read(&sent.body());
            assert_eq!(read.text, default_text, "{fault} {streamed}");
            assert!(read.is_complete, "{fault} {streamed}");
            assert_eq!(read.error, None, "{fault} {streamed}");
        }
    }
}

/// Other faults whose body may still be readable. Their size, framing or head is wrong, the error
/// comes after the text, or the text is missing.
const READABLE: &[&str] = &[
    "done-at-once",
    "error-after-finish",
    "gzip-in-name-only",
    "huge-body",
    "huge-event",
    "length-too-long",
    "length-too-short",
    "long-header",
    "malformed-header",
    "malformed-status-line",
    "many-headers",
    "many-tool-calls",
    "giant-tool-index",
    "trailing-garbage",
];

#[tokio::test]
async fn other_faults_do_not_look_like_complete_responses() {
    let mut wrong = Vec::new();
    for streamed in [false, true] {
        for fault in Fault::all().filter(|fault| !fault.is_harmless()) {
            if READABLE.contains(&fault.name()) || fault.group() == FaultGroup::Status {
                continue;
            }
            let sent = wire(with_small_number(fault), streamed).await;
            if !sent.text().contains("\r\n\r\n") {
                continue;
            }
            let read = read(&sent.body());
            if read.is_complete && read.error.is_none() {
                wrong.push(format!("{fault} {streamed}: {read:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn connections_end_as_the_group_requires() {
    for fault in Fault::all() {
        let name = fault.name();
        let expected = match fault.group() {
            FaultGroup::Silence | FaultGroup::Lingering => End::Open,
            _ if name == "endless-headers" => End::Closed,
            _ if name.starts_with("endless") => End::Open,
            _ if name.starts_with("reset") => End::Reset,
            _ => End::Closed,
        };
        for streamed in [false, true] {
            assert_eq!(wire(with_small_number(fault), streamed).await.end, expected, "{fault} {streamed}");
        }
    }
}

#[tokio::test]
async fn the_same_request_gets_the_same_bytes() {
    // A date ahead of now changes every second.
    for fault in Fault::all().filter(|fault| fault.name() != "retry-date-429") {
        for streamed in [false, true] {
            let (one, other) = (
                wire(with_small_number(fault), streamed).await,
                wire(with_small_number(fault), streamed).await,
            );
            let common = one.bytes.len().min(other.bytes.len());
            assert!(one.bytes[..common] == other.bytes[..common], "{fault} {streamed}");
            if one.end != End::Open {
                assert_eq!(one.bytes.len(), other.bytes.len(), "{fault} {streamed}");
            }
        }
    }
}

fn ends_with(sent: &Wire, end: &str) -> bool {
    sent.bytes.ends_with(end.as_bytes())
}

#[tokio::test]
async fn streams_contain_the_expected_bytes() {
    let mut wrong = Vec::new();
    for (name, holds, end) in STREAMED {
        let sent = wire(Fault::named(name).unwrap(), true).await;
        if !sent.text().contains(holds) || !sent.bytes.ends_with(end.as_bytes()) {
            wrong.push(format!("{name}: {:.1000}", sent.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn plain_responses_contain_the_expected_bytes() {
    let mut wrong = Vec::new();
    for (name, holds, end) in PLAIN {
        let sent = wire(Fault::named(name).unwrap(), false).await;
        if !sent.text().contains(holds) || !sent.bytes.ends_with(end.as_bytes()) {
            wrong.push(format!("{name}: {:.1000}", sent.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn cut_faults_send_exactly_n_events_and_never_the_finish_reason() {
    let events = |sent: &Wire| sent.text().matches("data: {").count();
    for count in [0, 1, 5] {
        assert_eq!(events(&wire(Fault::cut_after(count), true).await), count);
        assert_eq!(events(&wire(Fault::end_after(count), true).await), count);
        assert_eq!(events(&wire(Fault::silence_after(count), true).await), count);
        assert_eq!(events(&wire(Fault::error_after(count), true).await), count + 1);
    }
    let almost = wire(Fault::cut_after(100_000), true).await;
    assert!(events(&almost) > 20 && !almost.text().contains("\"finish_reason\":\"stop\""));
    assert!(!ends_with(&almost, "0\r\n\r\n"));
    assert!(ends_with(&wire(Fault::end_after(100_000), true).await, "0\r\n\r\n"));
}

#[tokio::test]
async fn cut_in_character_ends_after_the_first_byte_of_a_character() {
    for streamed in [false, true] {
        let sent = wire(Fault::named("cut-in-character").unwrap(), streamed).await;
        let body = sent.body();
        let error = std::str::from_utf8(&body).unwrap_err();
        assert_eq!(error.error_len(), None, "the rest of the character is missing, not wrong");
        assert_eq!(error.valid_up_to(), body.len() - 1);
    }
}

#[tokio::test]
async fn declared_lengths_differ_from_the_body() {
    let length = |sent: &Wire| -> usize {
        let text = sent.text();
        text.split_once("content-length: ").unwrap().1.split_once('\r').unwrap().0.parse().unwrap()
    };
    for (name, is_longer) in
        [("length-too-long", true), ("length-too-short", false), ("cut-after-events", true)]
    {
        let sent = wire(Fault::named(name).unwrap(), false).await;
        assert_eq!(length(&sent) > sent.body().len(), is_longer, "{name}");
    }
}

#[tokio::test]
async fn fault_numbers_are_applied() {
    assert!(wire(Fault::status(418), false).await.text().starts_with("HTTP/1.1 418 "));
    assert!(wire(Fault::retry_after(7), true).await.text().contains("retry-after: 7\r\n"));
    let long = wire(Fault::named("long-header=200").unwrap(), false).await;
    assert!(long.bytes.len() > 200 * 1024 && read(&long.body()).is_complete);
    let huge = wire(Fault::named("huge-body=2").unwrap(), true).await;
    assert!(huge.bytes.len() > 2 * 1024 * 1024 && read(&huge.body()).is_complete);
}

#[tokio::test]
async fn a_stale_connection_responds_once_and_is_reset_by_the_next_request() {
    let stale = Fault::named("stale-connection").unwrap();
    let sandbox = Sandbox::builder().on_chat(stale).start().await.unwrap();
    let request = post(CHAT, &hello().to_string());
    let mut client = Client::connect(&sandbox).await;
    client.send(&request).await;
    assert_eq!(client.response().await.status, 200);
    crate::common::with_timeout(sandbox.settled()).await;
    assert_eq!(sandbox.open_connections(), 1);
    client.send(&request).await;
    assert_eq!(client.rest().await, b"");
    assert_eq!(exchange(&sandbox, &request).await.status, 200);
    assert_eq!(sandbox.requests().len(), 2);
}

#[tokio::test]
async fn an_invalid_call_is_rejected_unless_the_fault_replaces_the_response() {
    let bad = serde_json::json!({ "model": "gpt2", "messages": [] });
    for (fault, status) in [(Fault::cut_after(2), "400"), (Fault::status(503), "503")] {
        let sandbox = Sandbox::builder().on_chat(fault).start().await.unwrap();
        let sent = call_and_read(&sandbox, &bad).await;
        assert!(sent.text().starts_with(&format!("HTTP/1.1 {status} ")), "{}", sent.text());
    }
}
