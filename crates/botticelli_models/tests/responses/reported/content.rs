//! Text, reasoning and usage in odd places.

use super::{Read, event, plain, read_plain, read_stream, stream};
use crate::common::{collect, driver, folded, scripted};
use botticelli_interface::BotticelliDriver;
use botticelli_sandbox::Script;
use serde_json::{Value, json};

/// A stream with `message` next to each delta.
fn with_messages(pieces: &[(&str, &str)]) -> String {
    let events = pieces.iter().map(|(delta, message)| {
        let (delta, message) = (json!({"content": delta}), json!({"role": "assistant", "content": message}));
        event(&json!({"index": 0, "delta": delta, "message": message, "finish_reason": null}))
    });
    events.collect::<String>()
        + &event(&json!({"index": 0, "delta": {}, "finish_reason": "stop"}))
        + "data: [DONE]\n\n"
}

#[tokio::test]
async fn a_message_next_to_deltas_repeats_them() {
    let so_far = [("San", "San"), ("dro Botti", "Sandro Botti"), ("celli", "Sandro Botticelli")];
    assert_eq!(read_stream(with_messages(&so_far)).await, Read::text("Sandro Botticelli"));
    let at_the_end = [("San", ""), ("dro", ""), ("", "Sandro")];
    assert_eq!(read_stream(with_messages(&at_the_end)).await, Read::text("Sandro"));
    let corrected_at_the_end = [("San", ""), ("dro", ""), ("", "Sandro!")];
    assert_eq!(read_stream(with_messages(&corrected_at_the_end)).await, Read::text("Sandro"));
    let both = json!({"index": 0, "delta": {"content": "Sandro"}, "message": {"content": "Sandro"}, "finish_reason": "stop"});
    assert_eq!(read_plain(json!({"choices": [both]})).await, Read::text("Sandro"));
}

#[tokio::test]
async fn a_message_repeats_reasoning_that_came_in_tags_or_in_a_field() {
    let message = json!({"content": "Venus.", "reasoning_content": "Shell?"});
    let last = event(&json!({"index": 0, "delta": {}, "message": message, "finish_reason": "stop"}));
    for deltas in [
        vec![json!({"content": "<think>Shell?</think>"}), json!({"content": "Venus."})],
        vec![json!({"reasoning": "Shell?"}), json!({"content": "Venus."})],
        vec![json!({"reasoning": "Shell?", "content": "Venus."})],
    ] {
        let events: String = deltas.iter().map(|delta| event(&json!({"index": 0, "delta": delta}))).collect();
        let read = read_stream(events + &last + "data: [DONE]\n\n").await;
        assert_eq!(read, Read::text("Venus.").reasoning("Shell?"), "{deltas:?}");
    }
    // What no delta brought is new.
    let events = event(&json!({"index": 0, "delta": {"role": "assistant", "content": ""}})) + &last;
    assert_eq!(read_stream(events).await, Read::text("Venus.").reasoning("Shell?"));
}

#[tokio::test]
async fn messages_without_deltas_have_the_text_so_far_or_the_next_part() {
    let messages = |texts: &[&str]| {
        let events = texts.iter().map(|text| event(&json!({"index": 0, "message": {"content": text}})));
        events.collect::<String>()
            + &event(&json!({"index": 0, "message": {"content": ""}, "finish_reason": "stop"}))
    };
    assert_eq!(
        read_stream(messages(&["San", "Sandro", "Sandro", "Sandro B."])).await,
        Read::text("Sandro B.")
    );
    assert_eq!(read_stream(messages(&["San", "dro", " B."])).await, Read::text("Sandro B."));
}

#[tokio::test]
async fn text_next_to_an_empty_delta_is_text() {
    let events = ["San", "dro"].map(|text| event(&json!({"index": 0, "delta": {}, "text": text}))).concat();
    let events = events + &event(&json!({"index": 0, "text": "", "finish_reason": "stop"}));
    assert_eq!(read_stream(events).await, Read::text("Sandro"));
    let repeated = ["San", "dro"]
        .map(|text| event(&json!({"index": 0, "delta": {"content": text}, "text": text})))
        .concat();
    let repeated = repeated + &event(&json!({"index": 0, "delta": {}, "finish_reason": "stop"}));
    assert_eq!(read_stream(repeated).await, Read::text("Sandro"));
}

