//! Files and requests that users of other programs for local inference report as failures.

use crate::support::{GgufFile, TinyModel, Value, open, write};
use botticelli_core::{CompletionRequest, FinishReason, GenerateRequest, Message};
use botticelli_error::ErrorCategory;
use botticelli_gguf::GgufDriver;
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use std::collections::BTreeMap;

fn driver(file: &GgufFile) -> GgufDriver {
    GgufDriver::open(&write(&file.bytes()).path).unwrap()
}

/// Returns the identifier of a token, and the place of its kind.
fn token<'a>(file: &'a mut GgufFile, text: &str) -> (u32, &'a mut i32) {
    let mut id = 0;
    let mut kinds = None;
    for (key, value) in &mut file.metadata {
        match value {
            Value::Texts(texts) if key == "tokenizer.ggml.tokens" => {
                id = texts.iter().position(|token| token == text).unwrap();
            }
            Value::I32s(all) => kinds = Some(all),
            _ => {}
        }
    }
    (u32::try_from(id).unwrap(), &mut kinds.unwrap()[id])
}

async fn greedy(driver: &GgufDriver, text: &str) -> botticelli_core::GenerateResponse {
    driver.generate(GenerateRequest::from(text).with_temperature(0.0).with_max_tokens(20)).await.unwrap()
}

#[tokio::test]
async fn the_end_of_a_strikethrough_is_text() {
    // Vocabularies of other families have `</s>` as an ordinary piece of HTML.
    let mut file = TinyModel::script(&["<s>", "</s>", " done"]).file();
    *token(&mut file, "</s>").1 = 1;
    assert_eq!(greedy(&driver(&file), "Hi").await.text(), "<s></s> done");
    let mut file = TinyModel::script(&["<s>", "</s>", " done"]).file();
    *token(&mut file, "</s>").1 = 3;
    assert_eq!(greedy(&driver(&file), "Hi").await.text(), "<s>");
}

#[tokio::test]
async fn a_turn_ends_although_the_file_names_another_end() {
    let mut file = TinyModel::script(&["one", "two"]).file();
    let other = token(&mut file, "<|endoftext|>").0;
    *token(&mut file, "<|im_end|>").1 = 1;
    file.set("tokenizer.ggml.eos_token_id", other);
    let response = greedy(&driver(&file), "Hi").await;
    assert_eq!((&*response.text(), response.finish_reason()), ("onetwo", &FinishReason::Stop));
}

#[tokio::test]
async fn rows_after_the_vocabulary_are_never_chosen() {
    // Vocabularies are padded. The weights of the padding are anything.
    let mut file = TinyModel::script(&["one", "two"]).file();
    for tensor in file.tensors.iter_mut().take(2) {
        tensor.dimensions[1] += 5;
        tensor.numbers.extend([9.0; 5 * 64]);
    }
    let driver = driver(&file);
    let response = greedy(&driver, "Hi").await;
    assert_eq!((&*response.text(), response.finish_reason()), ("onetwo", &FinishReason::Stop));
    let hot = GenerateRequest::from("Hi").with_temperature(2.0).with_max_tokens(20).with_logprobs(true);
    driver.generate(hot.with_top_logprobs(20)).await.unwrap();
}

#[tokio::test]
async fn embeddings_are_the_head_of_a_model_without_one() {
    let mut file = TinyModel::noise("llama").file();
    file.tensors.retain(|tensor| tensor.name != "output.weight");
    assert!(greedy(&driver(&file), "Hi").await.usage().unwrap().completion_tokens() > Some(0));
}

#[tokio::test]
async fn the_begin_of_a_text_is_not_doubled() {
    let template = "{{ bos_token }}{{ messages[0].content }}";
    let count = async |adds_begin: Option<bool>, template: &str| {
        let mut file = TinyModel::noise("llama").with_template(Some(template)).file();
        file.remove("tokenizer.ggml.add_bos_token");
        if let Some(adds_begin) = adds_begin {
            file.set("tokenizer.ggml.add_bos_token", Value::Bool(adds_begin));
        }
        greedy(&driver(&file), "abc").await.usage().unwrap().prompt_tokens().unwrap()
    };
    assert_eq!(count(Some(true), template).await, 4);
    assert_eq!(count(Some(true), "{{ messages[0].content }}").await, 4);
    assert_eq!(count(Some(false), template).await, 4);
    assert_eq!(count(Some(false), "{{ messages[0].content }}").await, 3);
    // Without the setting, a template that writes it twice means it.
    assert_eq!(count(Some(false), "{{ bos_token }}{{ bos_token }}{{ messages[0].content }}").await, 5);
}

