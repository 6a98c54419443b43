//! Sampling.

use crate::support::{TinyModel, open, open_with};
use botticelli_core::{GenerateRequest, TokenLogprob};
use botticelli_gguf::{GgufConfig, GgufDriver};
use botticelli_interface::{BotticelliDriver, FixedRandom};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

fn request() -> GenerateRequest {
    GenerateRequest::from("Hi").with_max_tokens(24)
}

/// A request that the control tokens of a noise model never end.
fn noise() -> GenerateRequest {
    request().with_logit_bias((260..263).map(|token| (token, -100.0)).collect())
}

fn extra(name: &str, value: Value) -> Map<String, Value> {
    [(name.to_owned(), value)].into_iter().collect()
}

async fn text(driver: &GgufDriver, request: GenerateRequest) -> String {
    driver.generate(request).await.unwrap().into_text()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_text() {
    let driver = open(&TinyModel::noise("llama"));
    let hot = |seed: u64| noise().with_temperature(1.5).with_seed(seed);
    let first = text(&driver, hot(7)).await;
    assert_eq!(first, text(&driver, hot(7)).await);
    let mut texts = HashSet::new();
    for seed in 0..8 {
        texts.insert(text(&driver, hot(seed)).await);
    }
    assert!(texts.len() > 4, "{texts:?}");
    let unset = [
        text(&driver, noise().with_temperature(1.5)).await,
        text(&driver, noise().with_temperature(1.5)).await,
    ];
    assert_ne!(unset[0], unset[1], "without a seed, responses differ");
}

#[tokio::test]
async fn a_source_of_randomness_gives_the_seeds_and_a_name_names_the_model() {
    let config = |number: f64| {
        GgufConfig::default().with_random(Arc::new(FixedRandom(number))).with_model_name("mine")
    };
    let drivers = [0.2, 0.2, 0.7].map(|number| open_with(&TinyModel::noise("llama"), config(number)));
    let mut texts = Vec::new();
    for driver in &drivers {
        texts.push(text(driver, noise().with_temperature(1.5)).await);
        assert_eq!(driver.model_name(), "mine");
    }
    assert_eq!(texts[0], texts[1]);
    assert_ne!(texts[0], texts[2]);
}

#[tokio::test]
async fn narrow_sampling_is_greedy() {
    let driver = open(&TinyModel::noise("llama"));
    let greedy = text(&driver, noise().with_temperature(0.0)).await;
    let hot = || noise().with_temperature(2.0).with_seed(3);
    assert_ne!(greedy, text(&driver, hot()).await, "the test needs a difference");
    assert_eq!(greedy, text(&driver, hot().with_extra(extra("top_k", json!(1)))).await);
    assert_eq!(greedy, text(&driver, hot().with_top_p(1e-9)).await);
    assert_eq!(greedy, text(&driver, hot().with_extra(extra("min_p", json!(1.0)))).await);
}

#[tokio::test]
async fn a_bias_forbids_and_forces_tokens() {
    let driver = open(&TinyModel::script(&["one", "two", "three"]));
    let one = driver.tokenize("one")[0];
    let biased = |bias: f64| request().with_temperature(0.0).with_logit_bias(BTreeMap::from([(one, bias)]));
    assert_eq!(text(&driver, biased(0.0)).await, "onetwothree");
    assert!(!text(&driver, biased(-100.0)).await.contains("one"));
    assert!(text(&driver, biased(100.0)).await.starts_with("oneone"));
}

#[tokio::test]
async fn penalties_change_repetitions() {
    let driver = open(&TinyModel::script(&["one", "two"]));
    let one = driver.tokenize("one")[0];
    // With this bias, the script repeats the first word forever.
    let repeating = || request().with_temperature(0.0).with_logit_bias(BTreeMap::from([(one, 33.0)]));
    assert_eq!(text(&driver, repeating()).await, "one".repeat(24));
    assert_ne!(text(&driver, repeating().with_frequency_penalty(2.0)).await, "one".repeat(24));
    assert_ne!(text(&driver, repeating().with_presence_penalty(2.0)).await, "one".repeat(24));
    let driver = open(&TinyModel::noise("llama"));
    let greedy = || noise().with_temperature(0.0);
    let penalized = greedy().with_extra(extra("repetition_penalty", json!(1.5)));
    assert_ne!(text(&driver, greedy()).await, text(&driver, penalized).await);
}

#[tokio::test]
async fn log_probabilities_are_reported() {
    let driver = open(&TinyModel::noise("llama"));
    let request = noise().with_temperature(0.0).with_logprobs(true).with_top_logprobs(3);
    let response = driver.generate(request).await.unwrap();
    let tokens = &response.logprobs().unwrap().tokens;
    assert_eq!(tokens.len(), 24);
    for token in tokens {
        assert_eq!(token.top.len(), 3);
        assert_eq!(
            token.logprob.to_bits(),
            token.top[0].logprob.to_bits(),
            "greedy takes the most likely token"
        );
        assert!(token.logprob < 0.0 && token.top[0].logprob >= token.top[1].logprob);
        assert!(token.top.iter().map(TokenLogprob::probability).sum::<f64>() <= 1.0);
    }
    let bytes: Vec<u8> = tokens.iter().flat_map(|token| token.bytes.clone().unwrap()).collect();
    assert_eq!(String::from_utf8_lossy(&bytes), response.text());
}

#[tokio::test]
async fn several_choices_differ() {
    let driver = open(&TinyModel::noise("llama"));
    let request = noise().with_temperature(1.5).with_seed(1).with_n(6);
    let response = driver.generate(request.clone()).await.unwrap();
    let texts: HashSet<String> = response
        .alternatives()
        .iter()
        .map(|choice| choice.text().into_owned())
        .chain([response.text().into_owned()])
        .collect();
    assert_eq!((response.alternatives().len(), texts.len()), (5, 6));
    let usage = response.usage().unwrap();
    assert_eq!(usage.completion_tokens(), Some(6 * 24));
    assert_eq!(driver.generate(request).await.unwrap().alternatives(), response.alternatives());
}

#[tokio::test]
async fn default_parameters_apply_unless_the_request_sets_them() {
    let defaults = botticelli_core::GenerationConfig::default().with_temperature(0.0).with_max_tokens(2);
    let config = botticelli_gguf::GgufConfig::default().with_defaults(defaults);
    let driver = crate::support::open_with(&TinyModel::script(&["one", "two", "three"]), config);
    assert_eq!(text(&driver, "Hi".into()).await, "onetwo");
    assert_eq!(text(&driver, GenerateRequest::from("Hi").with_max_tokens(3)).await, "onetwothree");
}
