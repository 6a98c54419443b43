//! Text completion in the `OpenAI` format and in the native format of text-generation-inference.

use crate::common::{Response, exchange, post, post_as, streaming, with_dialect};
use botticelli_sandbox::{Dialect, Fault, Sandbox};
use serde_json::{Value, json};

const TEXT: &str = "/v1/completions";
const CONTINUATION: &str = " and so the Botticelli sandbox, which is no model, goes on after “Once upon a time” and paints a little \
     more 🎨.";

async fn call(sandbox: &Sandbox, path: &str, body: &Value) -> Response {
    exchange(sandbox, post(path, &body.to_string())).await
}

fn text_request(fields: Value) -> Value {
    let mut request = json!({ "model": "google/gemma-2b", "prompt": "Once upon a time" });
    if let Value::Object(fields) = fields {
        for (name, value) in fields {
            request[name] = value;
        }
    }
    request
}

fn streamed_text(response: &Response) -> String {
    let text = |event: &Value| event["choices"][0]["text"].as_str().map(str::to_owned);
    response.events().iter().filter_map(text).collect()
}

#[tokio::test]
async fn every_dialect_completes_text_in_its_own_format() {
    for (dialect, object, natural, chunk) in [
        (Dialect::Router, "text_completion", json!("stop"), Some(json!(null))),
        (Dialect::Tgi2, "text_completion", json!("eos_token"), Some(json!(""))),
        (Dialect::Tgi3, "text_completion", json!("eos_token"), Some(json!(""))),
        (Dialect::Together, "text.completion", json!("eos"), Some(json!(null))),
        (Dialect::Cerebras, "text_completion", json!("stop"), None),
    ] {
        let sandbox = with_dialect(dialect).await;
        let plain = call(&sandbox, TEXT, &text_request(json!({}))).await;
        assert_eq!(plain.status, 200, "{dialect}: {}", plain.text());
        assert_eq!(plain.json()["object"], object, "{dialect}");
        assert_eq!(
            (&plain.choice()["text"], &plain.choice()["finish_reason"]),
            (&json!(CONTINUATION), &natural)
        );
        let stream = call(&sandbox, TEXT, &streaming(text_request(json!({})))).await;
        assert_eq!(streamed_text(&stream), CONTINUATION, "{dialect}");
        let first = stream.events()[0]["choices"][0].clone();
        assert_eq!(first.get("finish_reason"), chunk.as_ref(), "{dialect}");
        assert_eq!(stream.events().last().unwrap()["choices"][0]["finish_reason"], natural, "{dialect}");
        let has_done = !matches!(dialect, Dialect::Tgi2 | Dialect::Cerebras);
        assert_eq!(stream.text().ends_with("data: [DONE]\n\n"), has_done, "{dialect}");
        assert_eq!(stream.text().starts_with("data:{"), dialect == Dialect::Tgi2);
    }
}

#[tokio::test]
async fn usage_is_in_the_place_each_server_uses() {
    let sandbox = Sandbox::start().await.unwrap();
    let plain = call(&sandbox, TEXT, &text_request(json!({ "max_tokens": 5 }))).await;
    assert_eq!(
        plain.json()["usage"],
        json!({ "prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9 })
    );
    assert_eq!(plain.choice()["finish_reason"], "length");
    let request =
        streaming(text_request(json!({ "max_tokens": 5, "stream_options": { "include_usage": true } })));
    let last = call(&sandbox, TEXT, &request).await.events().pop().unwrap();
    assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &plain.json()["usage"]));
    let together = with_dialect(Dialect::Together).await;
    let stream = call(&together, TEXT, &streaming(text_request(json!({ "max_tokens": 5 })))).await;
    let events = stream.events();
    assert_eq!(events[0]["object"], "completion.chunk");
    assert_eq!(events[0]["choices"][0]["delta"]["content"], events[0]["choices"][0]["text"]);
    assert_eq!((&events[0]["usage"], &events[5]["usage"]), (&Value::Null, &plain.json()["usage"]));
}

#[tokio::test]
async fn prompt_lists_n_echo_and_stop_are_honored() {
    let sandbox = Sandbox::start().await.unwrap();
    let many = call(&sandbox, TEXT, &text_request(json!({ "prompt": ["a", "b"], "n": 2 }))).await.json();
    let texts: Vec<&str> = (0..4).map(|at| many["choices"][at]["text"].as_str().unwrap()).collect();
    assert!(texts[0].contains("“a”") && texts[3].contains("“b”") && texts[3].ends_with("choice 2."));
    let echo = call(&sandbox, TEXT, &text_request(json!({ "echo": true, "stop": "sandbox" }))).await.choice();
    assert_eq!(echo["text"], "Once upon a time and so the Botticelli ");
    assert_eq!(echo["finish_reason"], "stop");
    let probable = call(&sandbox, TEXT, &text_request(json!({ "logprobs": 1 }))).await.choice();
    assert_eq!(probable["logprobs"]["tokens"][0], " and");
}

