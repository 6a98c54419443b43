//! Tool calls in unusual fragments.

use super::{Read, event, plain, read_plain, read_stream, request, stream};
use crate::common::{collect, driver, folded, scripted};
use botticelli_core::{GenerateRequest, Message};
use botticelli_interface::BotticelliDriver;
use botticelli_sandbox::Script;
use serde_json::{Value, json};

/// A fragment of a tool call, without null fields.
fn piece(index: Option<u64>, id: Option<&str>, name: Option<&str>, arguments: Option<&str>) -> Value {
    let mut call = json!({"type": "function", "function": {}});
    if let Some(index) = index {
        call["index"] = index.into();
    }
    if let Some(id) = id {
        call["id"] = id.into();
    }
    for (key, value) in [("name", name), ("arguments", arguments)] {
        if let Some(value) = value {
            call["function"][key] = value.into();
        }
    }
    json!({"tool_calls": [call]})
}

async fn check(pieces: &[Value], expected: &[&str]) {
    let read = read_stream(stream(pieces, "tool_calls")).await;
    assert_eq!(read, Read::calls(expected), "{pieces:#?}");
}

#[tokio::test]
async fn fragments_with_changing_ids_are_joined_by_index() {
    let begin = piece(Some(0), Some("a"), Some("open_room"), Some(""));
    let unnamed = [
        begin.clone(),
        piece(Some(0), Some("b"), None, Some("{\"room\"")),
        piece(Some(0), Some("c"), Some(""), Some(":7}")),
    ];
    check(&unnamed, &["a:open_room({\"room\":7})"]).await;
    let named = [
        begin,
        piece(Some(0), Some("b"), Some("open_room"), Some("{\"room\"")),
        piece(Some(0), Some("c"), Some("open_room"), Some(":7}")),
    ];
    check(&named, &["a:open_room({\"room\":7})"]).await;
}

#[tokio::test]
async fn another_id_with_a_name_under_one_index_starts_another_call() {
    let calls = [
        piece(Some(0), Some("a"), Some("open_room"), Some("{\"room\":7}")),
        piece(Some(0), Some("b"), Some("open_room"), Some("{\"room\":7}")),
        piece(Some(0), Some("c"), Some("close_room"), Some("{}")),
    ];
    let expected = ["a:open_room({\"room\":7})", "b:open_room({\"room\":7})", "c:close_room({})"];
    check(&calls, &expected).await;
}

#[tokio::test]
async fn complete_calls_without_ids_are_separated_by_their_names() {
    for index in [None, Some(0)] {
        let calls = [
            piece(index, None, Some("get_weather"), Some("{}")),
            piece(index, None, Some("close_room"), Some("{}")),
            piece(index, None, Some("open_room"), Some("{\"room\":7}")),
            piece(index, None, Some("open_room"), Some("{\"room\":8}")),
        ];
        let expected = [
            "call00000:get_weather({})",
            "call00001:close_room({})",
            "call00002:open_room({\"room\":7})",
            "call00003:open_room({\"room\":8})",
        ];
        check(&calls, &expected).await;
    }
}

#[tokio::test]
async fn tool_names_without_arguments_are_separate_calls() {
    for arguments in [None, Some("")] {
        let calls = [
            piece(Some(0), None, Some("open_room"), arguments),
            piece(Some(0), None, Some("close_room"), arguments),
        ];
        check(&calls, &["call00000:open_room({})", "call00001:close_room({})"]).await;
    }
}

#[tokio::test]
async fn fragments_without_an_index_continue_the_last_call() {
    let call = [
        piece(None, Some("a"), Some("open_room"), None),
        piece(None, None, None, Some("{\"room\"")),
        piece(None, Some("b"), None, Some(":")),
        piece(Some(4), None, None, Some("7}")),
    ];
    check(&call, &["a:open_room({\"room\":7})"]).await;
}

#[tokio::test]
async fn a_name_may_arrive_in_fragments_or_complete_in_each() {
    for names in
        [["open", "_room", ""], ["open_room", "open_room", "open_room"], ["open", "open_ro", "open_room"]]
    {
        let [first, second, third] = names.map(Some);
        let call = [
            piece(Some(0), Some("a"), first, Some("")),
            piece(Some(0), Some("a"), second, Some("")),
            piece(Some(0), None, third, Some("")),
            piece(Some(0), None, None, Some("{\"room\":7}")),
        ];
        check(&call, &["a:open_room({\"room\":7})"]).await;
    }
}

