//! OpenAI's batch files.

use crate::support::{Folder, table};
use botticelli_batch::{Batch, Format, OutputOrder, Shard, Sink, Table};
use botticelli_core::{
    Choice, FinishReason, GenerateResponse, Input, Message, Output, ReasoningEffort, ResponseFormat, Role,
    ToolChoice, ToolDefinition, Usage,
};
use botticelli_error::ErrorCategory;
use botticelli_layers::mock::{MockDriver, MockReply};
use serde_json::{Value, json};

/// Returns a line of a batch file.
fn line(custom_id: &str, body: &Value) -> String {
    json!({"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body}).to_string()
}

fn hello(text: &str) -> Value {
    json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]})
}

/// Runs the lines, and returns the lines of the output.
async fn run(folder: &Folder, batch: Batch, lines: &[String]) -> Vec<Value> {
    let table = table(folder, "in.jsonl", lines.join("\n"));
    assert_eq!(table.format(), Format::OpenAiBatch);
    let _ = batch.restart().run(table, Sink::create(folder.path("out.jsonl")).unwrap()).await.unwrap();
    let text = std::fs::read_to_string(folder.path("out.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn every_setting_of_a_request_reaches_the_driver() {
    let folder = Folder::new();
    let driver = MockDriver::answering(["ok"]);
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let body = json!({
        "model": "gpt-4o-mini",
        "messages": [
            {"role": "system", "content": "Be brief"},
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
            ]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
        ],
        "max_completion_tokens": 50, "temperature": 0.5, "top_p": 0.9, "stop": "END", "n": 2, "seed": 7,
        "logprobs": true, "top_logprobs": 3, "logit_bias": {"50256": -100}, "user": "u1",
        "reasoning_effort": "low", "parallel_tool_calls": false, "presence_penalty": null, "stream": false,
        "metadata": {"a": "b"}, "store": true,
        "tools": [{"type": "function", "function": {
            "name": "look", "description": "Looks", "parameters": schema, "strict": true,
        }}, {"type": "function", "function": {"name": "stop"}}],
        "tool_choice": {"type": "function", "function": {"name": "look"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "r", "schema": schema, "strict": true}},
        "top_k": 40,
    });
    run(&folder, Batch::new(driver.clone()), &[line("a", &body)]).await;
    let [request] = driver.requests().try_into().unwrap();
    assert_eq!(request.model(), Some("gpt-4o-mini"));
    let roles: Vec<_> = request.messages().iter().map(Message::role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant, Role::Tool]);
    assert!(matches!(request.messages()[1].content(), [Input::Text(_), Input::Image(_)]));
    assert_eq!(
        (request.max_tokens(), request.temperature(), request.top_p()),
        (Some(50), Some(0.5), Some(0.9))
    );
    assert_eq!(
        (request.n(), request.seed(), request.stop()),
        (Some(2), Some(7), ["END".to_owned()].as_slice())
    );
    assert_eq!((request.logprobs(), request.top_logprobs()), (Some(true), Some(3)));
    assert_eq!(request.logit_bias().get(&50256), Some(&-100.0));
    assert_eq!((request.user(), request.parallel_tool_calls()), (Some("u1"), Some(false)));
    assert_eq!(request.reasoning_effort(), Some(&ReasoningEffort::Low));
    assert_eq!(request.tools().iter().map(ToolDefinition::name).collect::<Vec<_>>(), ["look", "stop"]);
    assert_eq!((request.tools()[0].description(), request.tools()[0].strict()), (Some("Looks"), Some(true)));
    assert_eq!(request.tool_choice(), Some(&ToolChoice::Function("look".to_owned())));
    assert!(
        matches!(request.response_format(), Some(ResponseFormat::JsonSchema(form)) if form.strict() == Some(true))
    );
    assert_eq!(json!(request.extra()), json!({"top_k": 40}));
}

#[tokio::test]
async fn the_output_has_the_lines_of_the_service() {
    let folder = Folder::new();
    let tool_call = MockReply::tool_call("look", "{\"a\":1}");
    let response = GenerateResponse::builder()
        .outputs(vec![Output::Reasoning("hm".to_owned()), Output::Text("Hi".to_owned())])
        .finish_reason(FinishReason::Length)
        .alternatives(vec![Choice::new(1, vec![Output::Refusal("no".to_owned())], FinishReason::Stop)])
        .usage(Usage::new(Some(5), Some(2), None).with_details(Some(1), Some(2)))
        .id("chatcmpl-1")
        .model("served")
        .request_id("req_1")
        .build()
        .unwrap();
    let driver = MockDriver::answering([MockReply::response(response), tool_call]);
    let batch = Batch::new(driver).with_concurrency(1);
    let lines = run(&folder, batch, &[line("a", &hello("one")), line("b", &hello("two"))]).await;
    let id = lines[0]["id"].as_str().unwrap();
    assert!(id.starts_with("batch_req_") && id != lines[1]["id"]);
    assert_eq!(
        lines[0],
        json!({
            "id": id, "custom_id": "a", "error": null,
            "response": {"status_code": 200, "request_id": "req_1", "body": {
                "id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "served",
                "choices": [
                    {
                        "index": 0, "logprobs": null, "finish_reason": "length",
                        "message": {"role": "assistant", "content": "Hi", "refusal": null, "reasoning_content": "hm"},
                    },
                    {
                        "index": 1, "logprobs": null, "finish_reason": "stop",
                        "message": {"role": "assistant", "content": null, "refusal": "no"},
                    },
                ],
                "usage": {
                    "prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7,
                    "prompt_tokens_details": {"cached_tokens": 1},
                    "completion_tokens_details": {"reasoning_tokens": 2},
                },
            }},
        })
    );
    let message = &lines[1]["response"]["body"]["choices"][0]["message"];
    assert_eq!(message["content"], Value::Null);
    assert_eq!(message["tool_calls"][0]["function"], json!({"name": "look", "arguments": "{\"a\":1}"}));
    assert_eq!(message["tool_calls"][0]["type"], "function");
}

