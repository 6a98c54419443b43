//! Conversion of formats without fast kernels.

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{Device, Result};
use std::borrow::Cow;

/// Rows that are converted together. More rows need more memory for a moment.
const ROWS: usize = 256;

/// Returns whether the kernels for a format are slow. Such a format is converted to `Q8_0`.
///
/// The kernels for these formats use no vector instructions on any processor. `Q8_0` represents their values with an error of at
/// most 0.4 % of the greatest value of a block of 32.
pub(super) const fn is_slow(dtype: GgmlDType) -> bool {
    matches!(dtype, GgmlDType::Q4_1 | GgmlDType::Q5_0 | GgmlDType::Q5_1)
}

/// Converts a matrix to `Q8_0`, a few rows at a time.
pub(super) fn to_q8_0(bytes: &[u8], dtype: GgmlDType, columns: usize) -> Result<Vec<u8>> {
    let row_bytes = columns / dtype.block_size() * dtype.type_size();
    let target = GgmlDType::Q8_0;
    let size = bytes.len() / dtype.type_size() * target.type_size();
    let mut converted = Vec::with_capacity(size);
    for part in bytes.chunks(row_bytes.saturating_mul(ROWS).max(1)) {
        let rows = part.len() / row_bytes.max(1);
        let storage = QStorage::from_data(Cow::Borrowed(part), &Device::Cpu, dtype)?;
        let numbers = QTensor::new(storage, (rows, columns))?.dequantize(&Device::Cpu)?;
        converted.extend_from_slice(&QTensor::quantize(&numbers, target)?.data()?);
    }
    Ok(converted)
}
