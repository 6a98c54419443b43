//! Text completion: in the manner of `OpenAI`, and in that of text-generation-inference.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed helper is a failed test")]

mod common;

use botticelli_sandbox::{Dialect, Fault, Sandbox};
use common::{Answer, exchange, post, post_as, speaking, streaming};
use serde_json::{Value, json};

const TEXT: &str = "/v1/completions";
const SAID: &str = " and so the Botticelli sandbox, which is no model, goes on after “Once upon a time” and paints a little \
     more 🎨.";

async fn called(sandbox: &Sandbox, path: &str, body: &Value) -> Answer {
    exchange(sandbox, post(path, &body.to_string())).await
}

fn once(fields: Value) -> Value {
    let mut request = json!({ "model": "google/gemma-2b", "prompt": "Once upon a time" });
    if let Value::Object(fields) = fields {
        for (name, value) in fields {
            request[name] = value;
        }
    }
    request
}

fn streamed_text(answer: &Answer) -> String {
    let text = |event: &Value| event["choices"][0]["text"].as_str().map(str::to_owned);
    answer.events().iter().filter_map(text).collect()
}

#[tokio::test]
async fn a_text_goes_on_in_the_words_of_every_server() {
    for (dialect, object, natural, chunk) in [
        (Dialect::Router, "text_completion", json!("stop"), Some(json!(null))),
        (Dialect::Tgi2, "text_completion", json!("eos_token"), Some(json!(""))),
        (Dialect::Tgi3, "text_completion", json!("eos_token"), Some(json!(""))),
        (Dialect::Together, "text.completion", json!("eos"), Some(json!(null))),
        (Dialect::Cerebras, "text_completion", json!("stop"), None),
    ] {
        let sandbox = speaking(dialect).await;
        let plain = called(&sandbox, TEXT, &once(json!({}))).await;
        assert_eq!(plain.status, 200, "{dialect}: {}", plain.text());
        assert_eq!(plain.json()["object"], object, "{dialect}");
        assert_eq!((&plain.choice()["text"], &plain.choice()["finish_reason"]), (&json!(SAID), &natural));
        let stream = called(&sandbox, TEXT, &streaming(once(json!({})))).await;
        assert_eq!(streamed_text(&stream), SAID, "{dialect}");
        let first = stream.events()[0]["choices"][0].clone();
        assert_eq!(first.get("finish_reason"), chunk.as_ref(), "{dialect}");
        assert_eq!(stream.events().last().unwrap()["choices"][0]["finish_reason"], natural, "{dialect}");
        let has_done = !matches!(dialect, Dialect::Tgi2 | Dialect::Cerebras);
        assert_eq!(stream.text().ends_with("data: [DONE]\n\n"), has_done, "{dialect}");
        assert_eq!(stream.text().starts_with("data:{"), dialect == Dialect::Tgi2);
    }
}

#[tokio::test]
async fn usage_comes_where_each_server_puts_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let plain = called(&sandbox, TEXT, &once(json!({ "max_tokens": 5 }))).await;
    assert_eq!(
        plain.json()["usage"],
        json!({ "prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9 })
    );
    assert_eq!(plain.choice()["finish_reason"], "length");
    let asking = streaming(once(json!({ "max_tokens": 5, "stream_options": { "include_usage": true } })));
    let last = called(&sandbox, TEXT, &asking).await.events().pop().unwrap();
    assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &plain.json()["usage"]));
    let together = speaking(Dialect::Together).await;
    let stream = called(&together, TEXT, &streaming(once(json!({ "max_tokens": 5 })))).await;
    let events = stream.events();
    assert_eq!(events[0]["object"], "completion.chunk");
    assert_eq!(events[0]["choices"][0]["delta"]["content"], events[0]["choices"][0]["text"]);
    assert_eq!((&events[0]["usage"], &events[5]["usage"]), (&Value::Null, &plain.json()["usage"]));
}

