//! One layer of the decoder.

use super::attention::attend;
use super::kv_cache::{KvCache, Wide};
use super::linear::Linear;
use super::norm::Norm;
use super::parameters::Parameters;
use super::rope::{Rope, Rotation};
use super::row::Row;
use crate::file::ModelFile;
use crate::parallel;
use botticelli_error::BotticelliError;
use candle_core::Result;

/// Products of keys and queries above which the threads share the attention.
const PARALLEL_WORK: usize = 1 << 16;

/// Rows of a prompt that are computed together.
const TILE: usize = 8;

/// Rows of a step, which one thread computes if there are enough of them.
struct Share<'a> {
    numbers: &'a mut [f32],
    rows: &'a [Row],
    rotations: &'a [Rotation],
    projected: Option<Projected>,
}

/// Queries, keys and values of rows.
struct Projected {
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
}

/// One layer of the decoder.
#[derive(Debug)]
pub(super) struct Layer {
    index: usize,
    window: Option<usize>,
    attention_norm: Norm,
    query: Linear,
    key: Linear,
    value: Linear,
    query_norm: Option<Norm>,
    key_norm: Option<Norm>,
    output: Linear,
    attention_post_norm: Option<Norm>,
    feed_forward_norm: Norm,
    gate: Linear,
    up: Linear,
    down: Linear,
    feed_forward_post_norm: Option<Norm>,
}

impl Layer {
    pub(super) fn read(
        file: &mut ModelFile,
        index: usize,
        parameters: &Parameters,
    ) -> std::result::Result<Self, BotticelliError> {
        let Parameters { width, hidden, heads, kv_heads, head_size, epsilon, level, .. } = *parameters;
        let name = |part: &str| format!("blk.{index}.{part}");
        let norm = |file: &mut ModelFile, part: &str, length| {
            file.vector(&name(&format!("{part}.weight")), length)
                .map(|weights| Norm::new(weights, epsilon, level))
        };
        let optional_norm = |file: &mut ModelFile, part: &str, length| {
            let is_there = file.has(&name(&format!("{part}.weight")));
            is_there.then(|| norm(file, part, length)).transpose()
        };
        let linear = |file: &mut ModelFile, part: &str, inputs, outputs| {
            Linear::read(file, &name(part), inputs, outputs)
        };
        Ok(Self {
            index,
            window: parameters.window_of(index),
            attention_norm: norm(file, "attn_norm", width)?,
            query: linear(file, "attn_q", width, heads * head_size)?,
            key: linear(file, "attn_k", width, kv_heads * head_size)?,
            value: linear(file, "attn_v", width, kv_heads * head_size)?,
            query_norm: optional_norm(file, "attn_q_norm", head_size)?,
            key_norm: optional_norm(file, "attn_k_norm", head_size)?,
            output: linear(file, "attn_output", heads * head_size, width)?,
            attention_post_norm: optional_norm(file, "post_attention_norm", width)?,
            feed_forward_norm: norm(file, "ffn_norm", width)?,
            gate: linear(file, "ffn_gate", width, hidden)?,
            up: linear(file, "ffn_up", width, hidden)?,
            down: linear(file, "ffn_down", hidden, width)?,
            feed_forward_post_norm: optional_norm(file, "post_ffw_norm", width)?,
        })
    }

    /// Returns whether the layer has a sliding window.
    pub(super) const fn is_windowed(&self) -> bool {
        self.window.is_some()
    }

    /// Replaces the numbers of each row with the output of the layer.
    pub(super) fn apply(
        &self,
        numbers: &mut [f32],
        rows: &[Row],
        caches: &mut [&mut KvCache],
        (rope, rotations): (&Rope, &[Rotation]),
        parameters: &Parameters,
    ) -> Result<()> {
        let length = parallel::share(rows.len(), TILE);
        let shares = numbers.chunks_mut(length * parameters.width).zip(rows.chunks(length));
        let mut shares: Vec<Share<'_>> = shares
            .zip(rotations.chunks(length))
            .map(|((numbers, rows), rotations)| Share { numbers, rows, rotations, projected: None })
            .collect();
        parallel::for_each(&mut shares, |share| -> Result<()> {
            share.projected = Some(self.project(share, rope, parameters)?);
            Ok(())
        })?;
        // All keys and values of the step are there before any row attends to them.
        let width = parameters.kv_heads * parameters.head_size;
        for share in &shares {
            let Some(Projected { keys, values, .. }) = &share.projected else { continue };
            let stored = keys.chunks_exact(width).zip(values.chunks_exact(width)).zip(share.rows);
            for ((key, value), row) in stored {
                if let Some(cache) = caches.get_mut(row.cache) {
                    cache.store(self.index, row.position, key, value);
                }
            }
        }
        let caches: Vec<&KvCache> = caches.iter().map(|cache| &**cache).collect();
        parallel::for_each(&mut shares, |share| self.finish(share, &caches, parameters))
    }

