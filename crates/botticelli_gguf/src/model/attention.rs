//! Attention of one token to the tokens before it.

use super::exponential::exp;
use super::kv_cache::{HeadCache, KEYS};
use crate::simd::Level;

/// Numbers of a value that are summed together.
const PART: usize = 64;

/// Computes the attention of the query heads of one head of keys. `queries` and `output` have several heads of `size` numbers.
pub(super) fn attend(
    level: Level,
    queries: &[f32],
    cache: HeadCache<'_>,
    scale: f32,
    size: usize,
    output: &mut [f32],
) {
    level.run(
        #[inline(always)]
        || {
            let HeadCache { keys, skip, values } = cache;
            let size = size.max(1);
            let (group, count) = (KEYS * size, values.len() / size);
            let length = (keys.len() / size).max(1);
            let mut buffer = vec![0.0; group];
            // The weights of each query, one after the other.
            let mut weights = vec![0.0; queries.len() / size * length];
            for (at, begin) in (0..keys.len()).step_by(group).enumerate() {
                let keys = keys.wide(begin..begin + group, &mut buffer);
                for (query, weights) in queries.chunks_exact(size).zip(weights.chunks_exact_mut(length)) {
                    let products = products(query, keys).map(|product| product * scale);
                    if let Some(weights) = weights.as_chunks_mut::<KEYS>().0.get_mut(at) {
                        *weights = products;
                    }
                }
            }
            for weights in weights.chunks_exact_mut(length) {
                softmax(weights.get_mut(skip..skip + count).unwrap_or_default());
            }
            output.fill(0.0);
            for (at, begin) in (0..values.len()).step_by(group).enumerate() {
                let values = values.wide(begin..values.len().min(begin + group), &mut buffer);
                for (weights, output) in weights.chunks_exact(length).zip(output.chunks_exact_mut(size)) {
                    let weights = weights.get(skip + at * KEYS..).unwrap_or_default();
                    add_values(weights, values, size, output);
                }
            }
        },
    );
}

/// Returns the products of a query with a group of keys.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call would keep the loop from becoming vector instructions")]
fn products(query: &[f32], keys: &[f32]) -> [f32; KEYS] {
    let mut sums = [0.0_f32; KEYS];
    for (x, keys) in query.iter().zip(keys.as_chunks::<KEYS>().0) {
        for (sum, y) in sums.iter_mut().zip(keys) {
            *sum += x * y;
        }
    }
    sums
}

/// Adds values times their weights. The sums of a few numbers stay in registers.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call would keep the loop from becoming vector instructions")]
fn add_values(weights: &[f32], values: &[f32], size: usize, output: &mut [f32]) {
    let (parts, rest) = output.as_chunks_mut::<PART>();
    let first_rest = parts.len() * PART;
    for (at, part) in parts.iter_mut().enumerate() {
        let mut sums = *part;
        for (weight, value) in weights.iter().zip(values.chunks_exact(size)) {
            let value = value.get(at * PART..).and_then(|value| value.first_chunk::<PART>());
            for (sum, number) in sums.iter_mut().zip(value.unwrap_or(&[0.0; PART])) {
                *sum += weight * number;
            }
        }
        *part = sums;
    }
    for (weight, value) in weights.iter().zip(values.chunks_exact(size)) {
        for (sum, number) in rest.iter_mut().zip(value.get(first_rest..).unwrap_or_default()) {
            *sum += weight * number;
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a call would keep the loop from becoming vector instructions")]
fn softmax(weights: &mut [f32]) {
    let greatest = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for weight in weights.iter_mut() {
        *weight = exp(*weight - greatest);
    }
    let sum: f32 = weights.iter().sum();
    let factor = 1.0 / sum;
    for weight in weights.iter_mut() {
        *weight *= factor;
    }
}
