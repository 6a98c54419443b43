//! Rotary position embeddings.

use crate::numbers::{to_f32, to_f64};

/// The numbers of a head that are rotated together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pairing {
    /// Neighbors.
    Neighbors,
    /// A number of the first half with one of the second half.
    Halves,
}

/// Rotations for one base.
#[derive(Clone, Debug)]
pub(super) struct Rope {
    frequencies: Vec<f64>,
    pairing: Pairing,
}

/// The rotations of one position: cosine and sine for each pair.
#[derive(Clone, Debug, Default)]
pub(super) struct Rotation(Vec<(f32, f32)>);

impl Rope {
    /// Returns rotations of `size` numbers per head. `scale` is the factor of positions, and `divisors` are the divisors of frequencies.
    pub(super) fn new(size: usize, base: f64, scale: f64, divisors: &[f32], pairing: Pairing) -> Self {
        let frequency = |pair: usize| {
            let divisor = divisors.get(pair).copied().map_or(1.0, f64::from);
            base.powf(-2.0 * to_f64(pair) / to_f64(size)) * scale / divisor
        };
        Self { frequencies: (0..size / 2).map(frequency).collect(), pairing }
    }

    pub(super) fn rotation(&self, position: usize) -> Rotation {
        let position = to_f64(position);
        let pair = |frequency: &f64| {
            let (sine, cosine) = (position * frequency).sin_cos();
            (to_f32(cosine), to_f32(sine))
        };
        Rotation(self.frequencies.iter().map(pair).collect())
    }

    /// Rotates each head of a row.
    pub(super) fn apply(&self, row: &mut [f32], head_size: usize, rotation: &Rotation) {
        let half = rotation.0.len();
        for head in row.chunks_exact_mut(head_size.max(1)) {
            match self.pairing {
                Pairing::Neighbors => {
                    for (pair, (cosine, sine)) in head.as_chunks_mut::<2>().0.iter_mut().zip(&rotation.0) {
                        let [x, y] = *pair;
                        *pair = [x * cosine - y * sine, x * sine + y * cosine];
                    }
                }
                Pairing::Halves => {
                    let Some((first, second)) = head.split_at_mut_checked(half) else { continue };
                    for ((x, y), (cosine, sine)) in first.iter_mut().zip(second).zip(&rotation.0) {
                        (*x, *y) = (*x * cosine - *y * sine, *x * sine + *y * cosine);
                    }
                }
            }
        }
    }
}
