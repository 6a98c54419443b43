//! The decoder: from tokens to logits.

use super::kv_cache::KvCache;
use super::layer::Layer;
use super::linear::Linear;
use super::norm::Norm;
use super::parameters::Parameters;
use super::rope::Rope;
use super::row::Row;
use crate::file::ModelFile;
use botticelli_error::BotticelliError;
use candle_core::Result;

/// The weights of a model. All conversations share them.
#[derive(Debug)]
pub(crate) struct Transformer {
    parameters: Parameters,
    embeddings: Linear,
    layers: Vec<Layer>,
    norm: Norm,
    output: Linear,
    rope: Rope,
    window_rope: Rope,
}

impl Transformer {
    pub(crate) fn read(
        file: &mut ModelFile,
        parameters: Parameters,
    ) -> std::result::Result<Self, BotticelliError> {
        let Parameters { width, vocabulary, epsilon, rope_size, rope_base, rope_scale, pairing, .. } =
            parameters;
        check_names(file, parameters.layers)?;
        let embeddings = Linear::read(file, "token_embd", width, vocabulary)?;
        let norm = Norm::new(file.vector("output_norm.weight", width)?, epsilon, parameters.level);
        let output = if file.has("output.weight") {
            Linear::read(file, "output", width, vocabulary)?
        } else {
            embeddings.clone()
        };
        let divisors = if file.has("rope_freqs.weight") {
            file.vector("rope_freqs.weight", rope_size / 2)?
        } else {
            Vec::new()
        };
        let layers = (0..parameters.layers).map(|layer| Layer::read(file, layer, &parameters));
        let layers = layers.collect::<std::result::Result<_, _>>()?;
        let rope = Rope::new(rope_size, rope_base, rope_scale, &divisors, pairing);
        let window_rope = Rope::new(rope_size, parameters.window_rope_base, 1.0, &divisors, pairing);
        Ok(Self { parameters, embeddings, layers, norm, output, rope, window_rope })
    }

    pub(crate) const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Computes a batch, and returns the logits of the rows that need them, in order.
    ///
    /// Tokens of one conversation are in the order of their positions. The result of a row does not depend on the other
    /// conversations.
    pub(crate) fn step(&self, rows: &[Row], caches: &mut [&mut KvCache]) -> Result<Vec<Vec<f32>>> {
        let parameters = &self.parameters;
        let tokens: Vec<u32> = rows.iter().map(|row| row.token).collect();
        let mut numbers = self.embeddings.rows(&tokens)?;
        if parameters.embedding_scale > 1.0 {
            for number in &mut numbers {
                *number *= parameters.embedding_scale;
            }
        }
        let rotations = |rope: &Rope| rows.iter().map(|row| rope.rotation(row.position)).collect::<Vec<_>>();
        let global = rotations(&self.rope);
        let windowed = if parameters.window.is_some() { rotations(&self.window_rope) } else { Vec::new() };
        for layer in &self.layers {
            let rope = if layer.is_windowed() {
                (&self.window_rope, windowed.as_slice())
            } else {
                (&self.rope, global.as_slice())
            };
            layer.apply(&mut numbers, rows, caches, rope, parameters)?;
        }
        let wanted = numbers.chunks_exact(parameters.width).zip(rows).filter(|(_, row)| row.needs_logits);
        let mut last: Vec<f32> = wanted.flat_map(|(numbers, _)| numbers.iter().copied()).collect();
        if last.is_empty() {
            return Ok(Vec::new());
        }
        self.norm.apply(&mut last);
        let mut logits = self.output.apply(&last, last.len() / parameters.width)?;
        if let Some(cap) = parameters.softcap {
            for logit in &mut logits {
                *logit = (*logit / cap).tanh() * cap;
            }
        }
        Ok(logits.chunks_exact(parameters.vocabulary).map(<[f32]>::to_vec).collect())
    }
}

/// Parts of the names of all tensors that the decoder uses.
const PARTS: &[&str] = &[
    "attn_norm",
    "attn_q",
    "attn_k",
    "attn_v",
    "attn_q_norm",
    "attn_k_norm",
    "attn_output",
    "post_attention_norm",
    "ffn_norm",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
    "post_ffw_norm",
];

/// Checks that the file has no tensor that the decoder would ignore, because the text would be wrong.
fn check_names(file: &ModelFile, layers: usize) -> std::result::Result<(), BotticelliError> {
    let is_known = |name: &str| {
        let stem = name.strip_suffix(".weight").or_else(|| name.strip_suffix(".bias")).unwrap_or(name);
        let in_layer = stem.strip_prefix("blk.").and_then(|rest| rest.split_once('.'));
        match in_layer {
            Some((layer, part)) => {
                layer.parse::<usize>().is_ok_and(|layer| layer < layers) && PARTS.contains(&part)
            }
            None => matches!(stem, "token_embd" | "output_norm" | "output" | "rope_freqs"),
        }
    };
    match file.names().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => {
            let what = format!("the tensor `{name}`");
            Err(file.metadata().unsupported(what, "use a plain text model of the same family"))
        }
    }
}
