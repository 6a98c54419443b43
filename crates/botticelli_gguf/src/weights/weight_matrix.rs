//! The interface of all formats.

use candle_core::Result;

/// Multiplications above which the threads share the work.
pub(super) const PARALLEL_WORK: usize = 1 << 16;

/// A matrix of weights.
pub(crate) trait WeightMatrix: Send + Sync {
    /// Returns the products of each row of `numbers` with all rows of the matrix.
    fn apply(&self, numbers: &[f32], count: usize) -> Result<Vec<f32>>;

    /// Returns rows of the matrix.
    fn rows(&self, ids: &[u32]) -> Result<Vec<f32>>;
}

/// Returns the numbers with rows and columns exchanged. A row has `length` numbers.
pub(super) fn transposed(numbers: &[f32], length: usize) -> Vec<f32> {
    let mut exchanged = Vec::with_capacity(numbers.len());
    for at in 0..length {
        exchanged.extend(numbers.iter().skip(at).step_by(length));
    }
    exchanged
}