#[tokio::test]
async fn reasoning_in_a_content_part_is_reasoning() {
    let text = json!({"type": "text", "text": "Venus."});
    for part in [
        json!({"type": "thinking", "thinking": [{"type": "text", "text": "She"}, {"type": "text", "text": "ll?"}]}),
        json!({"type": "thinking", "thinking": "Shell?", "signature": "c2ln"}),
        json!({"type": "reasoning", "text": "Shell?"}),
        json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "Shell?"}]}),
        json!({"type": "reasoning.text", "text": "Shell?", "format": "x"}),
    ] {
        let expected = Read::text("Venus.").reasoning("Shell?");
        // In either order, whole and in deltas.
        for parts in [json!([part, text]), json!([text, part])] {
            assert_eq!(read_plain(plain(&json!({"content": parts}), "stop")).await, expected, "{parts}");
            assert_eq!(read_stream(stream(&[json!({"content": parts})], "stop")).await, expected, "{parts}");
        }
        let deltas = [json!({"content": [part]}), json!({"content": [text]}), json!({"content": ""})];
        assert_eq!(read_stream(stream(&deltas, "stop")).await, expected, "{part}");
    }
    let hidden = json!([{"type": "redacted_thinking", "data": "opaque"}, text]);
    assert_eq!(read_plain(plain(&json!({"content": hidden}), "stop")).await, Read::text("Venus."));
}

#[tokio::test]
async fn reasoning_details_are_read_if_no_other_field_has_the_reasoning() {
    let details = json!([
        {"type": "reasoning.summary", "summary": "She"},
        {"type": "reasoning.text", "text": "ll?", "signature": null},
        {"type": "reasoning.encrypted", "data": "opaque"},
    ]);
    for message in [
        json!({"content": "Venus.", "reasoning_details": details}),
        json!({"content": "Venus.", "reasoning_details": details, "reasoning": "Shell?"}),
        json!({"content": "Venus.", "reasoning_details": details, "reasoning_content": "Shell?", "reasoning": ""}),
        json!({"content": "Venus.", "thinking": "Shell?"}),
    ] {
        let expected = Read::text("Venus.").reasoning("Shell?");
        assert_eq!(read_plain(plain(&message, "stop")).await, expected, "{message}");
        assert_eq!(read_stream(stream(std::slice::from_ref(&message), "stop")).await, expected, "{message}");
    }
}

#[tokio::test]
async fn a_think_block_is_read_in_any_division_into_chunks() {
    for (text, reasoning, answer) in [
        ("<think>\n\n</think>\n\nVenus.", "", "Venus."),
        ("<think></think>Venus.", "", "Venus."),
        ("<think> \t\n</think>\nVenus.", "", "Venus."),
        ("<think>\nHmm.\n</think>\n\nVenus.", "Hmm.\n", "Venus."),
        ("<think>\n\n  Hmm.</think> Venus.", "  Hmm.", " Venus."),
        ("\n<think>\r\n\r\nHmm. </thin</think>Venus.", "Hmm. </thin", "Venus."),
        ("<think>\n</th", "</th", ""),
        ("<think>\n\n", "", ""),
        ("<thought>no</thought>", "", "<thought>no</thought>"),
    ] {
        let expected = Read::text(answer).reasoning(reasoning);
        assert_eq!(read_plain(plain(&json!({"content": text}), "stop")).await, expected, "{text:?}");
        for size in 1..=text.len() {
            let pieces: Vec<_> = text
                .as_bytes()
                .chunks(size)
                .map(|piece| json!({"content": std::str::from_utf8(piece).unwrap()}))
                .collect();
            let (chunks, error) =
                collect(&driver(&scripted(Script::sse(stream(&pieces, "stop"))).await), "Hi".into()).await;
            assert!(error.is_none(), "{text:?} in pieces of {size}");
            let response = chunks.last().unwrap().response().unwrap();
            assert_eq!(Read::of(response), expected, "{text:?} in pieces of {size}");
            let reasoning_chunks = chunks.iter().filter(|chunk| !chunk.reasoning().is_empty()).count();
            assert!(!reasoning.is_empty() || reasoning_chunks == 0, "{text:?}: reasoning without a word");
        }
    }
}

