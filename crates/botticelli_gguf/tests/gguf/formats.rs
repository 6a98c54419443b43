//! Every format of weights gives the results of the same weights in 32 bits.
//!
//! The weights are rounded and converted back by candle-core, which is not the code under test.

use crate::support::{TinyModel, write};
use botticelli_core::CompletionRequest;
use botticelli_gguf::GgufDriver;
use botticelli_interface::CompletionDriver;
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use std::collections::BTreeMap;

/// The formats, and their numbers in a file.
const FORMATS: [(GgmlDType, u32); 12] = [
    (GgmlDType::F16, 1),
    (GgmlDType::Q4_0, 2),
    (GgmlDType::Q4_1, 3),
    (GgmlDType::Q5_0, 6),
    (GgmlDType::Q5_1, 7),
    (GgmlDType::Q8_0, 8),
    (GgmlDType::Q2K, 10),
    (GgmlDType::Q3K, 11),
    (GgmlDType::Q4K, 12),
    (GgmlDType::Q5K, 13),
    (GgmlDType::Q6K, 14),
    (GgmlDType::BF16, 30),
];

/// Returns a model with weights in a format, and one with the same weights in 32 bits.
fn models(dtype: GgmlDType, kind: u32) -> [GgufDriver; 2] {
    let mut file = TinyModel::noise("llama").wide().file();
    let mut exact = file.clone();
    for (tensor, exact) in file.tensors.iter_mut().zip(&mut exact.tensors) {
        let [columns, rows] = tensor.dimensions[..] else { continue };
        let shape = [rows, columns].map(|length| usize::try_from(length).unwrap());
        // Neighboring blocks have different scales and minima.
        let numbers: Vec<f32> = tensor
            .numbers
            .iter()
            .enumerate()
            .map(|(at, x)| if at / 16 % 5 == 0 { x * 3.0 } else { x + 0.1 })
            .collect();
        let numbers = Tensor::from_vec(numbers, &shape[..], &Device::Cpu).unwrap();
        let quantized = QTensor::quantize(&numbers, dtype).unwrap();
        (tensor.kind, tensor.raw) = (kind, Some(quantized.data().unwrap().into_owned()));
        exact.numbers = quantized.dequantize(&Device::Cpu).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    }
    [file, exact].map(|file| GgufDriver::open(&write(&file.bytes()).path).unwrap())
}

/// Returns the log probabilities of the most likely next tokens.
async fn likely(driver: &GgufDriver, prompt: &str) -> BTreeMap<Option<Vec<u8>>, f64> {
    let request = CompletionRequest::from(prompt).with_temperature(0.0).with_max_tokens(1).with_logprobs(20);
    let response = driver.complete(request).await.unwrap();
    let tokens = &response.logprobs().unwrap().tokens;
    tokens[0].top.iter().map(|token| (token.bytes.clone(), token.logprob)).collect()
}

#[tokio::test]
async fn every_format_agrees_with_32_bits() {
    for (dtype, kind) in FORMATS {
        let [ours, exact] = models(dtype, kind);
        assert!(ours.memory() < exact.memory(), "{dtype:?}");
        for length in [1, 2, 5, 70] {
            let prompt: String = "once upon a time ".chars().cycle().take(length).collect();
            let (ours, theirs) = (likely(&ours, &prompt).await, likely(&exact, &prompt).await);
            let common = ours.iter().filter_map(|(token, ours)| Some((ours - theirs.get(token)?).abs()));
            let differences: Vec<f64> = common.collect();
            assert!(differences.len() >= 16, "{dtype:?}, {length} tokens: {ours:?} and {theirs:?}");
            let count = f64::from(u32::try_from(differences.len()).unwrap());
            let mean = differences.iter().sum::<f64>() / count;
            assert!(mean < 0.1, "{dtype:?}, {length} tokens: {mean}");
        }
    }
}

/// The memory of the weights is at most a quarter more than the file.
#[test]
fn weights_stay_as_small_as_in_the_file() {
    for (dtype, kind) in FORMATS {
        let mut file = TinyModel::noise("llama").wide().file();
        let mut size = 0;
        for tensor in &mut file.tensors {
            let numbers = usize::try_from(tensor.dimensions.iter().product::<u64>()).unwrap();
            if tensor.dimensions.len() > 1 {
                let bytes = numbers / dtype.block_size() * dtype.type_size();
                (tensor.kind, tensor.raw) = (kind, Some(vec![0; bytes]));
                size += bytes;
            } else {
                size += numbers * 4;
            }
        }
        let config = botticelli_gguf::GgufConfig::default().with_context_length(2).with_max_concurrent(1);
        let driver = GgufDriver::open_with(&write(&file.bytes()).path, config).unwrap();
        let size = u64::try_from(size).unwrap();
        assert!((size..size * 5 / 4).contains(&driver.memory()), "{dtype:?}: {} of {size}", driver.memory());
    }
}