    /// Computes the queries, the keys and the values of rows.
    fn project(&self, share: &Share<'_>, rope: &Rope, parameters: &Parameters) -> Result<Projected> {
        let Parameters { heads, kv_heads, head_size, .. } = *parameters;
        let (rows, normed) = (share.rows.len(), self.attention_norm.applied(share.numbers));
        let mut queries = self.query.apply(&normed, rows)?;
        let mut keys = self.key.apply(&normed, rows)?;
        let values = self.value.apply(&normed, rows)?;
        if let Some(norm) = &self.query_norm {
            norm.apply(&mut queries);
        }
        if let Some(norm) = &self.key_norm {
            norm.apply(&mut keys);
        }
        for (query, rotation) in queries.chunks_exact_mut(heads * head_size).zip(share.rotations) {
            rope.apply(query, head_size, rotation);
        }
        for (key, rotation) in keys.chunks_exact_mut(kv_heads * head_size).zip(share.rotations) {
            rope.apply(key, head_size, rotation);
        }
        Ok(Projected { queries, keys, values })
    }

    /// Adds the attention and the feed-forward network to the numbers of rows.
    fn finish(&self, share: &mut Share<'_>, caches: &[&KvCache], parameters: &Parameters) -> Result<()> {
        let (numbers, count) = (&mut *share.numbers, share.rows.len());
        let queries = share.projected.as_ref().map_or(&[][..], |projected| &projected.queries);
        let attended = self.attention(queries, share.rows, caches, parameters);
        let mut change = self.output.apply(&attended, count)?;
        if let Some(norm) = &self.attention_post_norm {
            norm.apply(&mut change);
        }
        add(numbers, &change);
        let normed = self.feed_forward_norm.applied(numbers);
        let mut gate = self.gate.apply(&normed, count)?;
        let up = self.up.apply(&normed, count)?;
        parameters.activation.apply(&mut gate, &up, parameters.hidden, parameters.level);
        let mut change = self.down.apply(&gate, count)?;
        if let Some(norm) = &self.feed_forward_post_norm {
            norm.apply(&mut change);
        }
        add(numbers, &change);
        Ok(())
    }

    fn attention(
        &self,
        queries: &[f32],
        rows: &[Row],
        caches: &[&KvCache],
        parameters: &Parameters,
    ) -> Vec<f32> {
        let Parameters { heads, kv_heads, head_size, attention_scale, level, .. } = *parameters;
        let query_width = heads * head_size;
        let work: usize = rows.iter().map(|row| (row.position + 1) * query_width).sum();
        let group = heads / kv_heads * head_size;
        let mut output = vec![0.0; rows.len() * query_width];
        let mut neighbors = rows.iter().zip(rows.iter().skip(1));
        if rows.len() >= TILE && neighbors.any(|(row, next)| row.cache == next.cache) {
            // Rows of a prompt share most of their keys and values, which are converted once for all rows of a tile.
            let is_parallel = work >= PARALLEL_WORK;
            parallel::for_each_chunk(&mut output, TILE * query_width, is_parallel, |tile, output| {
                let tile_rows = rows.iter().skip(tile * TILE).take(TILE);
                let queries = queries.get(tile * TILE * query_width..).unwrap_or_default();
                for head in 0..kv_heads {
                    let mut wide = Wide::default();
                    let numbers = queries.chunks_exact(query_width).zip(output.chunks_exact_mut(query_width));
                    for (row, (queries, output)) in tile_rows.clone().zip(numbers) {
                        let heads = head * group..(head + 1) * group;
                        let (Some(queries), Some(output)) =
                            (queries.get(heads.clone()), output.get_mut(heads))
                        else {
                            continue;
                        };
                        let Some(cache) = caches.get(row.cache) else { continue };
                        let end = row.position + 1;
                        let begin = self.window.map_or(0, |window| end.saturating_sub(window));
                        let cache = wide.range(level, cache, row.cache, (self.index, head), begin, end);
                        attend(level, queries, cache, attention_scale, head_size, output);
                    }
                }
            });
            return output;
        }
        parallel::for_each_chunk(&mut output, group, work >= PARALLEL_WORK, |at, output| {
            let (row, head) = (at / kv_heads, at % kv_heads);
            let (Some(row), Some(queries)) = (rows.get(row), queries.get(at * group..(at + 1) * group))
            else {
                return;
            };
            let Some(cache) = caches.get(row.cache) else { return };
            let end = row.position + 1;
            let begin = self.window.map_or(0, |window| end.saturating_sub(window));
            let cache = cache.range(self.index, head, begin, end);
            attend(level, queries, cache, attention_scale, head_size, output);
        });
        output
    }
}

fn add(numbers: &mut [f32], change: &[f32]) {
    for (number, change) in numbers.iter_mut().zip(change) {
        *number += change;
    }
}
