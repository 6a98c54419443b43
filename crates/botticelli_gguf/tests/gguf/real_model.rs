//! A real model, `SmolLM2-135M-Instruct`, named by the variable `BOTTICELLI_TEST_MODEL`. Without it, these tests do nothing.
//!
//! `python3 scripts/fetch_test_model.py` gets the file and prints its path.

use botticelli_core::{FinishReason, GenerateRequest, Message};
use botticelli_gguf::{GgufConfig, GgufDriver, InstructionSet};
use botticelli_interface::BotticelliDriver;
use futures::StreamExt;
use futures::future::try_join_all;
use std::sync::LazyLock;

/// Conversations, and their text as Python's Jinja renders the template of the model, with the settings of `transformers`.
const PROMPTS: &str = include_str!("real_model_prompts.jsonl");
/// Prompts and greedy responses. After the bar, the text depends on the rounding of the kernels. AVX2 and AVX-512 round alike.
const EXPECTED: &str = include_str!("real_model.txt");

/// All tests share the model, which is loaded once.
fn driver() -> Option<GgufDriver> {
    static DRIVER: LazyLock<Option<GgufDriver>> = LazyLock::new(|| {
        let path = std::env::var_os("BOTTICELLI_TEST_MODEL")?;
        let config =
            GgufConfig::default().with_context_length(1_024).with_max_concurrent(8).with_queue_length(200);
        Some(GgufDriver::open_with(path, config).unwrap())
    });
    DRIVER.clone()
}

fn greedy(prompt: &str, tokens: u32) -> GenerateRequest {
    GenerateRequest::from(prompt).with_temperature(0.0).with_max_tokens(tokens)
}

fn pairs() -> Vec<(&'static str, &'static str)> {
    let pairs: Vec<_> = EXPECTED.lines().filter_map(|line| line.split_once(" => ")).collect();
    assert_eq!(pairs.len(), 10);
    pairs
}

async fn streamed(driver: &GgufDriver, request: GenerateRequest) -> String {
    let mut stream = driver.generate_stream(request).await.unwrap();
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        text.push_str(chunk.unwrap().text());
    }
    text
}

#[tokio::test]
async fn greedy_texts_are_the_expected_ones() {
    let Some(driver) = driver() else { return };
    for (prompt, expected) in pairs() {
        let response = driver.generate(greedy(prompt, 24)).await.unwrap();
        let text = response.text().replace('\n', "\\n");
        let (begin, rest) = expected.split_once('|').unwrap();
        assert!(text.starts_with(begin), "{prompt}: {text}");
        if driver.instruction_set() > InstructionSet::Portable {
            assert_eq!(text, format!("{begin}{rest}"), "{prompt}");
        }
    }
}

#[test]
fn prompts_are_those_of_the_reference() {
    let Some(driver) = driver() else { return };
    let lines: Vec<serde_json::Value> =
        PROMPTS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        let messages = line["messages"].as_array().unwrap().iter().map(|message| {
            let text = message["content"].as_str().unwrap();
            match message["role"].as_str().unwrap() {
                "system" => Message::system(text),
                "user" => Message::user(text),
                _ => Message::assistant(text),
            }
        });
        let request = GenerateRequest::builder().messages(messages.collect::<Vec<_>>()).build().unwrap();
        assert_eq!(driver.render(&request).unwrap(), line["text"].as_str().unwrap());
    }
}

#[tokio::test]
async fn a_streamed_text_is_the_plain_one() {
    let Some(driver) = driver() else { return };
    let request = greedy("What is the capital of France? Answer in one sentence.", 32);
    let response = driver.generate(request.clone()).await.unwrap();
    assert_eq!(response.text(), "The capital of France is Paris.");
    assert_eq!(*response.finish_reason(), FinishReason::Stop);
    assert_eq!(streamed(&driver, request).await, response.text());
}

#[tokio::test]
async fn a_seed_repeats_a_text_and_a_stop_text_ends_it() {
    let Some(driver) = driver() else { return };
    let request = GenerateRequest::from("Tell me a story.").with_temperature(1.0).with_max_tokens(24);
    let first = driver.generate(request.clone().with_seed(1)).await.unwrap();
    let again = driver.generate(request.clone().with_seed(1)).await.unwrap();
    let other = driver.generate(request.with_seed(2)).await.unwrap();
    assert_eq!(first.text(), again.text());
    assert_ne!(first.text(), other.text());
    let prompt = "What is the capital of France? Answer in one sentence.";
    let stopped = driver.generate(greedy(prompt, 32).with_stop(vec!["France".to_owned()])).await.unwrap();
    assert_eq!(stopped.text(), "The capital of ");
}

#[tokio::test]
async fn concurrent_conversations_are_those_in_sequence() {
    let Some(driver) = driver() else { return };
    let prompts: Vec<&str> = pairs().into_iter().map(|(prompt, _)| prompt).take(8).collect();
    let together = prompts.iter().map(|prompt| driver.generate(greedy(prompt, 16)));
    let together = try_join_all(together).await.unwrap();
    for (prompt, together) in prompts.iter().zip(together) {
        let alone = driver.generate(greedy(prompt, 16)).await.unwrap();
        assert_eq!(together.text(), alone.text(), "{prompt}");
    }
}

#[tokio::test]
async fn a_dropped_stream_ends() {
    // Its own driver, because other tests have responses too.
    let Some(path) = std::env::var_os("BOTTICELLI_TEST_MODEL") else { return };
    let driver = GgufDriver::open_with(path, GgufConfig::default().with_max_concurrent(1)).unwrap();
    let mut stream = driver.generate_stream(greedy("Tell me a long story.", 900)).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    // The next response does not wait for the rest of the story.
    let next = driver.generate(greedy("Hi", 1)).await.unwrap();
    assert!(next.usage().is_some());
    assert_eq!(driver.open_responses(), 0);
}

#[cfg(feature = "grammar")]
#[tokio::test]
async fn json_follows_its_schema() {
    use botticelli_core::{OutputSchema, ResponseFormat};
    use serde_json::{Value, json};
    let Some(driver) = driver() else { return };
    let schema = json!({
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 12}, "people": {"type": "integer", "minimum": 0, "maximum": 99_999}},
        "required": ["city", "people"],
        "additionalProperties": false,
    });
    let format = ResponseFormat::JsonSchema(OutputSchema::new("city", schema).unwrap());
    let request = GenerateRequest::from("Name a city and the number of its people, as JSON.")
        .with_response_format(format)
        .with_temperature(1.0)
        .with_max_tokens(64);
    let responses = (0..100).map(|seed| driver.generate(request.clone().with_seed(seed)));
    let responses = try_join_all(responses).await.unwrap();
    let mut texts = std::collections::HashSet::new();
    for response in &responses {
        let value: Value = serde_json::from_str(&response.text()).unwrap();
        let (city, people) = (value["city"].as_str().unwrap(), value["people"].as_u64().unwrap());
        assert!(
            city.chars().count() <= 12 && people < 100_000 && value.as_object().unwrap().len() == 2,
            "{value}"
        );
        texts.insert(response.text());
    }
    assert!(texts.len() > 50, "only {} of 100 texts differ", texts.len());
}
