//! What gateways and servers in Python do to a stream.

use super::{Read, event, plain, read_plain, read_stream, request, stream};
use crate::common::{driver, failure, folded, scripted, stream_failure};
use botticelli_core::GenerateRequest;
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_sandbox::Script;
use serde_json::{Value, json};
use std::time::Duration;

/// A fragment of a tool call.
fn call(fragment: &Value) -> Value {
    json!({ "tool_calls": [fragment] })
}

#[tokio::test]
async fn numbers_that_are_not_finite_lose_no_text() {
    for number in ["NaN", "Infinity", "-Infinity"] {
        let choice = |text: &str| {
            format!(
                r#"{{"index":0,"KEY":{{"content":"{text}"}},"logprobs":{{"content":[{{"token":"a","logprob":-0.5,
                "top_logprobs":[{{"token":"b","logprob":{number}}},{{"token":"NaN","logprob":-2}}]}}]}},"score":[{number},-1]}}"#
            )
            .replace('\n', "")
        };
        let text = r#"-Infinity \"NaN\\"#;
        let events = format!("data: {{\"choices\":[{}]}}\n\n", choice(text).replace("KEY", "delta"));
        let end = event(&json!({"index": 0, "delta": {}, "finish_reason": "stop"}));
        let body = format!(r#"{{"choices":[{}]}}"#, choice(text).replace("KEY", "message"));
        for script in [Script::sse(events.repeat(2) + &end), Script::json(200, body)] {
            let sandbox = scripted(script).await;
            let driver = driver(&sandbox);
            let response = driver.generate(GenerateRequest::from("Hi")).await.unwrap();
            assert!(response.text().starts_with("-Infinity \"NaN\\"), "{number}: {response:?}");
            assert_eq!(folded(&driver, "Hi".into()).await.text(), response.text());
        }
    }
    // Outside of a value, it is still no JSON.
    let sandbox = scripted(Script::json(200, "NaN")).await;
    assert_eq!(failure(&driver(&sandbox), "Hi".into()).await.category(), ErrorCategory::InvalidResponse);
}

#[tokio::test]
async fn a_stop_after_a_cut_does_not_complete_the_response() {
    let end = |reason: &str| event(&json!({"index": 0, "delta": {}, "finish_reason": reason}));
    let text = event(&json!({"index": 0, "delta": {"content": "San"}}));
    for (reasons, finish) in [
        (["length", "stop"], "length"),
        (["content_filter", "stop"], "content_filter"),
        (["stop", "length"], "length"),
        (["length", "tool_calls"], "tool_calls"),
    ] {
        let read = read_stream(text.clone() + &reasons.map(end).concat() + "data: [DONE]\n\n").await;
        assert_eq!(read, Read { finish: finish.to_owned(), ..Read::text("San") });
    }
}

#[tokio::test]
async fn calls_are_assembled_whatever_their_numbers_are() {
    let a = |index: Value| json!({"index": index, "id": "a", "function": {"name": "open_room", "arguments": "{\"room\""}});
    let rest = |index: Value| json!({"index": index, "function": {"arguments": ":7}"}});
    let b = json!({"index": "1", "id": "b", "function": {"name": "close_room", "arguments": "{}"}});
    let one = "a:open_room({\"room\":7})";
    let two = [one, "b:close_room({})"];
    for (pieces, expected) in [
        // The arguments come before the name, without an index.
        (
            vec![
                call(&json!({"id": "a", "function": {"arguments": "{\"room\""}})),
                call(&json!({"id": "a", "function": {"name": "open_room", "arguments": ":7}"}})),
            ],
            &[one][..],
        ),
        // The index counts the fragments.
        (vec![call(&a(0.into())), call(&rest(1.into()))], &[one]),
        (vec![call(&a((-1).into())), call(&rest((-1).into()))], &[one]),
        (vec![json!({"tool_calls": [a("0".into()), b]}), call(&rest("0".into()))], &two),
        // Only the second call has an index.
        (
            vec![
                call(&json!({"id": "a", "function": {"name": "open_room", "arguments": "{\"room\":7}"}})),
                call(&json!({"index": 1, "id": "b", "function": {"name": "close_room", "arguments": "{}"}})),
            ],
            &two,
        ),
    ] {
        assert_eq!(read_stream(stream(&pieces, "tool_calls")).await, Read::calls(expected), "{pieces:#?}");
    }
    // Two equal calls are two calls, if their ids differ.
    let twice =
        ["a", "b"].map(|id| json!({"id": id, "function": {"name": "get_weather", "arguments": "{}"}}));
    let expected = Read::calls(&["a:get_weather({})", "b:get_weather({})"]);
    assert_eq!(read_stream(stream(&[json!({"tool_calls": twice})], "tool_calls")).await, expected);
    let whole = plain(&json!({"content": null, "tool_calls": twice}), "tool_calls");
    assert_eq!(read_plain(whole).await, expected);
}

