//! The supported architectures.

use crate::support::{TinyModel, open};
use botticelli_core::GenerateRequest;
use botticelli_interface::BotticelliDriver;
use std::collections::HashSet;

#[tokio::test]
async fn every_architecture_computes_something_of_its_own() {
    let mut texts = HashSet::new();
    for name in ["llama", "qwen2", "qwen3", "gemma3"] {
        let driver = open(&TinyModel::noise(name));
        let end = (260..263).map(|token| (token, -100.0)).collect();
        let request = GenerateRequest::from("Tell me something")
            .with_temperature(0.0)
            .with_max_tokens(30)
            .with_logprobs(true)
            .with_logit_bias(end);
        let response = driver.generate(request).await.unwrap();
        let tokens = &response.logprobs().unwrap().tokens;
        assert!(tokens.iter().all(|token| token.logprob.is_finite() && token.logprob < 0.0), "{name}");
        texts.insert(response.into_text());
    }
    assert_eq!(texts.len(), 4, "{texts:?}");
}
