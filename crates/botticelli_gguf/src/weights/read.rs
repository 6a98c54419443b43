//! The choice of a kernel.

use super::weight_matrix::WeightMatrix;
use super::{floats, requantize, tensor, x86};
use crate::simd::Level;
use candle_core::Result;
use candle_core::quantized::GgmlDType;

/// Reads a matrix of `rows` rows and `columns` columns.
pub(crate) fn read(
    bytes: &[u8],
    dtype: GgmlDType,
    rows: usize,
    columns: usize,
    level: Level,
) -> Result<Box<dyn WeightMatrix>> {
    if let Some(matrix) = floats::read(bytes, dtype, columns, level) {
        return Ok(matrix);
    }
    match x86::read(bytes, dtype, columns, level) {
        Some(matrix) => Ok(matrix),
        None => tensor::read(bytes, dtype, rows, columns),
    }
}

/// Returns the memory of a matrix that has this size in the file, in bytes.
pub(crate) fn memory(bytes: u64, dtype: GgmlDType, level: Level) -> u64 {
    let target = if requantize::is_slow(dtype) { GgmlDType::Q8_0 } else { dtype };
    let sizes = x86::unit_sizes(dtype, level).unwrap_or((dtype.type_size(), target.type_size()));
    bytes.div_ceil(crate::numbers::to_u64(sizes.0).max(1)) * crate::numbers::to_u64(sizes.1)
}
