//! Attention of one token to the tokens before it.

use super::exponential::exp;
use super::kv_cache::HeadNumbers;
use pulp::Arch;

/// Positions whose keys or values are converted together.
const BLOCK: usize = 32;

/// Computes the attention of the query heads of one head of keys. `queries` and `output` have several heads of `size` numbers.
pub(super) fn attend(
    queries: &[f32],
    keys: HeadNumbers<'_>,
    values: HeadNumbers<'_>,
    scale: f32,
    size: usize,
    output: &mut [f32],
) {
    Arch::new().dispatch(|| {
        let size = size.max(1);
        let (block, length) = (BLOCK * size, (keys.len() / size).max(1));
        let mut buffer = vec![0.0; block];
        // The weights of each query, one after the other.
        let mut weights = vec![0.0; queries.len() / size * length];
        for (at, begin) in (0..keys.len()).step_by(block).enumerate() {
            let keys = keys.wide(begin..keys.len().min(begin + block), &mut buffer);
            for (query, weights) in queries.chunks_exact(size).zip(weights.chunks_exact_mut(length)) {
                for (weight, key) in weights.iter_mut().skip(at * BLOCK).zip(keys.chunks_exact(size)) {
                    *weight = dot(query, key) * scale;
                }
            }
        }
        for weights in weights.chunks_exact_mut(length) {
            softmax(weights);
        }
        output.fill(0.0);
        for (at, begin) in (0..values.len()).step_by(block).enumerate() {
            let values = values.wide(begin..values.len().min(begin + block), &mut buffer);
            for (weights, output) in weights.chunks_exact(length).zip(output.chunks_exact_mut(size)) {
                for (weight, value) in weights.iter().skip(at * BLOCK).zip(values.chunks_exact(size)) {
                    for (sum, number) in output.iter_mut().zip(value) {
                        *sum += weight * number;
                    }
                }
            }
        }
    });
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

#[inline(always)]
#[expect(clippy::inline_always, reason = "a call would keep the loop from becoming vector instructions")]
fn dot(first: &[f32], second: &[f32]) -> f32 {
    let ((first, first_rest), (second, second_rest)) = (first.as_chunks::<16>(), second.as_chunks::<16>());
    let mut sums = [0.0_f32; 16];
    for (first, second) in first.iter().zip(second) {
        for (sum, (x, y)) in sums.iter_mut().zip(first.iter().zip(second)) {
            *sum += x * y;
        }
    }
    let rest = first_rest.iter().zip(second_rest).map(|(x, y)| x * y).sum::<f32>();
    sums.iter().sum::<f32>() + rest
}
