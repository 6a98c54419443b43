//! Normalization by the root mean square.

use crate::simd::Level;

/// The weights of a normalization.
#[derive(Clone, Debug)]
pub(super) struct Norm {
    weights: Vec<f32>,
    epsilon: f32,
    level: Level,
}

impl Norm {
    pub(super) fn new(weights: Vec<f32>, epsilon: f32, level: Level) -> Self {
        Self { weights, epsilon, level }
    }

    /// Normalizes each part that is as long as the weights.
    pub(super) fn apply(&self, numbers: &mut [f32]) {
        let length = self.weights.len().max(1);
        let count = crate::numbers::to_f32(crate::numbers::to_f64(length));
        self.level.run(
            #[inline(always)]
            || {
                for part in numbers.chunks_exact_mut(length) {
                    let mean = sum_of_squares(part) / count;
                    let factor = 1.0 / (mean + self.epsilon).sqrt();
                    for (number, weight) in part.iter_mut().zip(&self.weights) {
                        *number = *number * factor * weight;
                    }
                }
            },
        );
    }

    /// Returns normalized copies.
    pub(super) fn applied(&self, numbers: &[f32]) -> Vec<f32> {
        let mut numbers = numbers.to_vec();
        self.apply(&mut numbers);
        numbers
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a call would keep the loop from becoming vector instructions")]
fn sum_of_squares(numbers: &[f32]) -> f32 {
    let (blocks, rest) = numbers.as_chunks::<16>();
    let mut sums = [0.0_f32; 16];
    for block in blocks {
        for (sum, number) in sums.iter_mut().zip(block) {
            *sum += number * number;
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|number| number * number).sum::<f32>()
}
