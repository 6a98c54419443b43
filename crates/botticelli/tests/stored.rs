//! Conversations that were stored: in our own form, and in OpenAI's.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use botticelli::{GenerateRequest, Input, MediaSource, Message, Role, ToolCall};
use serde_json::{Value, json};

fn read(value: &Value) -> Result<Message, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

#[test]
fn a_conversation_in_our_format_is_read_back_unchanged() {
    let bytes = MediaSource::Bytes { media_type: "image/png".into(), data: vec![1, 2, 3] };
    let call = || ToolCall::new("a", "weather", r#"{"city":"Florence"}"#);
    for message in [
        Message::user("Hello"),
        Message::user("").with(Input::Image(bytes)).with(Input::image_url("https://example.org/a.png")),
        Message::assistant("Well").with_reasoning("Hm").with_tool_calls(vec![call()]),
        Message::tool("a", "rain"),
        Message::builder()
            .role(Role::User)
            .content(vec!["a".into(), "b".into()])
            .name("Ada")
            .build()
            .unwrap(),
        Message::builder().role(Role::Assistant).tool_calls(vec![call()]).build().unwrap(),
    ] {
        let written = serde_json::to_value(&message).unwrap();
        assert_eq!(read(&written).unwrap(), message, "{written}");
    }
}

#[test]
fn a_conversation_in_the_format_of_openai_is_read() {
    let stored = json!({"messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "name": "ada", "content": [
            {"type": "text", "text": "What is on it?"},
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AQID"}},
            {"type": "input_audio", "input_audio": {"data": "AQID", "format": "mp3"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AQID"}},
            {"type": "video_url", "video_url": {"url": "https://example.org/a.mp4"}},
        ]},
        {"role": "assistant", "content": null, "refusal": null, "annotations": [], "audio": null, "function_call": null,
         "tool_calls": [{"id": "call_1", "type": "function",
                         "function": {"name": "weather", "arguments": "{\"city\":\"Florence\"}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
        {"role": "tool", "tool_call_id": "call_1", "content": [
            {"type": "text", "text": "more "}, {"type": "text", "text": "rain"},
        ]},
        {"role": "assistant", "content": "It rains.", "reasoning_content": "Hm."},
        {"role": "assistant", "content": null, "refusal": "I will not."},
        {"role": "developer", "content": "Go on."},
    ]});
    let request: GenerateRequest = serde_json::from_value(stored).unwrap();
    let based = |media_type: &str| MediaSource::Base64 { media_type: media_type.into(), data: "AQID".into() };
    let parts = vec![
        Input::Text("What is on it?".into()),
        Input::image_url("https://example.org/a.png"),
        Input::Image(based("image/png")),
        Input::Audio(based("audio/mpeg")),
        Input::Document(based("application/pdf")),
        Input::Video(MediaSource::Url("https://example.org/a.mp4".into())),
    ];
    let call = ToolCall::new("call_1", "weather", r#"{"city":"Florence"}"#);
    let expected = [
        Message::system("Be brief."),
        Message::builder().role(Role::User).content(parts).name("ada").build().unwrap(),
        Message::builder().role(Role::Assistant).tool_calls(vec![call]).build().unwrap(),
        Message::tool("call_1", "rain"),
        Message::tool("call_1", "more rain"),
        Message::assistant("It rains.").with_reasoning("Hm."),
        Message::assistant("I will not."),
        Message::builder().role(Role::Developer).content(vec!["Go on.".into()]).build().unwrap(),
    ];
    assert_eq!(request.messages(), expected);
    request.validate().unwrap();
}

#[test]
fn alternative_spellings_are_read() {
    for (stored, expected) in [
        (json!({"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}), Message::user("Hi")),
        (
            json!({"role": "user", "content": [{"type": "image_url", "image_url": "https://a.org/b.png"}]}),
            Message::builder()
                .role(Role::User)
                .content(vec![Input::image_url("https://a.org/b.png")])
                .build()
                .unwrap(),
        ),
        (
            json!({"role": "assistant", "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}, {"type": "text", "text": "Well"},
            ]}),
            Message::assistant("Well").with_reasoning("Hm"),
        ),
        (
            json!({"role": "assistant", "content": "Well", "reasoning": "Hm", "reasoning_content": "Hm"}),
            Message::assistant("Well").with_reasoning("Hm"),
        ),
        (json!({"role": "assistant", "content": null}), Message::assistant("")),
        (json!({"role": "assistant", "tool_calls": null, "content": "Well"}), Message::assistant("Well")),
    ] {
        assert_eq!(read(&stored).unwrap(), expected, "{stored}");
    }
    let call = |function: Value| {
        let stored = json!({"id": "a", "type": "function", "function": function});
        serde_json::from_value::<ToolCall>(stored).unwrap()
    };
    assert_eq!(call(json!({"name": "f", "arguments": {"x": 1}})), ToolCall::new("a", "f", r#"{"x":1}"#));
    for nothing in
        [json!({"name": "f", "arguments": ""}), json!({"name": "f", "arguments": null}), json!({"name": "f"})]
    {
        assert_eq!(call(nothing), ToolCall::new("a", "f", "{}"));
    }
}

#[test]
fn an_unsupported_field_is_an_error_that_names_it() {
    let user = |part: Value| json!({"role": "user", "content": [{"type": "text", "text": "Hi"}, part]});
    for (stored, place, words) in [
        (user(json!({"type": "hologram", "hologram": 1})), "`content[1].type`", "not a known type of part"),
        (user(json!({"type": "image", "source": {"type": "base64"}})), "`content[1].type`", "image_url"),
        (user(json!({"hologram": 1})), "`content[1]`", "not a part of a message"),
        (user(json!("Hi")), "`content[1]`", "not a part of a message"),
        (user(json!({"type": "text"})), "`content[1].text`", "it is not a text"),
        (user(json!({"type": "image_url", "image_url": {}})), "`content[1].image_url`", "no address"),
        (
            user(json!({"type": "input_audio", "input_audio": {"data": "AQ"}})),
            "`content[1].input_audio`",
            "no format",
        ),
        (user(json!({"type": "file", "file": {"file_id": "file-1"}})), "`content[1].file`", "file_data"),
        (json!({"role": "user", "content": 7}), "`content`", "neither a text nor a list"),
        (json!({"role": "user"}), "`content`", "missing"),
        (json!({"role": "tool", "content": "rain"}), "`tool_call_id`", "missing"),
        (
            json!({"role": "tool", "tool_call_id": "a", "content": [{"type": "image_url", "image_url": "https://a.org"}]}),
            "`content[0]`",
            "the result of a tool is text",
        ),
        (
            json!({"role": "assistant", "content": null, "function_call": {"name": "f"}}),
            "`function_call`",
            "tool_calls",
        ),
        (json!({"role": "assistant", "content": null, "audio": {"id": "audio_1"}}), "`audio`", "no place"),
        (json!({"role": "user", "content": "Hi", "images": ["AQ"]}), "`images`", "image_url"),
        (
            json!({"role": "assistant", "content": null, "tool_calls": [{"id": "a", "type": "custom", "custom": {}}]}),
            "`type`",
            "only functions",
        ),
        (
            json!({"role": "assistant", "content": null, "tool_calls": [{"type": "function", "function": {"name": "f"}}]}),
            "`id`",
            "missing",
        ),
    ] {
        let error = read(&stored).unwrap_err();
        assert!(error.contains(place) && error.contains(words), "{stored}: {error}");
    }
    assert!(read(&json!({"role": "painter", "content": "Hi"})).is_err());
}