#[tokio::test]
async fn buffered_text_is_text_if_another_field_has_the_reasoning() {
    let deltas = [
        json!({"content": "<th"}),
        json!({"content": "i", "reasoning_content": "Shell?"}),
        json!({"content": "nk>"}),
    ];
    assert_eq!(read_stream(stream(&deltas, "stop")).await, Read::text("<think>").reasoning("Shell?"));
}

#[tokio::test]
async fn a_repeated_key_loses_no_text() {
    let bodies = [
        r#"{"choices":[{"index":0,"message":{"content":"Venus.","reasoning":"Shell?","reasoning":null},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"index":0,"message":{"content":"","reasoning":"","content":"Venus.","reasoning":"Shell?"},"finish_reason":null,"finish_reason":"stop"}]}"#,
        r#"{"id":"a","id":"b","choices":[],"choices":[{"index":0,"index":0,"message":null,"message":{"content":"Venus.","reasoning":"Shell?"},"finish_reason":"stop"}],"choices":[]}"#,
    ];
    for body in bodies {
        let sandbox = scripted(Script::text(200, "application/json", body)).await;
        let driver = driver(&sandbox);
        let response = driver.generate("Hi".into()).await.unwrap();
        assert_eq!(Read::of(&response), Read::text("Venus.").reasoning("Shell?"), "{body}");
    }
    let delta = r#"data: {"choices":[{"index":0,"delta":{"content":"Ven","content":"Ven"}}]}"#;
    let last = r#"data: {"choices":[{"index":0,"delta":{"content":"us.","content":""},"finish_reason":"stop","finish_reason":null}]}"#;
    let events = [delta, last, "data: [DONE]", ""].join("\n\n");
    assert_eq!(read_stream(events).await, Read::text("Venus."));
}

/// Prompt, completion and total tokens, in numbers that occur nowhere else.
fn counts() -> Value {
    json!({"prompt_tokens": 31, "completion_tokens": 7, "total_tokens": 38})
}

#[tokio::test]
async fn usage_is_read_from_the_choice_and_from_a_provider_key() {
    let choice = |usage: Value| json!({"index": 0, "message": {"content": "Venus."}, "finish_reason": "stop", "usage": usage});
    for body in [
        json!({"choices": [choice(counts())]}),
        json!({"choices": [choice(Value::Null)], "x_groq": {"id": "r", "usage": counts()}}),
        json!({"choices": [choice(Value::Null)], "x_atelier": {"usage": counts()}}),
        json!({"choices": [choice(Value::Null)], "usage": {"input_tokens": 31, "output_tokens": 7, "total_tokens": 38}}),
        json!({"choices": [choice(Value::Null)], "usage": {"prompt_tokens": 31, "input_tokens": 0, "completion_tokens": 7, "total_tokens": 38}}),
    ] {
        let script = Script::json(200, body.clone());
        let event = Script::sse(format!("data: {body}\n\ndata: [DONE]\n\n"));
        for script in [script, event] {
            let response = folded(&driver(&scripted(script).await), "Hi".into()).await;
            let usage = response.usage().unwrap();
            let read = (usage.prompt_tokens(), usage.completion_tokens(), usage.total_tokens());
            assert_eq!(read, (Some(31), Some(7), Some(38)), "{body}");
        }
    }
}