#[tokio::test]
async fn an_empty_object_is_a_placeholder_only_if_arguments_follow() {
    for rest in [vec!["{\"room\":7}"], vec!["{\"ro", "om\":7}"], vec!["", "{}", "{\"room\"", ":7}"]] {
        let mut call = vec![piece(Some(0), Some("a"), Some("open_room"), Some("{}"))];
        call.extend(rest.iter().map(|rest| piece(Some(0), None, None, Some(rest))));
        check(&call, &["a:open_room({\"room\":7})"]).await;
    }
    for empty in ["{}", "{ }", "[]", "", " "] {
        check(&[piece(Some(0), Some("a"), Some("open_room"), Some(empty))], &["a:open_room({})"]).await;
    }
    check(
        &[piece(Some(0), Some("a"), Some("open_room"), Some("{")), piece(Some(0), None, None, Some("}"))],
        &["a:open_room({})"],
    )
    .await;
}

#[tokio::test]
async fn repeated_arguments_count_once() {
    let whole = "{\"room\": 7}";
    for again in [vec![whole], vec!["{\"room\":7}"], vec!["{\"ro", "om\": 7}"], vec![whole, whole]] {
        for name in [None, Some("open_room")] {
            let mut call = vec![
                piece(Some(0), Some("a"), Some("open_room"), Some("{\"room\"")),
                piece(Some(0), None, None, Some(": 7}")),
            ];
            call.extend(again.iter().map(|again| piece(Some(0), Some("a"), name, Some(again))));
            check(&call, &["a:open_room({\"room\": 7})"]).await;
        }
    }
}

#[tokio::test]
async fn arguments_restated_in_each_fragment_count_once() {
    let so_far = ["{\"ro", "{\"room\":", "{\"room\":7", "{\"room\":7", "{\"room\":7}"];
    let mut call = vec![piece(Some(0), Some("a"), Some("open_room"), Some(""))];
    call.extend(so_far.iter().map(|so_far| piece(Some(0), Some("a"), Some("open_room"), Some(so_far))));
    check(&call, &["a:open_room({\"room\":7})"]).await;
    // An object in the place of a value is not a restatement.
    let nested = [
        piece(Some(0), Some("a"), Some("open_room"), Some("{\"a\":")),
        piece(Some(0), None, None, Some("{\"a\":1}}")),
    ];
    check(&nested, &["a:open_room({\"a\":{\"a\":1}})"]).await;
}

#[tokio::test]
async fn arguments_in_a_json_string_are_decoded() {
    let object = json!({"room": 7, "note": "a \"b\" — è"}).to_string();
    let once = Value::from(object.clone()).to_string();
    let twice = Value::from(once.clone()).to_string();
    let expected = format!("a:open_room({object})");
    for encoded in [&once, &twice] {
        let cut = encoded.len() / 2;
        let (before, after) = encoded.split_at_checked(cut).unwrap_or((encoded, ""));
        let call = [
            piece(Some(0), Some("a"), Some("open_room"), Some(before)),
            piece(Some(0), None, None, Some(after)),
        ];
        check(&call, &[&expected]).await;
        let call = json!({"id": "a", "function": {"name": "open_room", "arguments": encoded}});
        let read = read_plain(plain(&json!({"tool_calls": [call]}), "tool_calls")).await;
        assert_eq!(read, Read::calls(&[&expected]));
    }
    // A string that holds no object is what the model wrote.
    let call = json!({"id": "a", "function": {"name": "open_room", "arguments": "\"7\""}});
    let read = read_plain(plain(&json!({"tool_calls": [call]}), "tool_calls")).await;
    assert_eq!(read, Read::calls(&["a:open_room(\"7\")"]));
}

#[tokio::test]
async fn calls_of_a_plain_response_are_unchanged() {
    let call = |id: &str, arguments: &str| json!({"id": id, "index": 0, "function": {"name": "open_room", "arguments": arguments}});
    let calls = [call("0", "{\"room\":7}"), call("0", "{\"room\":7}"), call("0", "{}{\"room\":8}")];
    let read = read_plain(plain(&json!({"tool_calls": calls}), "tool_calls")).await;
    let expected = [
        "0:open_room({\"room\":7})",
        "call00001:open_room({\"room\":7})",
        "call00002:open_room({\"room\":8})",
    ];
    assert_eq!(read, Read::calls(&expected));
}

#[tokio::test]
async fn invalid_arguments_are_kept_unchanged() {
    let call = [
        piece(Some(0), Some("a"), Some("open_room"), Some("{\"room\":7}")),
        piece(Some(0), None, None, Some(" and {\"room\":8}")),
    ];
    check(&call, &["a:open_room({\"room\":7} and {\"room\":8})"]).await;
}