#[tokio::test]
async fn rows_that_cannot_be_sent_have_an_error_and_the_others_are_answered() {
    let folder = Folder::new();
    let with = |key: &str, value: Value| {
        let mut body = hello("x");
        body[key] = value;
        line(key, &body)
    };
    let embeddings =
        json!({"custom_id": "url", "method": "POST", "url": "/v1/embeddings", "body": {"input": "x"}})
            .to_string();
    let get =
        json!({"custom_id": "get", "method": "GET", "url": "/v1/chat/completions", "body": {}}).to_string();
    let lines = [
        line("good", &hello("x")),
        embeddings,
        get,
        "broken".to_owned(),
        with("stream", json!(true)),
        with("functions", json!([])),
        with("temperature", json!("hot")),
        with("messages", json!([])),
        with("tool_choice", json!("maybe")),
        with("response_format", json!({"type": "xml"})),
        with("tools", json!([{"type": "web_search"}])),
        json!({"custom_id": "body", "method": "POST", "url": "/v1/chat/completions", "body": "text"})
            .to_string(),
    ];
    let driver = MockDriver::answering(["ok"]).repeating();
    let output = run(&folder, Batch::new(driver.clone()), &lines).await;
    assert_eq!(output.len(), lines.len());
    assert_eq!(driver.requests().len(), 1);
    assert_eq!(output[0]["response"]["body"]["choices"][0]["message"]["content"], "ok");
    let message = |index: usize| {
        let line: &Value = &output[index];
        assert_eq!(
            (&line["response"], &line["error"]["code"]),
            (&Value::Null, &json!("invalid_request")),
            "{line}"
        );
        line["error"]["message"].as_str().unwrap().to_owned()
    };
    for (index, expected) in [
        (1, "only \"/v1/chat/completions\" is supported"),
        (2, "use \"POST\""),
        (3, "in.jsonl:4"),
        (4, "`stream` is set"),
        (5, "write `tools`"),
        (6, "temperature"),
        (7, "no `messages`"),
        (8, "`tool_choice` is \"maybe\""),
        (9, "write the type text, json_object or json_schema"),
        (10, "only tools of the type `function`"),
        (11, "`body` is not an object"),
    ] {
        assert!(message(index).contains(expected), "{index}: {}", message(index));
    }
    assert_eq!(output[3]["custom_id"], Value::Null);
}

#[tokio::test]
async fn a_failed_request_has_its_category_and_a_second_run_pays_for_nothing() {
    let folder = Folder::new();
    let driver = MockDriver::answering([MockReply::failure(ErrorCategory::InvalidRequest), "two".into()]);
    let lines = [line("a", &hello("one")), line("b", &hello("two")), line("c", &hello("two"))];
    let output = run(&folder, Batch::new(driver.clone()).with_concurrency(1), &lines).await;
    assert_eq!(output[0]["error"]["code"], "invalid_request");
    assert_eq!(output[1]["response"], output[2]["response"], "equal requests are sent once");
    assert_ne!(output[1]["id"], output[2]["id"]);
    let before = std::fs::read(folder.path("out.jsonl")).unwrap();
    let (table, sink) =
        (Table::open(folder.path("in.jsonl")).unwrap(), Sink::create(folder.path("out.jsonl")).unwrap());
    let _ = Batch::new(driver.clone()).run(table, sink).await.unwrap();
    assert_eq!(driver.requests().len(), 2);
    assert_eq!(std::fs::read(folder.path("out.jsonl")).unwrap(), before);
}

#[tokio::test]
async fn the_model_of_the_batch_replaces_that_of_the_file() {
    let folder = Folder::new();
    let driver = MockDriver::answering(["ok"]);
    let options = botticelli_core::GenerateRequest::default().with_model("own/model");
    run(&folder, Batch::new(driver.clone()).with_request(options), &[line("a", &hello("one"))]).await;
    assert_eq!(driver.requests()[0].model(), Some("own/model"));
}