#[tokio::test]
async fn a_response_cut_before_its_first_token_is_a_response() {
    for reason in ["length", "max_tokens", "MAX_TOKENS"] {
        let choice = json!({"index": 0, "finish_reason": reason});
        let expected = Read { finish: "length".to_owned(), ..Read::text("") };
        let body = json!({"choices": [choice], "usage": {"prompt_tokens": 31, "total_tokens": 95}});
        assert_eq!(read_plain(body).await, expected);
        assert_eq!(read_stream(event(&choice) + "data: [DONE]\n\n").await, expected);
    }
    let stopped = json!({"choices": [{"index": 0, "finish_reason": "stop"}]});
    let error = driver(&scripted(Script::json(200, stopped)).await).generate("Hi".into()).await.unwrap_err();
    assert!(error.to_string().contains("without choices"), "{error}");
}

#[tokio::test]
async fn choice_indices_that_count_the_chunks_are_one_choice() {
    for begin in [0_u64, 1] {
        for role in [None, Some("assistant")] {
            let chunk = |index: u64, text: &str, reason: Option<&str>| {
                event(
                    &json!({"index": begin + index, "delta": {"role": role, "content": text}, "finish_reason": reason}),
                )
            };
            let events = [
                chunk(0, "San", None),
                chunk(1, "dro", None),
                chunk(2, " B", None),
                chunk(3, ".", Some("stop")),
            ];
            assert_eq!(read_stream(events.concat()).await, Read::text("Sandro B."));
            let short = [chunk(0, "San", None), chunk(1, "dro", Some("stop"))].concat();
            assert_eq!(read_stream(short.clone() + "data: [DONE]\n\n").await, Read::text("Sandro"));
            assert_eq!(read_stream(short).await, Read::text("Sandro"));
        }
    }
}

#[tokio::test]
async fn an_unrequested_second_choice_stays_separate() {
    let chunk = |index: u64, text: &str, reason: Option<&str>| {
        event(&json!({"index": index, "delta": {"content": text}, "finish_reason": reason}))
    };
    for events in [
        [
            chunk(0, "One", None),
            chunk(1, "Two", None),
            chunk(0, ".", Some("stop")),
            chunk(1, "!", Some("stop")),
        ],
        [
            chunk(0, "One", None),
            chunk(1, "Two", None),
            chunk(1, "!", Some("stop")),
            chunk(0, ".", Some("stop")),
        ],
        [
            chunk(0, "One", None),
            chunk(0, ".", Some("stop")),
            chunk(1, "Two", None),
            chunk(1, "!", Some("stop")),
        ],
    ] {
        let response = folded(&driver(&scripted(Script::sse(events.concat())).await), "Hi".into()).await;
        assert_eq!((response.text(), response.alternatives().len()), ("One.".into(), 1));
        assert_eq!(response.alternatives()[0].text(), "Two!");
    }
}

#[tokio::test]
async fn a_character_split_across_two_events_is_joined() {
    let chunk = |text: &str| {
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
    };
    let end = event(&json!({"index": 0, "delta": {}, "finish_reason": "stop"}));
    for (texts, expected) in [
        (vec!["Ciao ", r"\ud83d", r"\ude00! \ud83c\udfa8", " fine"], "Ciao 😀! 🎨 fine"),
        (vec![r"a\uD83D", r"\uDE00b"], "a😀b"),
        (vec![r"a \ude00 b", r"c \ud83d d", r"\\ud83d"], "a \u{fffd} bc \u{fffd} d\\ud83d"),
    ] {
        let events: String = texts.iter().map(|text| chunk(text)).collect();
        assert_eq!(read_stream(events + &end).await, Read::text(expected), "{texts:?}");
    }
    let body = r#"{"choices":[{"message":{"content":"a \ud83d b"},"finish_reason":"stop"}]}"#;
    let sandbox = scripted(Script::text(200, "application/json", body)).await;
    let response = driver(&sandbox).generate("Hi".into()).await.unwrap();
    assert_eq!(response.text(), "a \u{fffd} b");
}

#[tokio::test]
async fn a_null_word_is_not_a_finish_reason() {
    for word in ["null", "None", ""] {
        let chunk = event(&json!({"index": 0, "delta": {"content": "Sandro"}, "finish_reason": word}));
        let sandbox = scripted(Script::sse(chunk)).await;
        let (_, error) = collect(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(error.unwrap().partial().unwrap().text(), "Sandro", "{word:?}");
    }
}
