//! The turns that a run sends back: with reasoning or without, and never an empty one.

use crate::common::{FLORENCE, calls, driver, run, says, scripted, sent, soon, weather};
use botticelli::{DriverExt, GenerateRequest, StreamExt, ToolChoice, ToolEvent, ToolLimits, ToolRun, Tools};
use botticelli_sandbox::{Sandbox, Script};
use serde_json::{Value, json};
use std::sync::Arc;

fn answer(message: &Value, reason: &str) -> Script {
    let choices = json!([{ "index": 0, "message": message, "finish_reason": reason }]);
    Script::json(200, json!({ "choices": choices }))
}

/// A response with reasoning and a call.
fn thinking(content: &Value) -> Script {
    let function = json!({"name": "weather", "arguments": FLORENCE});
    let call = json!({"id": "call_a", "type": "function", "function": function});
    let message =
        json!({"content": content, "reasoning_content": "I need the weather.", "tool_calls": [call]});
    answer(&message, "tool_calls")
}

fn thinking_end() -> Script {
    answer(&json!({"content": "Yes", "reasoning_content": "Now I know."}), "stop")
}

async fn streamed(sandbox: &Sandbox, tools: Tools) -> ToolRun {
    let mut events = driver(sandbox).stream_tools("Rain?".into(), Arc::new(tools), ToolLimits::default());
    let mut last = None;
    while let Some(event) = soon(events.next()).await {
        if let ToolEvent::Finished(run) = event.unwrap() {
            last = Some(*run);
        }
    }
    last.unwrap()
}

#[tokio::test]
async fn reasoning_is_sent_back_on_request() {
    let tools = || weather().with_reasoning(true);
    let sandbox = scripted([thinking(&Value::Null), thinking(&json!("One more.")), thinking_end()]).await;
    let plain = run(&sandbox, &tools()).await;
    let turns = sent(&sandbox, 2);
    assert_eq!(turns[1]["reasoning_content"], "I need the weather.");
    assert_eq!(turns[3]["reasoning_content"], "I need the weather.");
    assert!(
        turns
            .iter()
            .filter(|turn| turn["role"] != "assistant")
            .all(|turn| turn.get("reasoning_content").is_none())
    );
    // A later conversation does not need the thoughts of the end.
    assert_eq!(plain.messages().last().unwrap().reasoning(), None);

    let delta = |delta: &Value, reason: &str| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
        Script::sse(format!("data: {}\n\ndata: [DONE]\n\n", json!({"choices": [choice]})))
    };
    let function = json!({"name": "weather", "arguments": FLORENCE});
    let call = json!({"index": 0, "id": "call_a", "type": "function", "function": function});
    let first = json!({"reasoning_content": "I need it.", "tool_calls": [call]});
    let sandbox = scripted([delta(&first, "tool_calls"), delta(&json!({"content": "Yes"}), "stop")]).await;
    streamed(&sandbox, tools()).await;
    assert_eq!(sent(&sandbox, 1)[1]["reasoning_content"], "I need it.");
}

#[tokio::test]
async fn reasoning_is_not_sent_back_by_default() {
    let sandbox = scripted([thinking(&Value::Null), thinking_end()]).await;
    let run = run(&sandbox, &weather()).await;
    assert!(!weather().returns_reasoning());
    for word in ["reasoning", "reasoning_content"] {
        assert!(sent(&sandbox, 1).iter().all(|turn| turn.get(word).is_none()), "{word}");
    }
    assert!(run.messages().iter().all(|turn| turn.reasoning().is_none()));
    assert_eq!(run.steps()[0].response().reasoning(), "I need the weather.", "it is not lost");
}

#[tokio::test]
async fn a_run_contains_no_empty_turn() {
    for empty in ["", " \n"] {
        let sandbox = scripted([thinking(&json!(empty)), answer(&json!({"content": empty}), "stop")]).await;
        let run = run(&sandbox, &weather()).await;
        assert_eq!(run.text(), empty);
        assert_eq!(run.messages().len(), 3, "the question, the call, and its result");
        let turn = &sent(&sandbox, 1)[1];
        assert!(turn["content"].is_null(), "{turn}");
    }
}

#[tokio::test]
async fn a_run_ends_without_calls_regardless_of_the_finish_reason() {
    for calls in [json!([]), Value::Null] {
        let message = json!({"role": "assistant", "content": "Botticelli.", "tool_calls": calls});
        let sandbox = scripted([answer(&message, "tool_calls"), calls_once()]).await;
        let request = GenerateRequest::from("Open room 10.").with_tool_choice(Some(ToolChoice::Required));
        let run = soon(driver(&sandbox).run_tools(request, &weather(), ToolLimits::default())).await.unwrap();
        assert_eq!((run.text().as_ref(), run.steps().len()), ("Botticelli.", 1));
        assert!(run.steps()[0].results().is_empty());
        assert_eq!(sandbox.requests().len(), 1);
    }
}

fn calls_once() -> Script {
    calls(&[("a", "weather", FLORENCE)])
}

#[tokio::test]
async fn a_run_continues_after_a_call_regardless_of_the_finish_reason() {
    let sandbox = scripted([
        answer(&json!({"content": "", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "weather", "arguments": FLORENCE}}]}), "stop"),
        says("Yes"),
    ])
    .await;
    assert_eq!(run(&sandbox, &weather()).await.steps().len(), 2);
}