#[tokio::test]
async fn an_incomplete_call_is_kept_with_its_buffered_arguments() {
    let pieces = [
        piece(Some(0), Some("a"), Some("open_room"), Some("{}")),
        piece(Some(1), Some("b"), Some("close_room"), Some("\"{\\\"room\\\":7")),
    ];
    let events: String = pieces.iter().map(|piece| event(&json!({"index": 0, "delta": piece}))).collect();
    let (_, error) = collect(&driver(&scripted(Script::sse(events)).await), request()).await;
    let error = error.unwrap();
    let calls: Vec<_> =
        error.partial().unwrap().tool_calls().iter().map(|call| call.arguments().to_owned()).collect();
    assert_eq!(calls, ["{}", "\"{\\\"room\\\":7"]);
}

#[tokio::test]
async fn a_message_that_repeats_the_calls_of_deltas_adds_no_call() {
    let call = json!({"id": "a", "type": "function", "function": {"name": "open_room", "arguments": "{\"room\":7}"}});
    let last =
        json!({"index": 0, "delta": {}, "message": {"tool_calls": [call]}, "finish_reason": "tool_calls"});
    let delta = piece(Some(0), Some("a"), Some("open_room"), Some("{\"room\":7}"));
    let events = event(&json!({"index": 0, "delta": delta})) + &event(&last) + "data: [DONE]\n\n";
    assert_eq!(read_stream(events).await, Read::calls(&["a:open_room({\"room\":7})"]));
    // Messages alone, of which each has all calls so far.
    let other = json!({"id": "b", "type": "function", "function": {"name": "close_room", "arguments": "{}"}});
    let events = [json!([call]), json!([call, other]), json!([call, other])]
        .map(|calls| event(&json!({"index": 0, "message": {"tool_calls": calls}})))
        .concat();
    let events = events + &event(&json!({"index": 0, "finish_reason": "tool_calls"})) + "data: [DONE]\n\n";
    assert_eq!(read_stream(events).await, Read::calls(&["a:open_room({\"room\":7})", "b:close_room({})"]));
}

/// Gemini signs its reasoning next to a call, and rejects the conversation if the signature does not come back.
#[tokio::test]
async fn the_signature_of_a_call_is_sent_back_with_it() {
    let signature = json!({"google": {"thought_signature": "c2lnbmF0dXJl"}});
    let signed = |arguments: &str| {
        let mut delta = piece(Some(0), Some("a"), Some("open_room"), Some(arguments));
        delta["tool_calls"][0]["extra_content"] = signature.clone();
        delta
    };
    let rest = piece(Some(0), None, None, Some(":7}"));
    let late = {
        let mut delta = rest.clone();
        delta["tool_calls"][0]["extra_content"] = signature.clone();
        delta
    };
    let begin = piece(Some(0), Some("a"), Some("open_room"), Some("{\"room\""));
    let whole = json!({"choices": [{"message": signed("{\"room\":7}"), "finish_reason": "tool_calls"}]});
    let scripts = [
        Script::json(200, whole),
        Script::sse(stream(&[signed("{\"room\":7}")], "tool_calls")),
        Script::sse(stream(&[signed("{\"room\""), rest.clone()], "tool_calls")),
        Script::sse(stream(&[signed("{\"room\""), late.clone()], "tool_calls")),
        Script::sse(stream(&[begin, late], "tool_calls")),
    ];
    for (position, script) in scripts.into_iter().enumerate() {
        let sandbox = scripted(script).await;
        let driver = driver(&sandbox);
        let response = if position == 0 {
            driver.generate(request()).await.unwrap()
        } else {
            folded(&driver, request()).await
        };
        let call = response.tool_calls().next().unwrap();
        assert_eq!(call.extra_content(), Some(&signature), "{position}");
        assert_eq!(call.arguments_text(), "{\"room\":7}", "{position}");
        let stored = serde_json::to_value(response.to_message()).unwrap();
        let turn: Message = serde_json::from_value(stored).unwrap();
        let next = vec!["Hi".into(), turn, Message::tool("a", "done")];
        let next = GenerateRequest::builder().messages(next).build().unwrap();
        let _ = driver.generate(next).await;
        let sent = sandbox.requests().last().unwrap().body().clone();
        let call = &sent["messages"][1]["tool_calls"][0];
        assert_eq!(call["extra_content"], signature, "{position}: {sent}");
        assert_eq!(call["id"], "a", "{position}: {sent}");
    }
}
