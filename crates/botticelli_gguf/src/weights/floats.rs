//! Matrices of floats.

use super::weight_matrix::{PARALLEL_WORK, WeightMatrix, transposed};
use crate::half::from_half;
use crate::numbers::to_usize;
use crate::parallel;
use crate::simd::Level;
use candle_core::Result;
use candle_core::quantized::GgmlDType;

/// Outputs that one piece of work computes.
const OUTPUTS: usize = 16;

/// A matrix of floats.
struct FloatMatrix {
    numbers: Floats,
    columns: usize,
    level: Level,
}

/// Numbers in the format of the file.
enum Floats {
    F32(Vec<f32>),
    F16(Vec<u16>),
    BF16(Vec<u16>),
}

/// Reads a matrix. `None` if its format is another one.
pub(super) fn read(
    bytes: &[u8],
    dtype: GgmlDType,
    columns: usize,
    level: Level,
) -> Option<Box<dyn WeightMatrix>> {
    let halves = || bytes.as_chunks::<2>().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
    let numbers = match dtype {
        GgmlDType::F32 => {
            Floats::F32(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
        }
        GgmlDType::F16 => Floats::F16(halves()),
        GgmlDType::BF16 => Floats::BF16(halves()),
        _ => return None,
    };
    Some(Box::new(FloatMatrix { numbers, columns: columns.max(1), level }))
}

impl FloatMatrix {
    fn outputs(&self) -> usize {
        let numbers = match &self.numbers {
            Floats::F32(numbers) => numbers.len(),
            Floats::F16(numbers) | Floats::BF16(numbers) => numbers.len(),
        };
        numbers / self.columns
    }

    /// Returns a row. `buffer` is empty, and keeps a row that is converted.
    #[inline(always)]
    fn row<'a>(&'a self, row: usize, buffer: &'a mut Vec<f32>) -> &'a [f32] {
        let range = row * self.columns..(row + 1) * self.columns;
        match &self.numbers {
            Floats::F32(numbers) => return numbers.get(range).unwrap_or_default(),
            Floats::F16(numbers) => {
                buffer.extend(numbers.get(range).unwrap_or_default().iter().map(|half| from_half(*half)));
            }
            Floats::BF16(numbers) => {
                let numbers = numbers.get(range).unwrap_or_default().iter();
                buffer.extend(numbers.map(|half| f32::from_bits(u32::from(*half) << 16)));
            }
        }
        buffer
    }
}

impl WeightMatrix for FloatMatrix {
    fn apply(&self, numbers: &[f32], count: usize) -> Result<Vec<f32>> {
        let outputs = self.outputs();
        let is_parallel = count * outputs * self.columns >= PARALLEL_WORK;
        // The outputs of one row of weights are neighbors, so that a piece of work writes to one place.
        let mut products = vec![0.0; count * outputs];
        parallel::for_each_chunk(&mut products, OUTPUTS * count, is_parallel, |piece, products| {
            self.level.run(
                #[inline(always)]
                || {
                    let mut buffer = Vec::with_capacity(self.columns);
                    for (at, products) in products.chunks_exact_mut(count.max(1)).enumerate() {
                        buffer.clear();
                        let row = self.row(piece * OUTPUTS + at, &mut buffer);
                        for (product, input) in products.iter_mut().zip(numbers.chunks_exact(self.columns)) {
                            *product = dot(row, input);
                        }
                    }
                },
            );
        });
        Ok(if count == 1 { products } else { transposed(&products, count) })
    }

    fn rows(&self, ids: &[u32]) -> Result<Vec<f32>> {
        let mut numbers = Vec::with_capacity(ids.len() * self.columns);
        for id in ids {
            numbers.extend_from_slice(self.row(to_usize(*id), &mut Vec::new()));
        }
        Ok(numbers)
    }
}

/// Returns the product of two rows.
#[inline(always)]
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
