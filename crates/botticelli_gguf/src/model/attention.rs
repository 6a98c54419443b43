//! Attention of one token to the tokens before it.

use super::exponential::exp;
use pulp::Arch;

/// Computes the attention of the query heads of one head of keys. `queries` and `output` have several heads of `size` numbers.
pub(super) fn attend(
    queries: &[f32],
    keys: &[f32],
    values: &[f32],
    scale: f32,
    size: usize,
    output: &mut [f32],
) {
    Arch::new().dispatch(|| {
        let mut weights = Vec::with_capacity(keys.len() / size.max(1));
        for (query, output) in queries.chunks_exact(size).zip(output.chunks_exact_mut(size)) {
            weights.clear();
            weights.extend(keys.chunks_exact(size).map(|key| dot(query, key) * scale));
            softmax(&mut weights);
            output.fill(0.0);
            for (weight, value) in weights.iter().zip(values.chunks_exact(size)) {
                for (sum, number) in output.iter_mut().zip(value) {
                    *sum += weight * number;
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
