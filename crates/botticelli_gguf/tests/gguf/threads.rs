//! Threads of a model.

use crate::support::{TinyModel, open_with};
use botticelli_core::GenerateRequest;
use botticelli_gguf::{CacheType, GgufConfig};
use botticelli_interface::BotticelliDriver;

fn cores() -> usize {
    std::thread::available_parallelism().unwrap().get()
}

fn with_threads(threads: u32) -> GgufConfig {
    GgufConfig::default().with_threads(threads)
}

#[test]
fn no_model_has_more_threads_than_cores() {
    let model = TinyModel::noise("llama");
    assert_eq!(open_with(&model, with_threads(1)).threads(), 1);
    assert_eq!(open_with(&model, with_threads(10_000)).threads(), cores());
    assert!((1..=cores()).contains(&open_with(&model, GgufConfig::default()).threads()));
}

#[test]
fn no_threads_are_refused() {
    let file = crate::support::write(&TinyModel::noise("llama").file().bytes());
    let error = botticelli_gguf::GgufDriver::open_with(&file.path, with_threads(0)).unwrap_err();
    assert!(error.to_string().contains("threads") && error.to_string().contains("at least 1"), "{error}");
}

/// The greedy text does not depend on the number of threads: each product is computed by one of them.
#[tokio::test]
async fn the_text_does_not_depend_on_the_threads() {
    for architecture in ["llama", "gemma3"] {
        let model = TinyModel::noise(architecture).rounded(true);
        let request =
            GenerateRequest::from("Tell me something. ".repeat(6)).with_temperature(0.0).with_max_tokens(40);
        let one = open_with(&model, with_threads(1)).generate(request.clone()).await.unwrap();
        let all = open_with(&model, with_threads(64)).generate(request).await.unwrap();
        assert_eq!(one.text(), all.text());
    }
}

/// Keys and values of 16 bits need half of the memory, and change the probabilities only a little.
#[tokio::test]
async fn a_cache_of_16_bits_is_nearly_exact() {
    for architecture in ["llama", "qwen2", "qwen3", "gemma3"] {
        let model = TinyModel::noise(architecture);
        let driver = |cache_type| open_with(&model, GgufConfig::default().with_cache_type(cache_type));
        let (half, whole) = (driver(CacheType::F16), driver(CacheType::F32));
        let weights = 2 * half.memory() - whole.memory();
        assert_eq!(whole.memory() - weights, 2 * (half.memory() - weights));
        assert!(half.memory() < whole.memory());
        let request = GenerateRequest::from("once upon a time ".repeat(8))
            .with_temperature(0.0)
            .with_max_tokens(1)
            .with_logprobs(true);
        let logprob = async |driver: &botticelli_gguf::GgufDriver| {
            let response = driver.generate(request.clone()).await.unwrap();
            let token = response.logprobs().unwrap().tokens[0].clone();
            (token.bytes, token.logprob)
        };
        let ((half, rounded), (whole, exact)) = (logprob(&half).await, logprob(&whole).await);
        assert_eq!(half, whole, "{architecture}");
        assert!((rounded - exact).abs() < 0.01, "{architecture}: {rounded} and {exact}");
        assert!(rounded.to_bits() != exact.to_bits(), "{architecture}: the cache is not rounded");
    }
}