#[tokio::test]
async fn base_models_and_chat_models_complete_text() {
    let sandbox = Sandbox::start().await.unwrap();
    for (model, status) in [
        ("gpt2", 200),
        ("google/gemma-2b:together", 200),
        ("openai/gpt-oss-20b", 200),
        ("sentence-transformers/all-MiniLM-L6-v2", 400),
        ("google/gemma-2b:groq", 400),
        ("no/such-model", 400),
    ] {
        let response = call(&sandbox, TEXT, &text_request(json!({ "model": model }))).await;
        assert_eq!(response.status, status, "{model}: {}", response.text());
    }
    let path = "/featherless-ai/v1/completions";
    let named = text_request(json!({ "model": "google/gemma-2b-fp8" }));
    assert_eq!(call(&sandbox, path, &named).await.status, 200);
    assert_eq!(call(&sandbox, path, &text_request(json!({}))).await.status, 400);
    let direct = post_as(
        "/direct/together/v1/completions",
        Some(Sandbox::PROVIDER_KEY),
        &text_request(json!({ "model": "google/gemma-2b-base" })).to_string(),
    );
    assert_eq!(exchange(&sandbox, direct).await.json()["object"], "text.completion");
    let hosted =
        call(&sandbox, "/hf-inference/models/google/gemma-2b/v1/completions", &text_request(json!({}))).await;
    assert_eq!(hosted.json()["system_fingerprint"], "3.0.1-sha-sandbox");
}

#[tokio::test]
async fn invalid_text_completion_requests_are_rejected() {
    let sandbox = with_dialect(Dialect::Tgi3).await;
    for (fields, says) in [
        (json!({ "prompt": null }), "prompt: invalid type: null"),
        (json!({ "prompt": 5 }), "untagged enum Prompt"),
        (json!({ "top_p": 1 }), "`top_p` must be"),
        (json!({ "max_tokens": 0 }), "`max_new_tokens` must be strictly positive"),
        (json!({ "stop": ["a", "b", "c", "d", "e"] }), "Given: 5"),
        (json!({ "stop": "a" }), "expected a sequence"),
    ] {
        let response = call(&sandbox, TEXT, &text_request(fields)).await;
        assert_eq!(response.status, 422);
        assert!(response.text().contains(says), "{}", response.text());
    }
}

#[tokio::test]
async fn faults_apply_to_text_completion() {
    let sandbox = Sandbox::builder().on_chat(Fault::named("overloaded-429").unwrap()).start().await.unwrap();
    assert_eq!(call(&sandbox, TEXT, &text_request(json!({}))).await.status, 429);
}

fn generate_request(parameters: Value, stream: bool) -> Value {
    let mut request = json!({ "inputs": "Once upon a time" });
    request["parameters"] = parameters;
    if stream {
        request["stream"] = Value::Bool(true);
    }
    request
}

#[tokio::test]
async fn tgi_generate_routes_return_an_object_a_list_or_a_stream() {
    let sandbox = with_dialect(Dialect::Tgi3).await;
    let request = generate_request(json!({}), false);
    assert_eq!(call(&sandbox, "/generate", &request).await.json(), json!({ "generated_text": CONTINUATION }));
    assert_eq!(call(&sandbox, "/", &request).await.json(), json!([{ "generated_text": CONTINUATION }]));
    let hosted = "/hf-inference/models/google/gemma-2b";
    let router = Sandbox::start().await.unwrap();
    assert_eq!(call(&router, hosted, &request).await.json(), json!([{ "generated_text": CONTINUATION }]));
    for (path, request) in [
        ("/generate_stream", request),
        ("/", generate_request(json!({}), true)),
        (hosted, generate_request(json!({}), true)),
    ] {
        let stream = call(&sandbox, path, &request).await;
        let events = stream.events();
        let text_events = events.iter().filter(|event| event["token"]["special"] == false);
        let text: String = text_events.map(|event| event["token"]["text"].as_str().unwrap()).collect();
        assert_eq!(text, CONTINUATION);
        assert_eq!((&events[0]["index"], &events[0]["generated_text"]), (&json!(1), &Value::Null));
        let last = events.last().unwrap();
        assert_eq!((&last["token"]["text"], &last["generated_text"]), (&json!("</s>"), &json!(CONTINUATION)));
        assert_eq!(last["details"]["finish_reason"], "eos_token");
        assert_eq!(last["details"]["input_length"], 4);
        assert!(!stream.text().contains("[DONE]"));
    }
}

