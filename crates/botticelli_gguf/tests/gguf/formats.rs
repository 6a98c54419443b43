//! Every format of weights gives the results of the same weights in 32 bits.
//!
//! The weights are rounded and converted back by candle-core, which is not the code under test.

use crate::support::{ModelPath, TinyModel, instruction_sets, write};
use botticelli_core::CompletionRequest;
use botticelli_gguf::{GgufConfig, GgufDriver, InstructionSet};
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
fn models(dtype: GgmlDType, kind: u32) -> [ModelPath; 2] {
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
    [file, exact].map(|file| write(&file.bytes()))
}

/// Returns the log probabilities of the most likely next tokens.
async fn likely(driver: &GgufDriver, prompt: &str) -> BTreeMap<Option<Vec<u8>>, f64> {
    let request = CompletionRequest::from(prompt).with_temperature(0.0).with_max_tokens(1).with_logprobs(20);
    let response = driver.complete(request).await.unwrap();
    let tokens = &response.logprobs().unwrap().tokens;
    tokens[0].top.iter().map(|token| (token.bytes.clone(), token.logprob)).collect()
}

/// Opens a model with a set of instructions.
fn open(file: &ModelPath, set: InstructionSet) -> GgufDriver {
    let config = GgufConfig::default().with_instruction_set(set);
    GgufDriver::open_with(&file.path, config).unwrap()
}

/// Numbers of tokens of prompts: one row, and all sizes of the groups of rows that are multiplied together.
const LENGTHS: [usize; 7] = [1, 2, 4, 5, 9, 11, 70];

fn prompt(length: usize) -> String {
    "once upon a time ".chars().cycle().take(length).collect()
}

#[tokio::test]
async fn every_format_agrees_with_32_bits_on_every_set_of_instructions() {
    for (dtype, kind) in FORMATS {
        let [quantized, exact] = models(dtype, kind);
        let exact = GgufDriver::open(&exact.path).unwrap();
        let mut expected = Vec::new();
        for length in LENGTHS {
            expected.push((length, likely(&exact, &prompt(length)).await));
        }
        for set in instruction_sets() {
            let ours = open(&quantized, set);
            assert_eq!(ours.instruction_set(), set);
            assert!(ours.memory() < exact.memory(), "{dtype:?}");
            for (length, theirs) in &expected {
                // The portable kernels have no groups of rows, and are slow in a debug build.
                if set == InstructionSet::Portable && *length > 5 {
                    continue;
                }
                let ours = likely(&ours, &prompt(*length)).await;
                let common = ours.iter().filter_map(|(token, ours)| Some((ours - theirs.get(token)?).abs()));
                let differences: Vec<f64> = common.collect();
                let context = format!("{dtype:?}, {set:?}, {length} tokens");
                assert!(differences.len() >= 16, "{context}: {ours:?} and {theirs:?}");
                let count = f64::from(u32::try_from(differences.len()).unwrap());
                let mean = differences.iter().sum::<f64>() / count;
                // The portable kernels convert some formats to 8 bits, which rounds once more.
                let bound = if set == InstructionSet::Portable { 0.2 } else { 0.1 };
                assert!(mean < bound, "{context}: {mean}");
            }
        }
    }
}

/// AVX2 and AVX-512 compute the same numbers, so that a text does not depend on the processor.
#[tokio::test]
async fn wider_vectors_change_no_bit() {
    let sets: Vec<InstructionSet> =
        instruction_sets().into_iter().filter(|set| *set > InstructionSet::Portable).collect();
    let [first, second] = sets[..] else { return };
    for (dtype, kind) in FORMATS {
        let [quantized, _] = models(dtype, kind);
        let (first, second) = (open(&quantized, first), open(&quantized, second));
        for length in LENGTHS {
            let (first, second) =
                (likely(&first, &prompt(length)).await, likely(&second, &prompt(length)).await);
            assert_eq!(first, second, "{dtype:?}, {length} tokens");
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
        let config = GgufConfig::default().with_context_length(2).with_max_concurrent(1);
        let driver = GgufDriver::open_with(&write(&file.bytes()).path, config).unwrap();
        let size = u64::try_from(size).unwrap();
        assert!((size..size * 5 / 4).contains(&driver.memory()), "{dtype:?}: {} of {size}", driver.memory());
    }
}