#[tokio::test]
async fn a_file_without_a_begin_token_has_none() {
    let mut file = TinyModel::noise("llama").with_template(Some("{{ messages[0].content }}")).file();
    file.remove("tokenizer.ggml.bos_token_id");
    file.set("tokenizer.ggml.add_bos_token", Value::Bool(true));
    let driver = driver(&file);
    assert_eq!(greedy(&driver, "abc").await.usage().unwrap().prompt_tokens(), Some(3));
    // Nothing to read is an error of the request, and not of the model.
    let error = driver.generate(GenerateRequest::from("")).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{error}");
    let error = driver.complete(CompletionRequest::from("")).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{error}");
}

#[tokio::test]
async fn empty_messages_and_repeated_roles_are_read() {
    let driver = open(&TinyModel::script(&["yes"]));
    for messages in [
        vec![Message::user("")],
        vec![Message::system(""), Message::user(" ")],
        vec![Message::user("a"), Message::user("b"), Message::user("c")],
        vec![Message::user("a"), Message::assistant(""), Message::user("b")],
    ] {
        let request = GenerateRequest::builder().messages(messages.clone()).temperature(0.0).build().unwrap();
        assert_eq!(driver.generate(request).await.unwrap().text(), "yes", "{messages:?}");
    }
}

#[tokio::test]
async fn huge_prompts_are_refused() {
    let driver = open(&TinyModel::noise("llama"));
    // Single words, white space and digits, each in the limit of bytes and above it. Reports name regular expressions that
    // need too much stack or time.
    for text in [
        "a",
        " ",
        "\n",
        "1",
        "'",
        "\u{6f22}",
        "\u{1f642}",
        "\u{301}",
        "a ",
        "\t\n",
        "\u{fdd0}a",
        "<|im_start|>",
    ] {
        for bytes in [60_000, 5_000_000] {
            let prompt = text.repeat(bytes / text.len());
            let error = driver.generate(GenerateRequest::from(prompt)).await.unwrap_err();
            assert_eq!(error.category(), ErrorCategory::ContextExceeded, "{text:?}: {error}");
        }
    }
}

#[tokio::test]
async fn unusual_characters_are_read() {
    let driver = open(&TinyModel::script(&["yes"]));
    for text in [
        "\0",
        "a\0b",
        "\u{fdd0}",
        "\u{fffd}",
        "\u{feff}a",
        "\u{202e}abc",
        "e\u{301}\u{301}",
        "\r\n\r",
        "\u{10ffff}",
        "{{ 1 }}{% if %}",
    ] {
        assert_eq!(greedy(&driver, text).await.text(), "yes", "{text:?}");
    }
}

#[tokio::test]
async fn stop_texts_may_be_unusual() {
    let driver = open(&TinyModel::script(&["one\u{1f642}", "two", "three"]));
    let stopped = async |stop: &[&str]| {
        let stop: Vec<String> = stop.iter().map(|text| (*text).to_owned()).collect();
        driver.generate(GenerateRequest::from("Hi").with_temperature(0.0).with_stop(stop)).await
    };
    assert_eq!(stopped(&["one"]).await.unwrap().text(), "");
    assert_eq!(stopped(&["threes", "\u{1f642}two!"]).await.unwrap().text(), "one\u{1f642}twothree");
    assert_eq!(stopped(&["twothree", "\u{1f642}t"]).await.unwrap().text(), "one");
    assert!(stopped(&[""]).await.is_err());
}

#[tokio::test]
async fn a_bias_of_an_unknown_token_is_refused() {
    let driver = open(&TinyModel::script(&["yes"]));
    let request = GenerateRequest::from("Hi").with_logit_bias(BTreeMap::from([(1_000_000, 5.0)]));
    match driver.generate(request).await {
        Ok(response) => panic!("{}", response.text()),
        Err(error) => assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{error}"),
    }
}