#[tokio::test]
async fn the_text_survives_unusual_frames() {
    let [text, end] = [json!({"content": "San"}), json!({})]
        .map(|delta| json!({"index": 0, "delta": delta, "finish_reason": "stop"}))
        .map(|choice| event(&choice));
    for events in [
        // The reason is in the first event.
        event(&json!({"index": 0, "delta": {"content": ""}, "finish_reason": "stop"})) + &text,
        format!("event: message\n{text}event: completion\n{end}"),
        text.replace("\n\n", " \r\n\r\n") + "data: [DONE] \n\n",
        text.clone() + "data: [DONE]\n\n" + &text,
        // One event in several lines.
        text.replace("[{", "[\ndata: {").replace("}]", "}\ndata: ]"),
    ] {
        assert_eq!(read_stream(events.clone()).await, Read::text("San"), "{events:?}");
    }
    // Only LF, CR and CRLF end a line.
    let ends =
        event(&json!({"index": 0, "delta": {"content": "a\u{2028}b\u{85}c\u{b}d"}, "finish_reason": "stop"}));
    assert_eq!(read_stream(ends).await, Read::text("a\u{2028}b\u{85}c\u{b}d"));
}

#[tokio::test]
async fn an_error_in_any_shape_keeps_the_text_before_it() {
    let text = event(&json!({"index": 0, "delta": {"content": "San"}}));
    for (end, category, message) in [
        (
            r#"data: {"choices":[],"error":{"message":"quota exceeded"}}"#,
            ErrorCategory::CreditsExhausted,
            "quota exceeded",
        ),
        (r#"data: {"error":["first","second"]}"#, ErrorCategory::Server, "first; second"),
        ("event: error\ndata: upstream gone", ErrorCategory::Server, "upstream gone"),
        (
            r#"data: {"choices":[{"index":0,"delta":{"content""#,
            ErrorCategory::InvalidResponse,
            "cannot be parsed",
        ),
    ] {
        let sandbox = scripted(Script::sse(format!("{text}{end}\n\ndata: [DONE]\n\n"))).await;
        for error in
            [failure(&driver(&sandbox), request()).await, stream_failure(&driver(&sandbox), request()).await]
        {
            assert_eq!(error.category(), category, "{error}");
            assert!(error.to_string().contains(message), "{error}");
            assert_eq!(error.partial().map(|partial| partial.text().to_owned()).as_deref(), Some("San"));
        }
    }
    // One JSON value on each line, without event fields.
    let lines = text.replace("data: ", "").replace("\n\n", "\n").repeat(2);
    let sandbox = scripted(Script::stream(200, "application/x-ndjson").piece(lines)).await;
    let error = failure(&driver(&sandbox), request()).await;
    assert_eq!(error.partial().map(|partial| partial.text().to_owned()).as_deref(), Some("San"), "{error}");
}

#[tokio::test]
async fn an_answer_after_blank_bytes_is_an_answer() {
    let body = json!({"choices": [{"message": {"content": "San"}, "finish_reason": "stop"}]}).to_string();
    let event = event(&json!({"index": 0, "delta": {"content": "San"}, "finish_reason": "stop"}));
    for (content_type, body) in [
        ("application/json", &body),
        ("application/octet-stream", &body),
        ("text/plain", &body),
        ("text/event-stream", &body),
        ("text/event-stream", &event),
    ] {
        // The reader sees the blank bytes alone.
        let script = Script::stream(200, content_type).piece("  \n").pause(Duration::from_millis(10));
        let sandbox = scripted(script.piece(" ").pause(Duration::from_millis(10)).piece(body.as_str())).await;
        assert_eq!(driver(&sandbox).generate("Hi".into()).await.unwrap().text(), "San", "{content_type}");
        assert_eq!(folded(&driver(&sandbox), "Hi".into()).await.text(), "San", "{content_type}");
    }
}

#[tokio::test]
async fn a_message_of_success_is_not_an_error() {
    let text = event(&json!({"index": 0, "delta": {"content": "San"}, "finish_reason": "stop"}));
    for code in [json!(0), json!("0"), json!(200)] {
        let usage = json!({"prompt_tokens": 1, "completion_tokens": 1});
        let end = json!({"code": code, "message": "Success", "choices": [], "usage": usage});
        assert_eq!(read_stream(format!("{text}data: {end}\n\n")).await, Read::text("San"), "{end}");
    }
    let body = json!({"code": "1302", "message": "too many requests"});
    let sandbox = scripted(Script::json(200, body)).await;
    let error = failure(&driver(&sandbox), request()).await;
    assert!(error.to_string().contains("too many requests"), "{error}");
}
