//! Model files that are damaged, hostile or unsupported.

use crate::support::{GgufFile, TinyModel, Value, rejection, write};
use botticelli_core::CompletionRequest;
use botticelli_error::{BotticelliErrorKind, ErrorCategory, ModelFileErrorKind};
use botticelli_gguf::{CacheType, GgufConfig, GgufDriver};
use botticelli_interface::CompletionDriver;

fn file() -> GgufFile {
    TinyModel::noise("qwen2").file()
}

fn kind(bytes: &[u8]) -> ModelFileErrorKind {
    let error = rejection(bytes);
    assert_eq!(error.category(), ErrorCategory::Configuration, "{error}");
    match error.kind() {
        BotticelliErrorKind::ModelFile(error) => error.kind().clone(),
        other => panic!("{other:?}"),
    }
}

fn reason(change: impl FnOnce(&mut GgufFile)) -> String {
    let mut file = file();
    change(&mut file);
    match kind(&file.bytes()) {
        ModelFileErrorKind::Damaged { reason } => reason,
        ModelFileErrorKind::Unsupported { what, .. } => format!("{what} is not supported"),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_missing_file_names_the_path() {
    let error = GgufDriver::open("/no/such/model.gguf").unwrap_err();
    assert!(error.to_string().contains("model file /no/such/model.gguf: the file cannot be read"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(GgufDriver::open(folder.path()).unwrap_err().category(), ErrorCategory::Configuration);
}

#[test]
fn other_formats_are_recognized() {
    assert_eq!(kind(b"PK\x03\x04 not a model"), ModelFileErrorKind::NotGguf);
    assert_eq!(kind(b""), ModelFileErrorKind::NotGguf);
    assert_eq!(kind(b"GG"), ModelFileErrorKind::NotGguf);
    let mut old = file().bytes();
    old[4] = 1;
    assert!(matches!(kind(&old), ModelFileErrorKind::Unsupported { what, .. } if what.contains("version 1")));
}

#[test]
fn a_file_that_is_cut_anywhere_is_incomplete() {
    let bytes = file().bytes();
    let last = bytes.len() - 1;
    let step = bytes.len() / 97;
    for length in (4..200).chain((200..last).step_by(step)).chain([last]) {
        let found = kind(&bytes[..length]);
        assert!(matches!(found, ModelFileErrorKind::Truncated { .. }), "{length}: {found:?}");
    }
}

#[test]
fn flipped_bits_never_panic() {
    let bytes = file().bytes();
    let header = bytes.len() - file().tensors.iter().map(|tensor| tensor.numbers.len() * 4).sum::<usize>();
    let mut state = 1_u64;
    for _ in 0..400 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut flipped = bytes.clone();
        let at = usize::try_from(state >> 33).unwrap() % header;
        flipped[at] ^= 1 << (state >> 29 & 7);
        let path = write(&flipped);
        // Some flips are harmless, such as those in the text of a token.
        if let Err(error) = GgufDriver::open(&path.path) {
            let category = error.category();
            assert!(
                matches!(category, ErrorCategory::Configuration | ErrorCategory::InvalidRequest),
                "{error}"
            );
        }
    }
}

#[test]
fn absurd_counts_need_no_memory() {
    for at in [8, 16] {
        let mut bytes = file().bytes();
        bytes[at..at + 8].copy_from_slice(&(u64::MAX / 2).to_le_bytes());
        assert!(matches!(kind(&bytes), ModelFileErrorKind::Damaged { .. }));
    }
    // The length of the first key.
    let mut bytes = file().bytes();
    bytes[24..32].copy_from_slice(&(1_u64 << 60).to_le_bytes());
    assert!(matches!(kind(&bytes), ModelFileErrorKind::Truncated { .. }));
    let sizes = ["embedding_length", "block_count", "attention.head_count", "feed_forward_length"];
    for key in sizes {
        let found = reason(|file| file.set(&format!("qwen2.{key}"), u32::MAX));
        assert!(!found.is_empty(), "{key}");
    }
}

#[test]
fn contradictions_are_named() {
    let overlap = reason(|file| file.tensors[1].offset = Some(32));
    assert!(overlap.contains("overlap"), "{overlap}");
    let unaligned = reason(|file| file.tensors[1].offset = Some(33));
    assert!(unaligned.contains("`output.weight` is not aligned"), "{unaligned}");
    let twice = reason(|file| file.tensors[1].name = "token_embd.weight".to_owned());
    assert!(twice.contains("repeated"), "{twice}");
    let shape = reason(|file| file.tensors[3].dimensions = vec![32, 128]);
    assert!(shape.contains("dimensions [128, 32] instead of [64, 64]"), "{shape}");
    let missing = reason(|file| drop(file.tensors.remove(3)));
    assert!(missing.contains("`blk.0.attn_q.weight` is missing"), "{missing}");
    let text = reason(|file| file.set("qwen2.block_count", "two"));
    assert!(text.contains("`qwen2.block_count` is a string instead of an integer"), "{text}");
    let absent = reason(|file| file.remove("qwen2.block_count"));
    assert!(absent.contains("`qwen2.block_count` is missing"), "{absent}");
    let heads = reason(|file| file.set("qwen2.attention.head_count_kv", 3));
    assert!(heads.contains("3 heads of keys"), "{heads}");
    let end = reason(|file| file.set("tokenizer.ggml.eos_token_id", 99_999));
    assert!(end.contains("`tokenizer.ggml.eos_token_id` is 99999"), "{end}");
    let kinds = reason(|file| file.set("tokenizer.ggml.token_type", Value::I32s(vec![1, 2])));
    assert!(kinds.contains("2 entries"), "{kinds}");
    let merge = reason(|file| file.set("tokenizer.ggml.merges", Value::Texts(vec!["whole".to_owned()])));
    assert!(merge.contains("merge 0"), "{merge}");
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    let architecture = reason(|file| file.set("general.architecture", "mamba"));
    assert_eq!(architecture, "the architecture \"mamba\" is not supported");
    let pre = reason(|file| file.set("tokenizer.ggml.pre", "klingon"));
    assert_eq!(pre, "the pre-tokenizer \"klingon\" is not supported");
    let tokenizer = reason(|file| file.set("tokenizer.ggml.model", "rwkv"));
    assert_eq!(tokenizer, "the tokenizer \"rwkv\" is not supported");
    let experts = reason(|file| file.set("qwen2.expert_count", 8));
    assert_eq!(experts, "a mixture of experts is not supported");
    let scaling = reason(|file| file.set("qwen2.rope.scaling.type", "yarn"));
    assert_eq!(scaling, "the position scaling \"yarn\" is not supported");
    let format = reason(|file| file.tensors[0].kind = 23);
    assert_eq!(format, "the quantization of the tensor `token_embd.weight` (type 23) is not supported");
    let tensor = reason(|file| file.tensor("blk.0.ffn_gate_exps.weight", &[4], vec![0.0; 4]));
    assert_eq!(tensor, "the tensor `blk.0.ffn_gate_exps.weight` is not supported");
    // Only the first file of several has the architecture.
    let split = reason(|file| {
        file.set("split.count", 3);
        file.remove("general.architecture");
    });
    assert_eq!(split, "a model in 3 files is not supported");
    let mut whole = file();
    whole.set("split.count", 1);
    assert!(GgufDriver::open(&write(&whole.bytes()).path).is_ok());
    let mut file = file();
    file.set("general.architecture", "mamba");
    assert!(rejection(&file.bytes()).to_string().contains("llama, qwen2, qwen3, gemma3"));
}

#[test]
fn a_model_that_does_not_fit_is_refused_with_figures() {
    let path = write(&file().bytes());
    let open = |limit: u64, config: GgufConfig| {
        let config = config.with_memory_limit(limit).with_cache_type(CacheType::F32);
        GgufDriver::open_with(&path.path, config)
    };
    // Two layers, keys and values of two heads of 16 numbers, 256 tokens, four conversations.
    let cache = 2 * 2 * 2 * 16 * 4 * 256 * 4;
    let driver = open(1 << 30, GgufConfig::default()).unwrap();
    let weights = driver.memory() - cache;
    assert!((250_000..450_000).contains(&weights), "{weights}");
    assert_eq!(driver.max_concurrent(), 4);
    // With less memory, fewer responses are generated together, unless their number is set.
    let two = open(weights + cache * 3 / 4 - 1, GgufConfig::default()).unwrap();
    assert_eq!((two.max_concurrent(), two.memory()), (2, weights + cache / 2));
    let four = GgufConfig::default().with_max_concurrent(4);
    let error = open(weights + cache * 3 / 4 - 1, four).unwrap_err();
    assert!(error.to_string().contains("memory"), "{error}");
    let error = open(weights, GgufConfig::default()).unwrap_err();
    assert!(error.to_string().contains("needs 1 MiB of memory, and 0 MiB are available"), "{error}");
    let one = GgufConfig::default().with_max_concurrent(1).with_context_length(16);
    assert!(open(weights + cache / 64, one).is_ok());
}

#[test]
fn settings_out_of_range_are_refused() {
    let path = write(&file().bytes());
    let error = |config: GgufConfig| GgufDriver::open_with(&path.path, config).unwrap_err().to_string();
    let length = error(GgufConfig::default().with_context_length(512));
    assert!(
        length.contains("`context_length` cannot be 512 because the model supports up to 256"),
        "{length}"
    );
    let none = error(GgufConfig::default().with_max_concurrent(0));
    assert!(none.contains("`max_concurrent` cannot be 0"), "{none}");
}

#[tokio::test]
async fn the_seeds_of_the_fuzz_target_are_whole_models() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/gguf");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // As in the fuzz target: the weights are zeros. Every token is as likely as the end, so that the seed is fixed.
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.resize(bytes.len() + 64 * 1024, 0);
        let driver = GgufDriver::open(write(&bytes).path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let response =
            driver.complete(CompletionRequest::from("Hi").with_max_tokens(2).with_seed(1)).await.unwrap();
        assert_eq!(response.usage().unwrap().completion_tokens(), Some(2), "{path:?}");
        count += 1;
    }
    assert_eq!(count, 4);
}
