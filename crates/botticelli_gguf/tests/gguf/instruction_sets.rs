//! Sets of instructions of the processor.

use crate::support::{TinyModel, instruction_sets, open, open_with};
use botticelli_core::GenerateRequest;
use botticelli_gguf::{GgufConfig, InstructionSet};
use botticelli_interface::BotticelliDriver;

#[test]
fn a_limit_selects_a_smaller_set() {
    let sets = instruction_sets();
    assert_eq!(sets.first(), Some(&InstructionSet::Portable));
    // Without a limit, a model uses the greatest set.
    assert_eq!(Some(&open(&TinyModel::noise("llama")).instruction_set()), sets.last());
    #[cfg(target_arch = "x86_64")]
    assert_eq!(sets.contains(&InstructionSet::Avx2), is_x86_feature_detected!("avx2"));
}

/// Weights of 32 bits are multiplied by the same code on every set.
#[tokio::test]
async fn exact_weights_give_the_same_text_on_every_set() {
    for architecture in ["llama", "qwen2", "qwen3", "gemma3"] {
        let model = TinyModel::noise(architecture);
        let request =
            GenerateRequest::from("Tell me something. ".repeat(6)).with_temperature(0.0).with_max_tokens(40);
        let mut texts = Vec::new();
        for set in instruction_sets() {
            let driver = open_with(&model, GgufConfig::default().with_instruction_set(set));
            let response = driver.generate(request.clone()).await.unwrap();
            texts.push(response.text().into_owned());
        }
        assert!(!texts[0].is_empty());
        assert!(texts.iter().all(|text| *text == texts[0]), "{architecture}: {texts:?}");
    }
}

/// Quantized weights have kernels of their own for each set.
#[tokio::test]
async fn quantized_weights_give_whole_texts_on_every_set() {
    for set in instruction_sets() {
        let config = GgufConfig::default().with_instruction_set(set).with_threads(2);
        let driver = open_with(&TinyModel::noise("llama").rounded(true), config);
        let request =
            GenerateRequest::from("Tell me something. ".repeat(6)).with_temperature(0.0).with_max_tokens(20);
        let alone = driver.generate(request.clone()).await.unwrap();
        assert!(!alone.text().is_empty(), "{set:?}");
        let other = GenerateRequest::from("Something else").with_temperature(0.0).with_max_tokens(20);
        let (together, _) = tokio::join!(driver.generate(request), driver.generate(other));
        assert_eq!(together.unwrap().text(), alone.text(), "{set:?}");
    }
}
