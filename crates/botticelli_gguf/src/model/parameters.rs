//! The shape of a model, from the metadata.

use super::activation::Activation;
use super::rope::Pairing;
use crate::config::CacheType;
use crate::file::{Metadata, ModelFile};
use crate::simd::Level;
use botticelli_error::BotticelliError;

/// The supported architectures, for messages.
const ARCHITECTURES: &str = "use a model with one of these architectures: llama, qwen2, qwen3, gemma3";
/// Distance between two layers of Gemma 3 that attend to the whole context.
const GEMMA_PATTERN: usize = 6;

/// The shape of a model.
#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    pub(crate) layers: usize,
    pub(crate) width: usize,
    pub(crate) hidden: usize,
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_size: usize,
    pub(crate) context_length: usize,
    /// Number of rows in the table of embeddings.
    pub(crate) vocabulary: usize,
    pub(super) epsilon: f32,
    pub(super) rope_size: usize,
    pub(super) rope_base: f64,
    pub(super) rope_scale: f64,
    /// Base for layers with a sliding window.
    pub(super) window_rope_base: f64,
    pub(super) pairing: Pairing,
    pub(super) activation: Activation,
    /// Tokens that a layer with a sliding window attends to.
    pub(super) window: Option<usize>,
    /// Factor of the embeddings.
    pub(super) embedding_scale: f32,
    /// Factor of the products of queries and keys.
    pub(super) attention_scale: f32,
    /// Limit of the logits.
    pub(super) softcap: Option<f32>,
    pub(super) level: Level,
}

impl Parameters {
    pub(crate) fn read(file: &ModelFile) -> Result<Self, BotticelliError> {
        use crate::numbers::{to_f32, to_f64};
        let metadata = file.metadata();
        if let Some(files) = metadata.size("split.count")?.filter(|files| *files > 1) {
            let remedy = "merge the files with `llama-gguf-split --merge`, or use a quantization in one file";
            return Err(metadata.unsupported(format!("a model in {files} files"), remedy));
        }
        let name = metadata.required_text("general.architecture")?;
        let (pairing, is_gemma) = match name {
            "llama" => (Pairing::Neighbors, false),
            "qwen2" | "qwen3" => (Pairing::Halves, false),
            "gemma3" => (Pairing::Halves, true),
            other => return Err(metadata.unsupported(format!("the architecture {other:?}"), ARCHITECTURES)),
        };
        let key = |key: &str| format!("{name}.{key}");
        for array in ["feed_forward_length", "attention.head_count", "attention.head_count_kv"] {
            if metadata.is_array(&key(array)) {
                let what = format!("a model whose layers differ (`{}`)", key(array));
                return Err(metadata.unsupported(what, ARCHITECTURES));
            }
        }
        if metadata.size(&key("expert_count"))?.is_some_and(|experts| experts > 0) {
            return Err(metadata.unsupported("a mixture of experts", ARCHITECTURES));
        }
        let width = metadata.required_size(&key("embedding_length"))?;
        let heads = metadata.required_size(&key("attention.head_count"))?;
        let kv_heads = metadata.size(&key("attention.head_count_kv"))?.unwrap_or(heads);
        let head_size = metadata.size(&key("attention.key_length"))?.unwrap_or(width / heads);
        let value_size = metadata.size(&key("attention.value_length"))?.unwrap_or(head_size);
        let rope_size = metadata.size(&key("rope.dimension_count"))?.unwrap_or(head_size);
        let layers = metadata.required_size(&key("block_count"))?;
        let is_consistent = kv_heads > 0
            && heads.is_multiple_of(kv_heads)
            && head_size > 0
            && value_size == head_size
            && rope_size <= head_size
            && rope_size.is_multiple_of(2)
            && layers <= 1 << 12;
        if !is_consistent {
            let reason = format!(
                "{heads} heads, {kv_heads} heads of keys, {head_size} and {value_size} numbers per head, {rope_size} rotated \
                 numbers and {layers} layers do not fit together"
            );
            return Err(metadata.damaged(reason));
        }
        let Some([vocabulary, _]) = file.dimensions("token_embd.weight") else {
            return Err(metadata.damaged("the tensor `token_embd.weight` is missing or not a matrix"));
        };
        let scale = 1.0 / to_f64(head_size).sqrt();
        // The largest Gemma 3 divides by the size of all heads instead.
        let scale = if is_gemma && layers == 62 { 1.0 / to_f64(width / heads).sqrt() } else { scale };
        let epsilon = metadata.float(&key("attention.layer_norm_rms_epsilon"))?;
        let base = metadata.float(&key("rope.freq_base"))?.unwrap_or(10_000.0);
        let window = metadata.size(&key("attention.sliding_window"))?.filter(|window| *window > 0);
        Ok(Self {
            layers,
            width,
            hidden: metadata.required_size(&key("feed_forward_length"))?,
            heads,
            kv_heads,
            head_size,
            context_length: metadata.required_size(&key("context_length"))?,
            vocabulary: *vocabulary,
            epsilon: to_f32(epsilon.unwrap_or(1e-6)),
            rope_size,
            rope_base: base,
            rope_scale: rope_scale(metadata, name)?,
            window_rope_base: if is_gemma {
                metadata.float(&key("rope.freq_base_swa"))?.unwrap_or(10_000.0)
            } else {
                base
            },
            pairing,
            activation: if is_gemma { Activation::Gelu } else { Activation::Silu },
            window: window.filter(|_| is_gemma),
            embedding_scale: if is_gemma { to_f32(to_f64(width).sqrt()) } else { 1.0 },
            attention_scale: to_f32(scale),
            softcap: metadata.float(&key("final_logit_softcapping"))?.filter(|cap| *cap > 0.0).map(to_f32),
            level: file.level(),
        })
    }

    /// Returns the window of a layer. `None` if it attends to the whole context.
    pub(super) fn window_of(&self, layer: usize) -> Option<usize> {
        self.window.filter(|_| layer % GEMMA_PATTERN != GEMMA_PATTERN - 1)
    }

    /// Returns the memory for the keys and values of one token, in bytes.
    pub(crate) fn kv_bytes_per_token(&self, cache_type: CacheType) -> u64 {
        let numbers = [self.layers, 2, self.kv_heads, self.head_size, cache_type.bytes()];
        numbers.into_iter().map(crate::numbers::to_u64).fold(1, u64::saturating_mul)
    }
}

/// Returns the factor of the positions.
fn rope_scale(metadata: &Metadata, name: &str) -> Result<f64, BotticelliError> {
    let factor = metadata.float(&format!("{name}.rope.scaling.factor"))?;
    let factor = match factor {
        Some(factor) => Some(factor),
        None => metadata.float(&format!("{name}.rope.scale_linear"))?,
    };
    match metadata.text(&format!("{name}.rope.scaling.type"))? {
        None | Some("linear") => match factor {
            None | Some(0.0) => Ok(1.0),
            Some(factor) => Ok(1.0 / factor),
        },
        Some("none") => Ok(1.0),
        Some(other) => {
            let remedy = "use a file without this scaling, with a shorter context";
            Err(metadata.unsupported(format!("the position scaling {other:?}"), remedy))
        }
    }
}
