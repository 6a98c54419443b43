//! Tool calls, their arguments and their format in every dialect.

use crate::common::{Response, chat, hello_with, streaming, user_message, with_dialect};
use botticelli_sandbox::Dialect;
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

fn request_for(text: &str, fields: Value) -> Value {
    let mut request = hello_with(json!({ "messages": user_message(text), "tools": tools() }));
    if let Value::Object(fields) = fields {
        for (name, value) in fields {
            request[name] = value;
        }
    }
    request
}

async fn respond(text: &str, fields: Value) -> Response {
    let response = chat(&with_dialect(Dialect::Router).await, &request_for(text, fields)).await;
    assert_eq!(response.status, 200, "{}", response.text());
    response
}

fn names(response: &Response) -> Vec<String> {
    let calls = response.choice()["message"]["tool_calls"].clone();
    let names = calls.as_array().into_iter().flatten().map(|call| call["function"]["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

fn arguments(response: &Response) -> Value {
    let arguments = &response.choice()["message"]["tool_calls"][0]["function"]["arguments"];
    serde_json::from_str(arguments.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn mentioned_tools_are_called_in_list_order() {
    for (text, called) in [
        ("get_time and get_weather, please", vec!["get_weather", "get_time"]),
        ("Please get weather.", vec!["get_weather"]),
        ("GET TIME", vec!["get_time"]),
        ("forget_time", vec![]),
        ("Hello", vec![]),
    ] {
        let response = respond(text, json!({})).await;
        assert_eq!(names(&response), called, "{text}");
        let reason = if called.is_empty() { "stop" } else { "tool_calls" };
        assert_eq!(response.choice()["finish_reason"], reason);
    }
}

#[tokio::test]
async fn tool_choice_is_honored() {
    let both = "get_time and get_weather";
    let one = json!({ "type": "function", "function": { "name": "get_time" } });
    for (text, choice, called) in [
        (both, json!("none"), vec![]),
        (both, json!("auto"), vec!["get_weather", "get_time"]),
        ("Hello", json!("required"), vec!["get_weather"]),
        ("get_time", json!("required"), vec!["get_time"]),
        ("Hello", one, vec!["get_time"]),
    ] {
        let response = respond(text, json!({ "tool_choice": choice.clone() })).await;
        assert_eq!(names(&response), called, "{choice}");
    }
    let single = respond(both, json!({ "parallel_tool_calls": false })).await;
    assert_eq!(names(&single), ["get_weather"]);
}

#[tokio::test]
async fn arguments_default_by_type() {
    let response = respond("get_weather", json!({})).await;
    assert_eq!(
        arguments(&response),
        json!({
            "city": "sandbox", "days": 1, "factor": 1.5, "exact": true, "unit": "celsius",
            "tags": ["sandbox"], "place": { "lat": 1.5 }, "note": "sandbox", "zone": 1,
        })
    );
}

#[tokio::test]
async fn arguments_are_read_from_the_user_message() {
    let text = "get_weather with city=\"San Marino\", days=3 factor=0.5 exact=false unit=fahrenheit \
                tags=sun lat=43.9 note=none zone=-2.";
    let response = respond(text, json!({})).await;
    assert_eq!(
        arguments(&response),
        json!({
            "city": "San Marino", "days": 3, "factor": 0.5, "exact": false, "unit": "fahrenheit",
            "tags": ["sun"], "place": { "lat": 43.9 }, "note": "none", "zone": -2,
        })
    );
}

#[tokio::test]
async fn a_recursive_schema_terminates() {
    let node = json!({
        "type": "object",
        "properties": {
            "next": { "anyOf": [{ "$ref": "#" }, { "type": "null" }] },
            "children": { "type": "array", "items": { "$ref": "#" } },
        },
        "required": ["next", "children"],
    });
    let response = respond("walk", json!({ "tools": [tool("walk", &node)] })).await;
    assert!(arguments(&response)["next"]["next"]["children"].is_array());
    let endless = json!({ "$ref": "#" });
    assert_eq!(arguments(&respond("walk", json!({ "tools": [tool("walk", &endless)] })).await), json!({}));
}

/// Returns a conversation that ends with results for the calls with these ids.
fn with_results(turn: Value, results: &[(&str, &str)]) -> Value {
    let mut messages = vec![json!({ "role": "user", "content": "get_weather and get_time" }), turn];
    for (id, content) in results {
        messages.push(json!({ "role": "tool", "tool_call_id": id, "content": content }));
    }
    request_for("", json!({ "messages": messages }))
}

fn calls(ids: &[&str]) -> Value {
    let call = |id: &&str| {
        json!({ "id": id, "type": "function",
            "function": { "name": "get_weather", "arguments": "{}" } })
    };
    ids.iter().map(call).collect()
}

#[tokio::test]
async fn tool_results_are_quoted() {
    let turn = json!({ "role": "assistant", "tool_calls": calls(&["a", "b"]) });
    for dialect in Dialect::ALL {
        let request = with_results(turn.clone(), &[("a", "rain"), ("b", "noon")]);
        let response = chat(&with_dialect(*dialect).await, &request).await;
        assert_eq!(response.content(), "The tool said: rain\nThe tool said: noon", "{dialect}");
    }
}

#[tokio::test]
async fn a_result_without_its_call_is_rejected_except_by_tgi() {
    let turn = json!({ "role": "assistant", "tool_calls": calls(&["a"]) });
    for dialect in Dialect::ALL {
        let response =
            chat(&with_dialect(*dialect).await, &with_results(turn.clone(), &[("z", "rain")])).await;
        let status = if matches!(dialect, Dialect::Tgi2 | Dialect::Tgi3) { 200 } else { 400 };
        assert_eq!(response.status, status, "{dialect}");
    }
}

#[tokio::test]
async fn tgi_drops_tool_calls_of_a_message_with_text() {
    let turn = json!({ "role": "assistant", "content": "", "tool_calls": calls(&["a"]) });
    let request = with_results(turn, &[("a", "rain")]);
    let response = chat(&with_dialect(Dialect::Router).await, &request).await;
    assert_eq!(response.content(), "The tool said: rain");
    let response = chat(&with_dialect(Dialect::Tgi3).await, &request).await;
    assert!(response.content().contains("You said “rain”"), "{}", response.content());
}

/// Calls both tools. Returns the plain and the streamed response.
async fn both(dialect: Dialect) -> (Response, Response) {
    let sandbox = with_dialect(dialect).await;
    let request = request_for("get_weather city=Rome and get_time", json!({}));
    (chat(&sandbox, &request).await, chat(&sandbox, &streaming(request)).await)
}

#[tokio::test]
async fn the_router_streams_the_name_first_and_then_argument_fragments() {
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
async fn tgi_3_gives_every_call_the_id_0_and_finishes_with_stop() {
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
async fn tgi_2_sends_arguments_as_an_object() {
    let (plain, stream) = both(Dialect::Tgi2).await;
    let call = &plain.choice()["message"]["tool_calls"][0];
    assert_eq!(call["function"]["arguments"]["city"], "Rome");
    assert_eq!(stream.call_fragments()[0]["function"]["arguments"]["city"], "Rome");
    assert_eq!(stream.finish().0, "eos_token");
}

#[tokio::test]
async fn together_and_cerebras_stream_each_call_in_one_chunk() {
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
async fn a_provider_without_tool_support_rejects_tools() {
    let fields = json!({ "model": "meta-llama/Llama-3.1-8B-Instruct:novita" });
    let response = chat(&with_dialect(Dialect::Router).await, &request_for("Hello", fields)).await;
    assert_eq!((response.status, &response.json()["error"]["param"]), (400, &json!("tools")));
}

#[tokio::test]
async fn only_tgi_accepts_a_bare_tool_name() {
    let request = request_for("Hello", json!({ "tool_choice": "get_time" }));
    assert_eq!(chat(&with_dialect(Dialect::Router).await, &request).await.status, 422);
    assert_eq!(names(&chat(&with_dialect(Dialect::Tgi3).await, &request).await), ["get_time"]);
    let unknown = request_for("Hello", json!({ "tool_choice": "get_lost" }));
    let response = chat(&with_dialect(Dialect::Tgi3).await, &unknown).await;
    assert_eq!((response.status, &response.json()["error_type"]), (422, &json!("tool_error")));
}

#[tokio::test]
async fn invalid_tools_are_rejected() {
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
        let request = request_for("Hello", json!({ "tools": tools, "tool_choice": choice }));
        let response = chat(&with_dialect(Dialect::Router).await, &request).await;
        assert_eq!((response.status, &response.json()["error"]["param"]), (400, &json!(param)));
    }
}