#[tokio::test]
async fn prompts_choices_echo_and_stops_are_minded() {
    let sandbox = Sandbox::start().await.unwrap();
    let many = called(&sandbox, TEXT, &once(json!({ "prompt": ["a", "b"], "n": 2 }))).await.json();
    let texts: Vec<&str> = (0..4).map(|at| many["choices"][at]["text"].as_str().unwrap()).collect();
    assert!(texts[0].contains("“a”") && texts[3].contains("“b”") && texts[3].ends_with("choice 2."));
    let echo = called(&sandbox, TEXT, &once(json!({ "echo": true, "stop": "sandbox" }))).await.choice();
    assert_eq!(echo["text"], "Once upon a time and so the Botticelli ");
    assert_eq!(echo["finish_reason"], "stop");
    let probable = called(&sandbox, TEXT, &once(json!({ "logprobs": 1 }))).await.choice();
    assert_eq!(probable["logprobs"]["tokens"][0], " and");
}

#[tokio::test]
async fn base_models_and_chat_models_both_go_on() {
    let sandbox = Sandbox::start().await.unwrap();
    for (model, status) in [
        ("gpt2", 200),
        ("google/gemma-2b:together", 200),
        ("openai/gpt-oss-20b", 200),
        ("sentence-transformers/all-MiniLM-L6-v2", 400),
        ("google/gemma-2b:groq", 400),
        ("no/such-model", 400),
    ] {
        let answer = called(&sandbox, TEXT, &once(json!({ "model": model }))).await;
        assert_eq!(answer.status, status, "{model}: {}", answer.text());
    }
    let path = "/featherless-ai/v1/completions";
    let named = once(json!({ "model": "google/gemma-2b-fp8" }));
    assert_eq!(called(&sandbox, path, &named).await.status, 200);
    assert_eq!(called(&sandbox, path, &once(json!({}))).await.status, 400);
    let direct = post_as(
        "/direct/together/v1/completions",
        Some(Sandbox::PROVIDER_KEY),
        &once(json!({ "model": "google/gemma-2b-base" })).to_string(),
    );
    assert_eq!(exchange(&sandbox, direct).await.json()["object"], "text.completion");
    let hosted =
        called(&sandbox, "/hf-inference/models/google/gemma-2b/v1/completions", &once(json!({}))).await;
    assert_eq!(hosted.json()["system_fingerprint"], "3.0.1-sha-sandbox");
}

#[tokio::test]
async fn text_completion_is_checked_too() {
    let sandbox = speaking(Dialect::Tgi3).await;
    for (fields, says) in [
        (json!({ "prompt": null }), "prompt: invalid type: null"),
        (json!({ "prompt": 5 }), "untagged enum Prompt"),
        (json!({ "top_p": 1 }), "`top_p` must be"),
        (json!({ "max_tokens": 0 }), "`max_new_tokens` must be strictly positive"),
        (json!({ "stop": ["a", "b", "c", "d", "e"] }), "Given: 5"),
        (json!({ "stop": "a" }), "expected a sequence"),
    ] {
        let answer = called(&sandbox, TEXT, &once(fields)).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(says), "{}", answer.text());
    }
}

#[tokio::test]
async fn faults_come_here_too() {
    let sandbox = Sandbox::builder().on_chat(Fault::named("overloaded-429").unwrap()).start().await.unwrap();
    assert_eq!(called(&sandbox, TEXT, &once(json!({}))).await.status, 429);
}

fn inputs(parameters: Value, stream: bool) -> Value {
    let mut request = json!({ "inputs": "Once upon a time" });
    request["parameters"] = parameters;
    if stream {
        request["stream"] = Value::Bool(true);
    }
    request
}

#[tokio::test]
async fn tgi_generates_an_object_a_list_or_a_stream() {
    let sandbox = speaking(Dialect::Tgi3).await;
    let request = inputs(json!({}), false);
    assert_eq!(called(&sandbox, "/generate", &request).await.json(), json!({ "generated_text": SAID }));
    assert_eq!(called(&sandbox, "/", &request).await.json(), json!([{ "generated_text": SAID }]));
    let hosted = "/hf-inference/models/google/gemma-2b";
    let router = Sandbox::start().await.unwrap();
    assert_eq!(called(&router, hosted, &request).await.json(), json!([{ "generated_text": SAID }]));
    for (path, request) in
        [("/generate_stream", request), ("/", inputs(json!({}), true)), (hosted, inputs(json!({}), true))]
    {
        let stream = called(&sandbox, path, &request).await;
        let events = stream.events();
        let said = events.iter().filter(|event| event["token"]["special"] == false);
        let text: String = said.map(|event| event["token"]["text"].as_str().unwrap()).collect();
        assert_eq!(text, SAID);
        assert_eq!((&events[0]["index"], &events[0]["generated_text"]), (&json!(1), &Value::Null));
        let last = events.last().unwrap();
        assert_eq!((&last["token"]["text"], &last["generated_text"]), (&json!("</s>"), &json!(SAID)));
        assert_eq!(last["details"]["finish_reason"], "eos_token");
        assert_eq!(last["details"]["input_length"], 4);
        assert!(!stream.text().contains("[DONE]"));
    }
}

