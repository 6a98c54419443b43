//! Counts that cannot be true, which must not make a response cheaper than its tokens.

use crate::common::catalog;
use crate::common::{folded, scripted, settings};
use botticelli_core::{CompletionRequest, Cost, GenerateRequest, GenerateResponse, Price, Usage, Usd};
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_sandbox::Script;
use serde_json::{Value, json};

const TEXT: &str = r#"{"choices":[{"index":0,"delta":{"content":"Hello"}}]}"#;
const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

fn price() -> Price {
    Price::new(Usd::parse("1").unwrap(), Usd::parse("10").unwrap())
}

fn with_usage(event: &str, usage: &Value) -> String {
    let mut event: Value = serde_json::from_str(event).unwrap();
    event["usage"] = usage.clone();
    event.to_string()
}

/// Returns the response to a stream of these events, whether it was requested as a stream or not.
async fn streamed(events: &[String]) -> GenerateResponse {
    let body: String = events.iter().flat_map(|event| ["data: ", event, "\n\n"]).collect();
    let sandbox = scripted(Script::sse(body + "data: [DONE]\n\n")).await;
    let driver = settings(&sandbox).price(price()).build().unwrap();
    let response = folded(&driver, "Hi".into()).await;
    let plain = driver.generate("Hi".into()).await.unwrap();
    assert_eq!((plain.usage(), plain.cost()), (response.usage(), response.cost()));
    response
}

/// Returns the responses to a plain body and to a stream with this usage.
async fn read(usage: &Value) -> [GenerateResponse; 2] {
    let body =
        json!({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}], "usage": usage});
    let sandbox = scripted(Script::json(200, body)).await;
    let driver = settings(&sandbox).price(price()).build().unwrap();
    let plain = driver.generate("Hi".into()).await.unwrap();
    [plain, streamed(&[TEXT.to_owned(), with_usage(STOP, usage)]).await]
}

#[tokio::test]
async fn a_report_of_zeros_is_not_a_report() {
    for usage in [
        json!({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
        json!({"prompt_tokens": 0, "completion_tokens": 0}),
        json!({"total_tokens": 0}),
    ] {
        for response in read(&usage).await {
            assert_eq!((response.usage(), response.cost()), (None, Cost::unknown()), "{usage}");
        }
    }
    // Zeros after the counts do not replace them.
    let counts = json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14});
    let zeros = json!({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0});
    let end = with_usage(r#"{"choices":[]}"#, &zeros);
    let response = streamed(&[TEXT.to_owned(), with_usage(STOP, &counts), end]).await;
    assert_eq!(response.cost(), Cost::priced(9_000 + 50_000));
}

#[tokio::test]
async fn a_count_of_zero_is_missing_if_the_response_must_have_such_tokens() {
    for (usage, expected, cost) in [
        (
            json!({"prompt_tokens": 0, "completion_tokens": 500, "total_tokens": 500}),
            Usage::new(None, Some(500), None),
            Cost::unknown(),
        ),
        (
            json!({"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9}),
            Usage::new(Some(9), None, None),
            Cost::unknown(),
        ),
        // The total has what the count lacks.
        (
            json!({"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 14}),
            Usage::new(Some(9), None, Some(14)),
            Cost::priced(9_000 + 50_000),
        ),
    ] {
        for response in read(&usage).await {
            assert_eq!((response.usage(), response.cost()), (Some(&expected), cost), "{usage}");
        }
    }
    // An empty response took no completion tokens, and an empty text may have no prompt tokens.
    let usage = json!({"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9});
    assert_eq!(streamed(&[with_usage(STOP, &usage)]).await.cost(), Cost::priced(9_000));
    let body = json!({"choices": [{"text": "Once", "finish_reason": "length"}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 1, "total_tokens": 1}});
    let sandbox = scripted(Script::json(200, body)).await;
    let driver = settings(&sandbox).price(price()).build().unwrap();
    let response = driver.complete(CompletionRequest::from("<s>")).await.unwrap();
    assert_eq!(response.cost(), Cost::priced(10_000));
}

#[tokio::test]
async fn usage_before_the_end_of_the_content_counts_the_prompt_only() {
    let usage = json!({"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10});
    let begin = with_usage(TEXT, &usage);
    let response = streamed(&[begin.clone(), TEXT.to_owned(), TEXT.to_owned(), STOP.to_owned()]).await;
    assert_eq!(
        (response.usage(), response.cost()),
        (Some(&Usage::new(Some(9), None, None)), Cost::unknown())
    );
    // The end has no content, and later counts replace the earlier ones.
    assert_eq!(streamed(&[begin.clone(), STOP.to_owned()]).await.cost(), Cost::priced(19_000));
    let counts = json!({"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12});
    let response = streamed(&[begin, TEXT.to_owned(), with_usage(TEXT, &counts), STOP.to_owned()]).await;
    assert_eq!(response.cost(), Cost::priced(9_000 + 30_000));
}

#[tokio::test]
async fn a_reported_cost_of_zero_does_not_replace_a_price() {
    let usage = json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "estimated_cost": 0});
    for response in read(&usage).await {
        assert_eq!(response.cost(), Cost::priced(9_000 + 50_000));
    }
    // A provider that the catalog does not list has an unknown price.
    let service = catalog::service().await;
    let choices = json!([{"message": {"content": "ok"}, "finish_reason": "stop"}]);
    service.on("POST /", 200, json!({"choices": choices, "usage": usage}));
    let driver = catalog::settings(&service).catalog_prices(true).build().unwrap();
    let request = GenerateRequest::from("Hi").with_model("org/model:elsewhere");
    assert_eq!(driver.generate(request).await.unwrap().cost(), Cost::unknown());
}
