//! Text completion: the requests, the rejected inputs, and the failures.

use crate::common::text::{collect, failures, folded};
use crate::common::{failure, scripted, settings};
use botticelli_core::{
    CompletionRequest, CompletionRequestBuilder, FinishReason, GenerationConfig, RetryConfig,
};
use botticelli_error::{ErrorCategory, PartialResponse};
use botticelli_interface::CompletionDriver;
use botticelli_models::huggingface::{Dialect, HuggingFaceDriver};
use botticelli_sandbox::{Fault, Sandbox, Script, Turn};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

const SAID: &str = " and so the Botticelli sandbox, which is no model, goes on after “Once upon a time” and paints a \
                    little more 🎨.";

fn once() -> CompletionRequestBuilder {
    CompletionRequest::builder().prompt("Once upon a time")
}

fn extra(fields: Value) -> Map<String, Value> {
    serde_json::from_value(fields).unwrap()
}

async fn tgi() -> Sandbox {
    Sandbox::builder().with_dialect(botticelli_sandbox::Dialect::Tgi3).start().await.unwrap()
}

fn native(sandbox: &Sandbox) -> HuggingFaceDriver {
    settings(sandbox).dialect(Dialect::Tgi).build().unwrap()
}

/// A driver of the model that Hugging Face runs on its own servers, behind the sandbox.
fn hosted(sandbox: &Sandbox, model: &str) -> HuggingFaceDriver {
    let root = sandbox.base_url().strip_suffix("/v1").unwrap().to_owned();
    let base_url = format!("{root}/hf-inference/models/{model}");
    settings(sandbox).base_url(base_url).dialect(Dialect::Tgi).build().unwrap()
}

