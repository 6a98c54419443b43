//! Text, tokens, finish reasons.

use crate::support::{TinyModel, open, open_with};
use botticelli_core::{CompletionRequest, Cost, FinishReason, GenerateRequest, Message, Usage};
use botticelli_error::ErrorCategory;
use botticelli_gguf::GgufConfig;
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use futures::StreamExt;

fn greedy(text: &str) -> GenerateRequest {
    GenerateRequest::from(text).with_temperature(0.0)
}

/// Returns the text of each chunk, and the text of the response.
async fn streamed(driver: &dyn BotticelliDriver, request: GenerateRequest) -> (Vec<String>, String) {
    let mut stream = driver.generate_stream(request).await.unwrap();
    let (mut texts, mut whole) = (Vec::new(), String::new());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.unwrap();
        if !chunk.text().is_empty() {
            texts.push(chunk.text().to_owned());
        }
        if let Some(response) = chunk.response() {
            whole = response.text().into_owned();
        }
    }
    (texts, whole)
}

#[tokio::test]
async fn a_response_has_text_reason_usage_and_cost() {
    let driver = open(&TinyModel::script(&["Hello", " from", " a", " tiny", " model."]));
    let response = driver.generate(greedy("Hi")).await.unwrap();
    assert_eq!(response.text(), "Hello from a tiny model.");
    assert_eq!(*response.finish_reason(), FinishReason::Stop);
    assert_eq!(response.cost(), Cost::free());
    let usage = response.usage().unwrap();
    // "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", in bytes and control tokens.
    assert_eq!(usage.prompt_tokens(), Some(1 + 5 + 2 + 1 + 1 + 1 + 10));
    assert_eq!(usage.completion_tokens(), Some(6));
    assert_eq!((response.provider(), response.model()), (Some("gguf"), Some("tiny")));
}

#[tokio::test]
async fn streamed_chunks_add_up_to_the_plain_response() {
    let driver = open(&TinyModel::script(&["Hello", " from", " a", " tiny", " model."]));
    let (texts, whole) = streamed(&driver, greedy("Hi")).await;
    assert_eq!(texts, ["Hello", " from", " a", " tiny", " model."]);
    assert_eq!(whole, driver.generate(greedy("Hi")).await.unwrap().text());
}

#[tokio::test]
async fn characters_of_several_tokens_arrive_whole() {
    // Three of the four bytes of an emoji are tokens of their own; the fourth differs from them.
    let driver = open(&TinyModel::script(&["\u{f0}", "\u{141}", "\u{13b}", "\u{122}", "!"]));
    let (texts, whole) = streamed(&driver, greedy("Hi")).await;
    assert_eq!(texts, ["\u{1f640}", "!"]);
    assert_eq!(whole, "\u{1f640}!");
}

#[tokio::test]
async fn an_incomplete_character_at_the_end_is_replaced() {
    let driver = open(&TinyModel::script(&["ok", "\u{f0}", "\u{141}"]));
    assert_eq!(driver.generate(greedy("Hi")).await.unwrap().text(), "ok\u{fffd}");
}

#[tokio::test]
async fn max_tokens_and_the_context_end_a_response() {
    let driver = open(&TinyModel::script(&["one", "two", "three"]));
    let response = driver.generate(greedy("Hi").with_max_tokens(2)).await.unwrap();
    assert_eq!((response.text().as_ref(), response.finish_reason()), ("onetwo", &FinishReason::Length));

    let config = GgufConfig::default().with_context_length(24);
    let driver = open_with(&TinyModel::script(&["one", "two", "three", "four", "five"]), config);
    let response = driver.generate(greedy("Hi")).await.unwrap();
    assert_eq!((response.text().as_ref(), response.finish_reason()), ("onetwothree", &FinishReason::Length));
}

#[tokio::test]
async fn a_prompt_that_fills_the_context_is_an_error() {
    let driver = open_with(&TinyModel::script(&["one"]), GgufConfig::default().with_context_length(24));
    let error = driver.generate(greedy("a long question")).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::ContextExceeded);
    assert!(error.to_string().contains("34 tokens, and the context has 24 tokens"), "{error}");
    let huge = driver.generate(greedy(&"x".repeat(100_000))).await.unwrap_err();
    assert_eq!(huge.category(), ErrorCategory::ContextExceeded);
}

#[tokio::test]
async fn stop_texts_end_a_response_before_them() {
    let driver = open(&TinyModel::script(&["Hello", " wor", "ld, th", "ere"]));
    let stopped = |stop: &str| driver.generate(greedy("Hi").with_stop([stop]));
    for (stop, text) in [
        ("world", "Hello "),
        (", th", "Hello world"),
        ("Hello", ""),
        ("worlds", "Hello world, there"),
        ("d, x", "Hello world, there"),
    ] {
        let response = stopped(stop).await.unwrap();
        assert_eq!(
            (response.text().as_ref(), response.finish_reason()),
            (text, &FinishReason::Stop),
            "{stop}"
        );
        let (texts, whole) = streamed(&driver, greedy("Hi").with_stop([stop])).await;
        assert_eq!((texts.concat().as_str(), whole.as_str()), (text, text), "{stop}");
    }
}

#[tokio::test]
async fn reasoning_is_separate() {
    let driver = open(&TinyModel::script(&["<think>", "\nA greeting", ". \n", "</th", "ink>", "\n\nHello"]));
    let response = driver.generate(greedy("Hi")).await.unwrap();
    assert_eq!((response.reasoning().as_ref(), response.text().as_ref()), ("A greeting.", "Hello"));
    let tokens = response.usage().and_then(Usage::reasoning_tokens);
    assert!(tokens.is_some_and(|tokens| (3..=5).contains(&tokens)), "{tokens:?}");
}

#[tokio::test]
async fn reasoning_may_begin_in_the_prompt() {
    let template = "{{ messages[0].content + '<think>\\n' }}";
    let model = TinyModel::script(&["A greeting", "</think>", "Hello"]).with_template(Some(template));
    let response = open(&model).generate(greedy("Hi")).await.unwrap();
    assert_eq!((response.reasoning().as_ref(), response.text().as_ref()), ("A greeting", "Hello"));
}

#[tokio::test]
async fn text_is_completed_without_a_template() {
    let model = TinyModel::script(&["a", "b"]).with_template(None);
    let driver = open(&model);
    let response = driver.complete(CompletionRequest::from("Once\n").with_temperature(0.0)).await.unwrap();
    assert_eq!(response.text(), "ab");
    assert_eq!(response.usage().and_then(Usage::prompt_tokens), Some(5));
    let error = driver.generate(greedy("Hi")).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::NotChatModel);
}

#[tokio::test]
async fn a_begun_response_is_continued() {
    let driver = open(&TinyModel::script(&["one", "two", "three"]));
    let messages = vec![Message::user("Hi"), Message::assistant("one")];
    let request = GenerateRequest::from(messages).with_temperature(0.0);
    assert!(driver.render(&request).unwrap().ends_with("assistant\none"));
    assert_eq!(driver.generate(request).await.unwrap().text(), "twothree");
}