#[tokio::test]
async fn tgi_2_events_have_no_index_and_no_space_after_data() {
    let sandbox = with_dialect(Dialect::Tgi2).await;
    let request = generate_request(json!({ "max_new_tokens": 2 }), false);
    let stream = call(&sandbox, "/generate_stream", &request).await;
    assert!(stream.text().starts_with("data:{\"token\":{"));
    let last = stream.events().pop().unwrap();
    assert_eq!(
        (&last["generated_text"], &last["details"]["finish_reason"]),
        (&json!(" and so"), &json!("length"))
    );
}

#[tokio::test]
async fn details_and_a_grammar_can_be_requested() {
    let sandbox = with_dialect(Dialect::Tgi3).await;
    let parameters = json!({
        "details": true, "decoder_input_details": true, "top_n_tokens": 2, "max_new_tokens": 3,
        "do_sample": true, "seed": 7, "return_full_text": true,
    });
    let response = call(&sandbox, "/generate", &generate_request(parameters, false)).await.json();
    assert_eq!(response["generated_text"], "Once upon a time and so the");
    let details = &response["details"];
    assert_eq!((&details["generated_tokens"], &details["seed"]), (&json!(3), &json!(7)));
    assert_eq!(
        (&details["prefill"][0]["logprob"], &details["prefill"][3]["text"]),
        (&Value::Null, &json!(" time"))
    );
    assert_eq!(details["top_tokens"][0].as_array().unwrap().len(), 2);
    let schema = json!({ "type": "object", "properties": { "a": { "type": "integer" } } });
    for grammar in [
        json!({ "type": "json", "value": schema }),
        json!({ "type": "json_schema", "value": { "name": "n", "schema": schema } }),
    ] {
        let request = generate_request(json!({ "grammar": grammar }), false);
        assert_eq!(call(&sandbox, "/generate", &request).await.json()["generated_text"], r#"{"a":1}"#);
    }
}

#[tokio::test]
async fn out_of_range_parameters_are_rejected_plain_and_streamed() {
    let sandbox = with_dialect(Dialect::Tgi3).await;
    for (parameters, says) in [
        (json!({ "temperature": 0 }), "`temperature` must be strictly positive"),
        (json!({ "top_p": 1 }), "`top_p` must be > 0.0 and < 1.0"),
        (json!({ "top_k": 0 }), "`top_k` must be strictly positive"),
        (json!({ "stop": ["a", "b", "c", "d", "e"] }), "`stop` supports up to 4 stop sequences. Given: 5"),
        (json!({ "best_of": 2 }), "you must use sampling when `best_of` is > 1"),
        (json!({ "max_new_tokens": 40_000 }), "Given: 4 `inputs` tokens and 40000 `max_new_tokens`"),
    ] {
        let plain = call(&sandbox, "/generate", &generate_request(parameters.clone(), false)).await;
        let error = plain.json()["error"].as_str().unwrap().to_owned();
        assert!(plain.status == 422 && error.contains(says), "{error}");
        let stream = call(&sandbox, "/generate_stream", &generate_request(parameters, false)).await;
        assert_eq!((stream.status, stream.header("content-type")), (200, Some("text/event-stream")));
        assert_eq!(stream.events(), [json!({ "error": error, "error_type": "validation" })]);
    }
    let unread = call(&sandbox, "/generate", &json!({ "parameters": {} })).await;
    assert!(unread.status == 422 && unread.text().contains("missing field `inputs`"));
}

#[tokio::test]
async fn gpt2_repeats_its_prompt_and_rejects_unknown_parameters() {
    let sandbox = Sandbox::start().await.unwrap();
    for id in ["gpt2", "openai-community/gpt2"] {
        let path = format!("/hf-inference/models/{id}");
        let response = call(&sandbox, &path, &generate_request(json!({}), true)).await;
        assert_eq!(response.json(), json!([{ "generated_text": format!("Once upon a time{CONTINUATION}") }]));
        let continuation_only =
            call(&sandbox, &path, &generate_request(json!({ "return_full_text": false }), false)).await;
        assert_eq!(continuation_only.json(), json!([{ "generated_text": CONTINUATION }]));
        let refused =
            call(&sandbox, &path, &generate_request(json!({ "watermark": true, "stop": ["a"] }), false))
                .await;
        let error = refused.json()["error"].as_str().unwrap().to_owned();
        let says = "The following `model_kwargs` are not used by the model: ['stop', 'watermark'] ";
        assert!(refused.status == 400 && error.starts_with(says), "{error}");
    }
    let unknown =
        call(&sandbox, "/hf-inference/models/no/such-model", &generate_request(json!({}), false)).await;
    assert_eq!(unknown.status, 404);
}
