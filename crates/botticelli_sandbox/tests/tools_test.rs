//! Tools: which are called, with what, and how every dialect spells it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed helper is a failed test")]

mod common;

use botticelli_sandbox::Dialect;
use common::{Answer, chat, hello_with, said, speaking, streaming};
use serde_json::{Value, json};

fn tool(name: &str, parameters: &Value) -> Value {
    json!({ "type": "function", "function": { "name": name, "parameters": parameters } })
}

/// Two tools, one with arguments of every type.
fn tools() -> Value {
    let weather = json!({
        "type": "object",
        "properties": {
            "city": { "type": "string" },
            "days": { "type": "integer" },
            "factor": { "type": "number" },
            "exact": { "type": "boolean" },
            "unit": { "enum": ["celsius", "fahrenheit"] },
            "tags": { "type": "array", "items": { "type": "string" } },
            "place": { "$ref": "#/$defs/Place" },
            "note": { "type": ["string", "null"] },
            "zone": { "anyOf": [{ "type": "null" }, { "type": "integer" }] },
        },
        "required": ["city"],
        "$defs": { "Place": { "type": "object", "properties": { "lat": { "type": "number" } } } },
    });
    json!([tool("get_weather", &weather), tool("get_time", &json!({ "type": "object", "properties": {} }))])
}

fn asking(text: &str, fields: Value) -> Value {
    let mut request = hello_with(json!({ "messages": said(text), "tools": tools() }));
    if let Value::Object(fields) = fields {
        for (name, value) in fields {
            request[name] = value;
        }
    }
    request
}