#[tokio::test]
async fn exactly_the_fields_that_are_set_are_sent() {
    let full = || {
        once()
            .max_tokens(10)
            .temperature(0.7)
            .top_p(0.9)
            .stop(vec!["END".into()])
            .seed(u64::MAX)
            .frequency_penalty(-0.1)
            .logprobs(2)
            .extra(extra(json!({ "top_k": 40, "user": null })))
    };
    let text = full().presence_penalty(0.3).model("google/gemma-2b").build().unwrap();
    let sandbox = scripted(Script::json(200, r#"{"choices":[{"text":"ok","finish_reason":"stop"}]}"#)).await;
    let driver = settings(&sandbox).build().unwrap();
    driver.complete(text.clone()).await.unwrap();
    folded(&driver, text).await;
    driver.complete("Hi".into()).await.unwrap();
    let mut expected = json!({
        "model": "google/gemma-2b",
        "prompt": "Once upon a time",
        "max_tokens": 10,
        "temperature": 0.7,
        "top_p": 0.9,
        "frequency_penalty": -0.1,
        "presence_penalty": 0.3,
        "seed": u64::MAX,
        "stop": ["END"],
        "logprobs": 2,
        "top_k": 40,
    });
    let received = sandbox.requests();
    assert!(received.iter().all(|request| request.path() == "/v1/completions"));
    assert_eq!(received[0].body(), &expected);
    assert!(received[0].text().starts_with(r#"{"model":"#));
    expected["stream"] = json!(true);
    expected["stream_options"] = json!({ "include_usage": true });
    assert_eq!(received[1].body(), &expected);
    assert_eq!(received[2].body(), &json!({ "model": crate::common::MODEL, "prompt": "Hi" }));

    let sandbox = tgi().await;
    let driver = native(&sandbox);
    driver.complete(full().build().unwrap()).await.unwrap();
    folded(&driver, full().build().unwrap()).await;
    let mut expected = json!({
        "inputs": "Once upon a time",
        "parameters": {
            "max_new_tokens": 10,
            "temperature": 0.7,
            "top_p": 0.9,
            "frequency_penalty": -0.1,
            "seed": u64::MAX,
            "stop": ["END"],
            "top_n_tokens": 2,
            "details": true,
            "top_k": 40,
        },
    });
    let received = sandbox.requests();
    assert_eq!((received[0].path(), received[0].body()), ("/generate", &expected));
    expected["stream"] = json!(true);
    assert_eq!((received[1].path(), received[1].body()), ("/generate_stream", &expected));
}

#[tokio::test]
async fn fields_that_tgi_rejects_are_translated() {
    let sandbox = tgi().await;
    let cases = [
        (once(), json!({ "max_new_tokens": 256, "details": true })),
        // Zero is greedy there, and all words are what is there without a limit.
        (
            once().temperature(0.0).top_p(1.0),
            json!({ "max_new_tokens": 256, "do_sample": false, "details": true }),
        ),
        // The token alone: details have it.
        (once().logprobs(0), json!({ "max_new_tokens": 256, "details": true })),
        (once().extra(extra(json!({ "details": null }))), json!({ "max_new_tokens": 256 })),
        (
            once().extra(extra(json!({ "do_sample": true, "decoder_input_details": true }))),
            json!({ "max_new_tokens": 256, "details": true, "do_sample": true, "decoder_input_details": true }),
        ),
    ];
    for (builder, expected) in cases {
        let driver = native(&sandbox);
        driver.complete(builder.build().unwrap()).await.unwrap();
        assert_eq!(sandbox.requests().last().unwrap().body()["parameters"], expected);
    }
}

#[tokio::test]
async fn the_endpoint_is_derived_from_the_base_url() {
    let sandbox = scripted(Script::json(404, r#"{"error":"no"}"#)).await;
    let origin = sandbox.base_url().strip_suffix("/v1").unwrap().to_owned();
    for (base, text, plain, streamed) in [
        ("", "/v1/completions", "/generate", "/generate_stream"),
        ("/", "/v1/completions", "/generate", "/generate_stream"),
        ("/v1", "/v1/completions", "/generate", "/generate_stream"),
        ("/v1/", "/v1/completions", "/generate", "/generate_stream"),
        ("/v1/chat/completions", "/v1/completions", "/generate", "/generate_stream"),
        ("/v1/completions", "/v1/completions", "/generate", "/generate_stream"),
        (
            "/v3/openai/chat/completions",
            "/v3/openai/completions",
            "/v3/openai/generate",
            "/v3/openai/generate_stream",
        ),
        ("/deep/down", "/deep/down/v1/completions", "/deep/down/generate", "/deep/down/generate_stream"),
        (
            "/hf-inference/models/openai-community/gpt2",
            "/hf-inference/models/openai-community/gpt2/v1/completions",
            "/hf-inference/models/openai-community/gpt2",
            "/hf-inference/models/openai-community/gpt2",
        ),
    ] {
        for (dialect, is_streamed, path) in [
            (Dialect::OpenAi, false, text),
            (Dialect::OpenAi, true, text),
            (Dialect::Tgi, false, plain),
            (Dialect::Tgi, true, streamed),
        ] {
            let builder = settings(&sandbox).base_url(format!("{origin}{base}?x=1")).dialect(dialect);
            let driver = builder.build().unwrap();
            let error = if is_streamed {
                collect(&driver, "Hi".into()).await.1.unwrap()
            } else {
                driver.complete("Hi".into()).await.unwrap_err()
            };
            assert_eq!(error.category(), ErrorCategory::NotFound);
            let called = sandbox.requests().last().unwrap().path().to_owned();
            assert_eq!(called, format!("{path}?x=1"), "{base}");
        }
    }
}

#[tokio::test]
async fn the_sandbox_completes_text_in_every_dialect() {
    use botticelli_sandbox::Dialect as Server;
    for server in [Server::Router, Server::Tgi2, Server::Tgi3, Server::Together, Server::Cerebras] {
        let sandbox = Sandbox::builder().with_dialect(server).start().await.unwrap();
        let driver = settings(&sandbox).model("google/gemma-2b").build().unwrap();
        let driver: Arc<dyn CompletionDriver> = Arc::new(driver);
        let request = once().max_tokens(400).build().unwrap();
        for answer in [driver.complete(request.clone()).await.unwrap(), folded(&driver, request).await] {
            assert_eq!(answer.text(), SAID, "{server}");
            assert_eq!(answer.finish_reason(), &FinishReason::Stop, "{server}");
            assert_eq!(answer.requested_model(), Some("google/gemma-2b"));
        }
    }
    let sandbox = tgi().await;
    let driver = native(&sandbox);
    let request = once().max_tokens(3).logprobs(1).build().unwrap();
    for answer in [driver.complete(request.clone()).await.unwrap(), folded(&driver, request).await] {
        assert_eq!((&*answer.text(), answer.finish_reason()), (" and so the", &FinishReason::Length));
        assert_eq!(answer.usage().unwrap().completion_tokens(), Some(3));
        let tokens = &answer.logprobs().unwrap().tokens;
        assert_eq!(tokens.iter().map(|token| &*token.token).collect::<String>(), " and so the");
        assert_eq!(tokens[0].top.len(), 1);
    }
    let answer = driver.complete(once().max_tokens(3).build().unwrap()).await.unwrap();
    assert_eq!(answer.logprobs(), None, "the request did not ask for them");
}

#[tokio::test]
async fn a_request_rejected_for_details_is_repeated_without_them() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "openai-community/gpt2");
    // It streams nothing, and repeats the prompt.
    for answer in [
        driver.complete(once().build().unwrap()).await.unwrap(),
        folded(&driver, once().build().unwrap()).await,
    ] {
        assert_eq!((&*answer.text(), answer.finish_reason()), (SAID, &FinishReason::Unspecified));
    }
    let received = sandbox.requests();
    let details: Vec<_> = received.iter().map(|request| &request.body()["parameters"]["details"]).collect();
    assert_eq!(details, [&json!(true), &Value::Null, &json!(true), &Value::Null]);
    // `return_full_text` keeps the prompt.
    let full = once().extra(extra(json!({ "return_full_text": true, "details": null }))).build().unwrap();
    assert_eq!(driver.complete(full).await.unwrap().text(), format!("Once upon a time{SAID}"));
    assert_eq!(sandbox.requests().len(), 5);
    // The driver never omits a field that the caller set.
    for error in failures(&driver, once().stop(vec!["x".into()]).build().unwrap()).await {
        assert_eq!(error.category(), ErrorCategory::InvalidRequest);
        assert!(error.to_string().contains("['stop']"), "{error}");
    }
}

#[tokio::test]
async fn an_invalid_request_is_not_sent() {
    let sandbox = tgi().await;
    let build = |builder: CompletionRequestBuilder| builder.build().unwrap_err();
    for (error, words) in [
        (build(CompletionRequest::builder()), "`prompt` is missing"),
        (build(once().prompt("")), "`prompt` is missing"),
        (build(once().max_tokens(0)), "`max_tokens` cannot be 0"),
        (build(once().temperature(-1.0)), "`temperature` cannot be -1"),
        (build(once().temperature(f64::NAN)), "`temperature` cannot be NaN"),
        (build(once().top_p(0.0)), "`top_p` cannot be 0"),
        (build(once().frequency_penalty(3.0)), "`frequency_penalty` cannot be 3"),
        (build(once().presence_penalty(-3.0)), "`presence_penalty` cannot be -3"),
        (build(once().stop(vec![String::new()])), "`stop` cannot be an empty text"),
        (build(once().logprobs(21)), "`logprobs` cannot be 21"),
        (build(once().extra(extra(json!({ "prompt": "x" })))), "`extra.prompt` cannot be set"),
    ] {
        assert!(error.to_string().starts_with("CompletionRequest: "), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let with = |fields: Value| once().extra(extra(fields)).build().unwrap();
    let (text, native) = (settings(&sandbox).build().unwrap(), native(&sandbox));
    let cases = [
        (&text, CompletionRequest::from(""), "`prompt` is missing"),
        (&text, once().model("a b ").build().unwrap(), "contains white space"),
        (&text, with(json!({ "stream": true })), "`extra.stream`"),
        (&native, with(json!({ "parameters": {} })), "`extra.parameters`"),
        (&native, with(json!({ "max_new_tokens": 7 })), "Call `.max_tokens(…)`"),
        (&native, with(json!({ "top_n_tokens": 7 })), "Call `.logprobs(…)`"),
        (
            &native,
            once().temperature(0.0).extra(extra(json!({ "do_sample": true }))).build().unwrap(),
            "a temperature of 0 already sets it",
        ),
        (&native, once().presence_penalty(0.5).build().unwrap(), "a presence penalty cannot be sent"),
        (
            &native,
            once().model("org/other").build().unwrap(),
            "\"org/other\" on a server that was set up with another",
        ),
    ];
    for (driver, request, words) in cases {
        for error in failures(driver, request).await {
            assert!(error.to_string().contains(words), "{error}");
            assert!(!error.is_retryable());
        }
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn every_typed_field_is_protected_from_extra() {
    let full = once()
        .model("m")
        .max_tokens(1)
        .temperature(1.0)
        .top_p(0.5)
        .stop(vec!["x".into()])
        .seed(1)
        .frequency_penalty(0.0)
        .presence_penalty(0.0)
        .logprobs(1)
        .extra(extra(json!({ "other": 1 })))
        .build()
        .unwrap();
    let Value::Object(fields) = serde_json::to_value(&full).unwrap() else { panic!("no object") };
    assert_eq!(serde_json::from_value::<CompletionRequest>(fields.clone().into()).unwrap(), full);
    let mut names: Vec<_> = fields.keys().map(String::as_str).filter(|name| *name != "extra").collect();
    let mut typed: Vec<_> = CompletionRequest::typed_fields().collect();
    names.sort_unstable();
    typed.sort_unstable();
    assert_eq!(names, typed);
}

#[tokio::test]
async fn the_driver_adds_its_defaults() {
    let sandbox = tgi().await;
    let generation = GenerationConfig::default().with_max_tokens(2).with_seed(7);
    let driver = settings(&sandbox).dialect(Dialect::Tgi).generation(generation).build().unwrap();
    let answer = driver.complete(once().seed(8).build().unwrap()).await.unwrap();
    assert_eq!(answer.text(), " and so");
    assert_eq!(sandbox.requests()[0].body()["parameters"]["seed"], 8);
}

#[tokio::test]
async fn the_error_of_a_chat_with_a_base_model_names_text_completion() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = settings(&sandbox).model("gpt2").build().unwrap();
    let error = failure(&driver, "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::NotChatModel);
    assert!(error.advice().contains("`CompletionDriver::complete`"), "{error}");
    assert_eq!(driver.complete(once().build().unwrap()).await.unwrap().text(), SAID);
    // A caller of text completion needs no hint about text completion.
    let refused = Script::json(400, r#"{"error":"The requested model 'gpt2' is not a chat model."}"#);
    let sandbox = scripted(refused).await;
    for error in failures(&settings(&sandbox).build().unwrap(), "Hi".into()).await {
        assert!(
            error.category() == ErrorCategory::NotChatModel && !error.advice().contains("complete"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_error_in_the_stream_keeps_the_partial_text() {
    let token = r#"data:{"token":{"id":1,"text":" there","logprob":-0.5,"special":false},"generated_text":null,"details":null}"#;
    let error = r#"data: {"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096","error_type":"validation"}"#;
    let overloaded = r#"data: {"error":"Model is overloaded","error_type":"overloaded"}"#;
    let named = "event: error\ndata: out of memory";
    for (body, category, partial) in [
        (format!("{error}\n\n"), ErrorCategory::ContextExceeded, None),
        (format!("{token}\n\n{error}\n\n"), ErrorCategory::ContextExceeded, Some(" there")),
        (format!("{token}\n\n{overloaded}\n\n"), ErrorCategory::RateLimited, Some(" there")),
        (format!("{token}\n\n{named}\n\n"), ErrorCategory::Server, Some(" there")),
        (format!("{token}\n\n"), ErrorCategory::Interrupted, Some(" there")),
        (format!("{token}\n\ndata: {{\n\n"), ErrorCategory::InvalidResponse, Some(" there")),
        (String::new(), ErrorCategory::Interrupted, None),
    ] {
        let server = Sandbox::builder()
            .with_dialect(botticelli_sandbox::Dialect::Tgi3)
            .with_turn(Script::sse(body.clone()));
        let sandbox = server.start().await.unwrap();
        // An unrequested stream is read like a requested one.
        for error in failures(&native(&sandbox), "Hi".into()).await {
            assert_eq!(error.category(), category, "{body}: {error}");
            let text = error.partial().map(PartialResponse::text).filter(|text| !text.is_empty());
            assert_eq!(text, partial, "{body}");
        }
    }
}

#[tokio::test]
async fn an_invalid_plain_response_is_an_error() {
    for (body, category) in [
        (r#"{"error":"Model is overloaded","error_type":"overloaded"}"#, ErrorCategory::RateLimited),
        (r#"[{"error":"Model is overloaded","error_type":"overloaded"}]"#, ErrorCategory::RateLimited),
        (r#"{"detail":"CUDA out of memory"}"#, ErrorCategory::Server),
        ("[]", ErrorCategory::InvalidResponse),
        ("{}", ErrorCategory::InvalidResponse),
        (r#"[{"label":"POSITIVE","score":0.9}]"#, ErrorCategory::InvalidResponse),
        (r#"[[{"generated_text":"x"}]]"#, ErrorCategory::InvalidResponse),
        (r#"{"generated_text":"#, ErrorCategory::InvalidResponse),
        ("<html>", ErrorCategory::InvalidResponse),
    ] {
        let server = Sandbox::builder().with_dialect(botticelli_sandbox::Dialect::Tgi3);
        let sandbox = server.with_turn(Script::text(200, "application/json", body)).start().await.unwrap();
        for error in failures(&native(&sandbox), "Hi".into()).await {
            assert_eq!(error.category(), category, "{body}: {error}");
        }
    }
}

#[tokio::test]
async fn an_interrupted_text_completion_can_be_continued() {
    let chunk = r#"data: {"choices":[{"index":0,"text":" and so","finish_reason":null}]}"#;
    let cut = Script::stream(200, "text/event-stream").piece(format!("{chunk}\n\n")).cut();
    let sandbox = Sandbox::builder().with_turn(cut).with_turn(Turn::Default).start().await.unwrap();
    let driver = settings(&sandbox).build().unwrap();
    let request: CompletionRequest = "Once upon a time".into();
    let error = collect(&driver, request.clone()).await.1.unwrap();
    let resumed = request.resumed(error.partial().unwrap());
    driver.complete(resumed).await.unwrap();
    assert_eq!(sandbox.requests()[1].body()["prompt"], "Once upon a time and so");
}

#[tokio::test]
async fn text_completion_is_retried_like_chat() {
    let busy = || Turn::Fault(Fault::named("overloaded-429").unwrap());
    let retry = RetryConfig::default().with_base_delay(Duration::from_millis(1));
    for dialect in [Dialect::OpenAi, Dialect::Tgi] {
        for is_streamed in [false, true] {
            let server = Sandbox::builder().with_dialect(botticelli_sandbox::Dialect::Tgi3);
            let sandbox = server.with_turn(busy()).with_turn(Turn::Default).start().await.unwrap();
            let driver = settings(&sandbox).dialect(dialect).retry(retry).build().unwrap();
            let request = once().max_tokens(400).build().unwrap();
            let answer = if is_streamed {
                folded(&driver, request).await
            } else {
                driver.complete(request).await.unwrap()
            };
            assert_eq!((&*answer.text(), answer.retries().len()), (SAID, 1));
            assert_eq!(sandbox.requests().len(), 2);
        }
    }
}
