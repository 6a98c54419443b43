//! The choice of a kernel on x86-64.

use super::formats::{Format, Q2K, Q3K, Q4K, Q4One, Q4Zero, Q5K, Q5One, Q5Zero, Q6K, Q8Zero};
use super::kernel::Kernel;
use super::matrix;
use super::product::Units;
use super::weight_matrix::WeightMatrix;
use crate::simd::Level;
use candle_core::quantized::GgmlDType;

/// Reads a matrix. `None` if the format has no kernel, or the instruction set has none.
pub(super) fn read(
    bytes: &[u8],
    dtype: GgmlDType,
    columns: usize,
    level: Level,
) -> Option<Box<dyn WeightMatrix>> {
    match level {
        Level::Portable => None,
        Level::Avx2(simd) => read_with(bytes, dtype, columns, simd, level),
        Level::Avx512(simd) => read_with(bytes, dtype, columns, simd, level),
    }
}

fn read_with<K: Kernel + 'static>(
    bytes: &[u8],
    dtype: GgmlDType,
    columns: usize,
    simd: K,
    level: Level,
) -> Option<Box<dyn WeightMatrix>> {
    match dtype {
        GgmlDType::Q4_0 => matrix::read::<Q4Zero, 1, K>(bytes, columns, simd, level),
        GgmlDType::Q4_1 => matrix::read::<Q4One, 1, K>(bytes, columns, simd, level),
        GgmlDType::Q5_0 => matrix::read::<Q5Zero, 1, K>(bytes, columns, simd, level),
        GgmlDType::Q5_1 => matrix::read::<Q5One, 1, K>(bytes, columns, simd, level),
        GgmlDType::Q8_0 => matrix::read::<Q8Zero, 1, K>(bytes, columns, simd, level),
        GgmlDType::Q2K => matrix::read::<Q2K, 8, K>(bytes, columns, simd, level),
        GgmlDType::Q3K => matrix::read::<Q3K, 8, K>(bytes, columns, simd, level),
        GgmlDType::Q4K => matrix::read::<Q4K, 8, K>(bytes, columns, simd, level),
        GgmlDType::Q5K => matrix::read::<Q5K, 8, K>(bytes, columns, simd, level),
        GgmlDType::Q6K => matrix::read::<Q6K, 8, K>(bytes, columns, simd, level),
        _ => None,
    }
}

/// Returns the sizes of the units of 16 rows, in the file and in memory. `None` as in [`read`].
pub(super) fn unit_sizes(dtype: GgmlDType, level: Level) -> Option<(usize, usize)> {
    if matches!(level, Level::Portable) {
        return None;
    }
    match dtype {
        GgmlDType::Q4_0 => Some(sizes::<Q4Zero, 1>()),
        GgmlDType::Q4_1 => Some(sizes::<Q4One, 1>()),
        GgmlDType::Q5_0 => Some(sizes::<Q5Zero, 1>()),
        GgmlDType::Q5_1 => Some(sizes::<Q5One, 1>()),
        GgmlDType::Q8_0 => Some(sizes::<Q8Zero, 1>()),
        GgmlDType::Q2K => Some(sizes::<Q2K, 8>()),
        GgmlDType::Q3K => Some(sizes::<Q3K, 8>()),
        GgmlDType::Q4K => Some(sizes::<Q4K, 8>()),
        GgmlDType::Q5K => Some(sizes::<Q5K, 8>()),
        GgmlDType::Q6K => Some(sizes::<Q6K, 8>()),
        _ => None,
    }
}

fn sizes<F: Format<BLOCKS>, const BLOCKS: usize>() -> (usize, usize) {
    (F::BYTES * super::layout::LANES, Units::<F, BLOCKS>::BYTES)
}