async fn asked(text: &str, fields: Value) -> Answer {
    let answer = chat(&speaking(Dialect::Router).await, &asking(text, fields)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

fn names(answer: &Answer) -> Vec<String> {
    let calls = answer.choice()["message"]["tool_calls"].clone();
    let names = calls.as_array().into_iter().flatten().map(|call| call["function"]["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

fn arguments(answer: &Answer) -> Value {
    let arguments = &answer.choice()["message"]["tool_calls"][0]["function"]["arguments"];
    serde_json::from_str(arguments.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn the_tools_that_the_user_names_are_called_in_their_own_order() {
    for (text, called) in [
        ("get_time and get_weather, please", vec!["get_weather", "get_time"]),
        ("Please get weather.", vec!["get_weather"]),
        ("GET TIME", vec!["get_time"]),
        ("forget_time", vec![]),
        ("Hello", vec![]),
    ] {
        let answer = asked(text, json!({})).await;
        assert_eq!(names(&answer), called, "{text}");
        let reason = if called.is_empty() { "stop" } else { "tool_calls" };
        assert_eq!(answer.choice()["finish_reason"], reason);
    }
}

#[tokio::test]
async fn a_choice_of_tools_is_obeyed() {
    let both = "get_time and get_weather";
    let one = json!({ "type": "function", "function": { "name": "get_time" } });
    for (text, choice, called) in [
        (both, json!("none"), vec![]),
        (both, json!("auto"), vec!["get_weather", "get_time"]),
        ("Hello", json!("required"), vec!["get_weather"]),
        ("get_time", json!("required"), vec!["get_time"]),
        ("Hello", one, vec!["get_time"]),
    ] {
        let answer = asked(text, json!({ "tool_choice": choice.clone() })).await;
        assert_eq!(names(&answer), called, "{choice}");
    }
    let single = asked(both, json!({ "parallel_tool_calls": false })).await;
    assert_eq!(names(&single), ["get_weather"]);
}

#[tokio::test]
async fn arguments_have_a_default_of_their_type() {
    let answer = asked("get_weather", json!({})).await;
    assert_eq!(
        arguments(&answer),
        json!({
            "city": "sandbox", "days": 1, "factor": 1.5, "exact": true, "unit": "celsius",
            "tags": ["sandbox"], "place": { "lat": 1.5 }, "note": "sandbox", "zone": 1,
        })
    );
}

#[tokio::test]
async fn arguments_are_found_in_what_the_user_says() {
    let text = "get_weather with city=\"San Marino\", days=3 factor=0.5 exact=false unit=fahrenheit \
                tags=sun lat=43.9 note=none zone=-2.";
    let answer = asked(text, json!({})).await;
    assert_eq!(
        arguments(&answer),
        json!({
            "city": "San Marino", "days": 3, "factor": 0.5, "exact": false, "unit": "fahrenheit",
            "tags": ["sun"], "place": { "lat": 43.9 }, "note": "none", "zone": -2,
        })
    );
}

#[tokio::test]
async fn a_schema_that_contains_itself_comes_to_an_end() {
    let node = json!({
        "type": "object",
        "properties": {
            "next": { "anyOf": [{ "$ref": "#" }, { "type": "null" }] },
            "children": { "type": "array", "items": { "$ref": "#" } },
        },
        "required": ["next", "children"],
    });
    let answer = asked("walk", json!({ "tools": [tool("walk", &node)] })).await;
    assert!(arguments(&answer)["next"]["next"]["children"].is_array());
    let endless = json!({ "$ref": "#" });
    assert_eq!(arguments(&asked("walk", json!({ "tools": [tool("walk", &endless)] })).await), json!({}));
}

/// A conversation whose last turn answers the calls with these ids.
fn answered(turn: Value, results: &[(&str, &str)]) -> Value {
    let mut messages = vec![json!({ "role": "user", "content": "get_weather and get_time" }), turn];
    for (id, content) in results {
        messages.push(json!({ "role": "tool", "tool_call_id": id, "content": content }));
    }
    asking("", json!({ "messages": messages }))
}

fn calls(ids: &[&str]) -> Value {
    let call = |id: &&str| {
        json!({ "id": id, "type": "function",
            "function": { "name": "get_weather", "arguments": "{}" } })
    };
    ids.iter().map(call).collect()
}

#[tokio::test]
async fn the_result_of_a_tool_is_quoted() {
    let turn = json!({ "role": "assistant", "tool_calls": calls(&["a", "b"]) });
    for dialect in Dialect::ALL {
        let request = answered(turn.clone(), &[("a", "rain"), ("b", "noon")]);
        let answer = chat(&speaking(*dialect).await, &request).await;
        assert_eq!(answer.content(), "The tool said: rain\nThe tool said: noon", "{dialect}");
    }
}

#[tokio::test]
async fn a_result_without_its_call_is_refused_but_by_tgi() {
    let turn = json!({ "role": "assistant", "tool_calls": calls(&["a"]) });
    for dialect in Dialect::ALL {
        let answer = chat(&speaking(*dialect).await, &answered(turn.clone(), &[("z", "rain")])).await;
        let status = if matches!(dialect, Dialect::Tgi2 | Dialect::Tgi3) { 200 } else { 400 };
        assert_eq!(answer.status, status, "{dialect}");
    }
}

#[tokio::test]
async fn a_turn_with_a_text_loses_its_calls_at_tgi() {
    let turn = json!({ "role": "assistant", "content": "", "tool_calls": calls(&["a"]) });
    let request = answered(turn, &[("a", "rain")]);
    let answer = chat(&speaking(Dialect::Router).await, &request).await;
    assert_eq!(answer.content(), "The tool said: rain");
    let answer = chat(&speaking(Dialect::Tgi3).await, &request).await;
    assert!(answer.content().contains("You said “rain”"), "{}", answer.content());
}

/// Both tools, called in a dialect.
async fn both(dialect: Dialect) -> (Answer, Answer) {
    let sandbox = speaking(dialect).await;
    let request = asking("get_weather city=Rome and get_time", json!({}));
    (chat(&sandbox, &request).await, chat(&sandbox, &streaming(request)).await)
}

#[tokio::test]
async fn the_router_streams_the_name_first_and_the_arguments_in_pieces() {
    let (plain, stream) = both(Dialect::Router).await;
    let message = &plain.choice()["message"];
    assert_eq!(message["content"], Value::Null);
    let whole = &message["tool_calls"];
    assert_ne!(whole[0]["id"], whole[1]["id"]);
    let fragments = stream.call_fragments();
    assert!(fragments[0]["id"].as_str().unwrap().starts_with("call_"));
    assert_eq!(fragments[0]["index"], 0);
    assert_eq!(fragments[0]["type"], "function");
    assert_eq!(fragments[0]["function"], json!({ "name": "get_weather", "arguments": "" }));
    let pieces: Vec<&Value> = fragments.iter().filter(|each| each["index"] == 0).skip(1).collect();
    assert!(pieces.len() > 3);
    assert!(pieces.iter().all(|piece| piece.get("id").is_none() && piece["function"].get("name").is_none()));
    let text: String = pieces.iter().map(|piece| piece["function"]["arguments"].as_str().unwrap()).collect();
    assert_eq!(whole[0]["function"]["arguments"], text);
    assert_eq!(fragments.iter().filter(|each| each["index"] == 1).count(), 2);
    assert_eq!(stream.finish().0, "tool_calls");
}

#[tokio::test]
async fn tgi_3_calls_every_call_0_and_says_stop() {
    let (plain, stream) = both(Dialect::Tgi3).await;
    let choice = plain.choice();
    assert_eq!(choice["finish_reason"], "stop");
    assert!(choice["message"].get("content").is_none());
    let whole = &choice["message"]["tool_calls"];
    assert_eq!((&whole[0]["id"], &whole[1]["id"]), (&json!("0"), &json!("0")));
    let function = whole[0]["function"].as_object().unwrap();
    assert_eq!(function.get("description"), Some(&Value::Null));
    assert!(function["arguments"].is_string());
    let fragments = stream.call_fragments();
    assert_eq!(
        (&fragments[0]["id"], &fragments[0]["function"]["name"]),
        (&json!("0"), &json!("get_weather"))
    );
    assert_eq!(
        (&fragments[1]["id"], &fragments[1]["function"]["name"]),
        (&json!("0"), &json!("get_weather"))
    );
    let third = fragments[2].as_object().unwrap();
    assert_eq!(third.get("id"), Some(&Value::Null));
    assert_eq!(third["function"].as_object().unwrap().get("name"), Some(&Value::Null));
    assert_eq!(stream.finish().0, "stop");
}

#[tokio::test]
async fn tgi_2_gives_arguments_as_an_object() {
    let (plain, stream) = both(Dialect::Tgi2).await;
    let call = &plain.choice()["message"]["tool_calls"][0];
    assert_eq!(call["function"]["arguments"]["city"], "Rome");
    assert_eq!(stream.call_fragments()[0]["function"]["arguments"]["city"], "Rome");
    assert_eq!(stream.finish().0, "eos_token");
}

#[tokio::test]
async fn together_and_cerebras_stream_a_whole_call_at_once() {
    for dialect in [Dialect::Together, Dialect::Cerebras] {
        let (plain, stream) = both(dialect).await;
        let fragments = stream.call_fragments();
        assert_eq!(fragments.len(), 2, "{dialect}");
        let whole = &plain.choice()["message"]["tool_calls"][0];
        assert_ne!(fragments[0]["id"], fragments[1]["id"]);
        assert_eq!(fragments[0]["function"], whole["function"]);
        assert_eq!(stream.finish().0, "tool_calls");
        let message = plain.choice()["message"].clone();
        assert_eq!(message.get("content").is_none(), dialect == Dialect::Cerebras, "{message}");
    }
}

#[tokio::test]
async fn a_provider_without_tools_refuses_them() {
    let fields = json!({ "model": "meta-llama/Llama-3.1-8B-Instruct:novita" });
    let answer = chat(&speaking(Dialect::Router).await, &asking("Hello", fields)).await;
    assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("tools")));
}

#[tokio::test]
async fn only_tgi_takes_the_bare_name_of_a_tool() {
    let request = asking("Hello", json!({ "tool_choice": "get_time" }));
    assert_eq!(chat(&speaking(Dialect::Router).await, &request).await.status, 422);
    assert_eq!(names(&chat(&speaking(Dialect::Tgi3).await, &request).await), ["get_time"]);
    let unknown = asking("Hello", json!({ "tool_choice": "get_lost" }));
    let answer = chat(&speaking(Dialect::Tgi3).await, &unknown).await;
    assert_eq!((answer.status, &answer.json()["error_type"]), (422, &json!("tool_error")));
}

#[tokio::test]
async fn tools_that_are_wrong_are_refused() {
    let object = json!({ "type": "object", "properties": {} });
    let mut loose = tool("f", &object);
    loose["function"]["strict"] = Value::Bool(true);
    for (tools, choice, param) in [
        (json!([tool("a name", &object)]), json!("auto"), "tools[0].function.name"),
        (json!([tool("f", &object), tool("f", &object)]), json!("auto"), "tools"),
        (json!([loose]), json!("auto"), "tools[0].function.parameters"),
        (
            json!([tool("f", &object)]),
            json!({ "type": "function", "function": { "name": "g" } }),
            "tool_choice",
        ),
    ] {
        let request = asking("Hello", json!({ "tools": tools, "tool_choice": choice }));
        let answer = chat(&speaking(Dialect::Router).await, &request).await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!(param)));
    }
}