#[tokio::test]
async fn a_template_needs_the_file_as_json_lines() {
    let folder = Folder::new();
    let path = folder.write("in.jsonl", line("a", &hello("one")));
    let driver = MockDriver::answering(["ok"]);
    let batch = Batch::new(driver.clone()).with_prompt("{{ custom_id }}?").unwrap();
    let sink = || Sink::create(folder.path("out.jsonl")).unwrap();
    let error = batch.run(Table::open(&path).unwrap(), sink()).await.unwrap_err().to_string();
    assert!(error.contains("Format::JsonLines"), "{error}");
    let table = Table::open_as(&path, Format::JsonLines).unwrap();
    assert_eq!(table.format(), Format::JsonLines);
    let _ = batch.run(table, sink()).await.unwrap();
    let text = std::fs::read_to_string(folder.path("out.jsonl")).unwrap();
    assert!(text.contains("\"body\":{") && text.contains("\"answer\":\"ok\""), "{text}");
}

#[tokio::test]
async fn a_missing_or_repeated_id_fails_its_row() {
    let folder = Folder::new();
    let without = json!({"method": "POST", "url": "/v1/chat/completions", "body": hello("two")}).to_string();
    let number =
        json!({"custom_id": 7, "method": "POST", "url": "/v1/chat/completions", "body": hello("three")})
            .to_string();
    let lines =
        [line("a", &hello("one")), without, number, line("a", &hello("four")), line("b", &hello("one"))];
    let driver = MockDriver::answering(["ok"]);
    let output = run(&folder, Batch::new(driver.clone()), &lines).await;
    assert_eq!(driver.requests().len(), 1);
    let message = |index: usize| output[index]["error"]["message"].as_str().unwrap_or_default();
    assert_eq!((message(0), message(4)), ("", ""));
    for index in [1, 2] {
        assert!(message(index).contains("`custom_id` is missing or not a text"), "{}", message(index));
    }
    assert!(message(3).contains("in.jsonl:4") && message(3).contains("`custom_id` \"a\" occurs twice"));
}

#[tokio::test]
async fn the_id_of_a_line_does_not_depend_on_the_order_or_the_shard() {
    let folder = Folder::new();
    let mut lines: Vec<_> = (0..40).map(|id| line(&format!("id {id}"), &hello(&id.to_string()))).collect();
    lines.insert(11, "broken".to_owned());
    lines.insert(23, "broken".to_owned());
    let sorted = |mut lines: Vec<Value>| {
        lines.sort_by_key(Value::to_string);
        lines
    };
    let driver = MockDriver::answering(["ok"]).repeating();
    let batch = Batch::new(driver);
    let ordered = sorted(run(&folder, batch.clone(), &lines).await);
    let completion = run(&folder, batch.clone().with_order(OutputOrder::Completion), &lines).await;
    assert_eq!(sorted(completion), ordered);
    let mut parts = Vec::new();
    for index in 0..3 {
        let (table, sink) =
            (Table::open(folder.path("in.jsonl")).unwrap(), Sink::create(folder.path("out.jsonl")).unwrap());
        let shard = batch.clone().with_shard(Shard::new(index, 3).unwrap()).restart();
        let report = shard.run(table, sink).await.unwrap();
        let text = std::fs::read_to_string(report.output().unwrap()).unwrap();
        parts.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    }
    assert_eq!(sorted(parts), ordered);
}

#[tokio::test]
async fn the_options_of_the_batch_replace_those_of_each_row() {
    let folder = Folder::new();
    let driver = MockDriver::answering(["ok"]).repeating();
    let body = json!({
        "model": "gpt-4o-mini", "messages": [{"role": "user", "content": "one"}],
        "max_tokens": 77, "temperature": 0.9, "seed": 1, "user": "u1", "top_k": 40, "min_p": 0.1, "n": 1,
    });
    let mut extra = serde_json::Map::new();
    extra.insert("top_k".to_owned(), 3.into());
    let options = botticelli_core::GenerateRequest::default()
        .with_max_tokens(5)
        .with_temperature(0.0)
        .with_user("u2")
        .with_reasoning_effort(ReasoningEffort::Low)
        .with_extra(extra);
    run(&folder, Batch::new(driver.clone()).with_request(options), &[line("a", &body)]).await;
    let sent = &driver.requests()[0];
    assert_eq!(
        (sent.model(), sent.max_tokens(), sent.temperature()),
        (Some("gpt-4o-mini"), Some(5), Some(0.0))
    );
    assert_eq!((sent.seed(), sent.user(), sent.n()), (Some(1), Some("u2"), Some(1)));
    assert_eq!(sent.reasoning_effort(), Some(&ReasoningEffort::Low));
    assert_eq!(json!(sent.extra()), json!({"top_k": 3, "min_p": 0.1}));
    assert_eq!(sent.messages().len(), 1);
}

#[test]
fn requests_are_recognized_although_the_first_lines_are_damaged() {
    let folder = Folder::new();
    let lines =
        ["{\"custom_id\":".to_owned(), json!({"note": "no request"}).to_string(), line("a", &hello("one"))];
    assert_eq!(table(&folder, "in.jsonl", lines.join("\n")).format(), Format::OpenAiBatch);
    let rows: Vec<_> = (0..20).map(|id| json!({"id": id, "text": "t"}).to_string()).collect();
    assert_eq!(table(&folder, "rows.jsonl", rows.join("\n")).format(), Format::JsonLines);
}
