//! Weights of 8 bits give the results of the same weights in 32 bits.

use crate::support::{TinyModel, open};
use botticelli_core::CompletionRequest;
use botticelli_gguf::GgufDriver;
use botticelli_interface::CompletionDriver;
use std::collections::BTreeMap;

/// Returns the log probabilities of the most likely next tokens.
async fn likely(driver: &GgufDriver, prompt: &str) -> BTreeMap<Option<Vec<u8>>, f64> {
    let request = CompletionRequest::from(prompt).with_temperature(0.0).with_max_tokens(1).with_logprobs(20);
    let response = driver.complete(request).await.unwrap();
    let tokens = &response.logprobs().unwrap().tokens;
    tokens[0].top.iter().map(|token| (token.bytes.clone(), token.logprob)).collect()
}

#[tokio::test]
async fn eight_bits_and_32_bits_agree() {
    for architecture in ["llama", "qwen2", "qwen3", "gemma3"] {
        let quantized = open(&TinyModel::noise(architecture).rounded(true));
        let exact = open(&TinyModel::noise(architecture).rounded(false));
        assert!(quantized.memory() < exact.memory());
        // Prompts of one token to several blocks.
        for length in [1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 100] {
            let prompt: String = "once upon a time ".chars().cycle().take(length).collect();
            let (ours, theirs) = (likely(&quantized, &prompt).await, likely(&exact, &prompt).await);
            let common = ours.iter().filter_map(|(token, ours)| Some((ours, theirs.get(token)?)));
            let differences: Vec<f64> = common.map(|(ours, theirs)| (ours - theirs).abs()).collect();
            assert!(differences.len() >= 18, "{architecture}, {length} tokens: {ours:?} and {theirs:?}");
            // The kernels round the input of each product to 8 bits. An error of a kernel changes the sums by 0.5 and more.
            let count = f64::from(u32::try_from(differences.len()).unwrap());
            let mean = differences.iter().sum::<f64>() / count;
            assert!(mean < 0.15, "{architecture}, {length} tokens: {mean}");
        }
    }
}

#[tokio::test]
async fn a_prompt_gives_the_same_result_in_one_block_and_in_many() {
    let driver = open(&TinyModel::noise("llama").rounded(true));
    let prompt = "a quick brown fox";
    let whole = likely(&driver, prompt).await;
    // Each prompt extends the cache of the one before by one token.
    let fresh = open(&TinyModel::noise("llama").rounded(true));
    for end in 1..prompt.len() {
        let part: String = prompt.chars().take(end).collect();
        likely(&fresh, &part).await;
    }
    assert_eq!(likely(&fresh, prompt).await, whole);
}
