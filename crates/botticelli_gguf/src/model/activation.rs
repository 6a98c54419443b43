//! Activation functions.

use super::exponential::exp;
use crate::parallel;
use crate::simd::Level;

/// The activation function between the two matrices of a feed-forward network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activation {
    /// x · sigmoid(x).
    Silu,
    /// GELU, approximated with tanh.
    Gelu,
}

impl Activation {
    /// Replaces each gate with its activation times the number in `up`.
    pub(super) fn apply(self, gate: &mut [f32], up: &[f32], width: usize, level: Level) {
        let is_large = gate.len() >= 1 << 15;
        parallel::for_each_chunk(gate, width, is_large, |row, gate| {
            let up = up.get(row * width..).unwrap_or_default();
            level.run(
                #[inline(always)]
                || match self {
                    Self::Silu => {
                        for (gate, up) in gate.iter_mut().zip(up) {
                            *gate = *gate / (1.0 + exp(-*gate)) * up;
                        }
                    }
                    Self::Gelu => {
                        for (gate, up) in gate.iter_mut().zip(up) {
                            let x = *gate;
                            let y = 0.797_884_6 * x * (1.0 + 0.044_715 * x * x);
                            // (1 + tanh(y)) / 2 is the sigmoid of 2y.
                            *gate = x / (1.0 + exp(-2.0 * y)) * up;
                        }
                    }
                },
            );
        });
    }
}