#[tokio::test]
async fn the_older_server_counts_nothing_and_sends_no_blank() {
    let sandbox = speaking(Dialect::Tgi2).await;
    let request = inputs(json!({ "max_new_tokens": 2 }), false);
    let stream = called(&sandbox, "/generate_stream", &request).await;
    assert!(stream.text().starts_with("data:{\"token\":{"));
    let last = stream.events().pop().unwrap();
    assert_eq!(
        (&last["generated_text"], &last["details"]["finish_reason"]),
        (&json!(" and so"), &json!("length"))
    );
}

#[tokio::test]
async fn details_and_a_grammar_may_be_asked_for() {
    let sandbox = speaking(Dialect::Tgi3).await;
    let parameters = json!({
        "details": true, "decoder_input_details": true, "top_n_tokens": 2, "max_new_tokens": 3,
        "do_sample": true, "seed": 7, "return_full_text": true,
    });
    let answer = called(&sandbox, "/generate", &inputs(parameters, false)).await.json();
    assert_eq!(answer["generated_text"], "Once upon a time and so the");
    let details = &answer["details"];
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
        let request = inputs(json!({ "grammar": grammar }), false);
        assert_eq!(called(&sandbox, "/generate", &request).await.json()["generated_text"], r#"{"a":1}"#);
    }
}

#[tokio::test]
async fn parameters_out_of_range_are_refused_whole_and_in_the_stream() {
    let sandbox = speaking(Dialect::Tgi3).await;
    for (parameters, says) in [
        (json!({ "temperature": 0 }), "`temperature` must be strictly positive"),
        (json!({ "top_p": 1 }), "`top_p` must be > 0.0 and < 1.0"),
        (json!({ "top_k": 0 }), "`top_k` must be strictly positive"),
        (json!({ "stop": ["a", "b", "c", "d", "e"] }), "`stop` supports up to 4 stop sequences. Given: 5"),
        (json!({ "best_of": 2 }), "you must use sampling when `best_of` is > 1"),
        (json!({ "max_new_tokens": 40_000 }), "Given: 4 `inputs` tokens and 40000 `max_new_tokens`"),
    ] {
        let plain = called(&sandbox, "/generate", &inputs(parameters.clone(), false)).await;
        let error = plain.json()["error"].as_str().unwrap().to_owned();
        assert!(plain.status == 422 && error.contains(says), "{error}");
        let stream = called(&sandbox, "/generate_stream", &inputs(parameters, false)).await;
        assert_eq!((stream.status, stream.header("content-type")), (200, Some("text/event-stream")));
        assert_eq!(stream.events(), [json!({ "error": error, "error_type": "validation" })]);
    }
    let unread = called(&sandbox, "/generate", &json!({ "parameters": {} })).await;
    assert!(unread.status == 422 && unread.text().contains("missing field `inputs`"));
}

#[tokio::test]
async fn gpt2_repeats_its_prompt_and_refuses_what_it_does_not_know() {
    let sandbox = Sandbox::start().await.unwrap();
    for id in ["gpt2", "openai-community/gpt2"] {
        let path = format!("/hf-inference/models/{id}");
        let answer = called(&sandbox, &path, &inputs(json!({}), true)).await;
        assert_eq!(answer.json(), json!([{ "generated_text": format!("Once upon a time{SAID}") }]));
        let bare = called(&sandbox, &path, &inputs(json!({ "return_full_text": false }), false)).await;
        assert_eq!(bare.json(), json!([{ "generated_text": SAID }]));
        let refused =
            called(&sandbox, &path, &inputs(json!({ "watermark": true, "stop": ["a"] }), false)).await;
        let error = refused.json()["error"].as_str().unwrap().to_owned();
        let says = "The following `model_kwargs` are not used by the model: ['watermark', 'stop'] ";
        assert!(refused.status == 400 && error.starts_with(says), "{error}");
    }
    let unknown = called(&sandbox, "/hf-inference/models/no/such-model", &inputs(json!({}), false)).await;
    assert_eq!(unknown.status, 404);
}
