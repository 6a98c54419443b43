//! Matrices with the kernels of candle-core, for processors without kernels of our own.

use super::requantize;
use super::weight_matrix::WeightMatrix;
use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{Device, Result, Tensor};
use std::borrow::Cow;

/// A matrix of candle-core.
struct CandleMatrix {
    tensor: QTensor,
    columns: usize,
}

/// Reads a matrix. Formats without a fast kernel are converted.
pub(super) fn read(
    bytes: &[u8],
    dtype: GgmlDType,
    rows: usize,
    columns: usize,
) -> Result<Box<dyn WeightMatrix>> {
    let (bytes, dtype) = if requantize::is_slow(dtype) {
        (Cow::Owned(requantize::to_q8_0(bytes, dtype, columns)?), GgmlDType::Q8_0)
    } else {
        (Cow::Borrowed(bytes), dtype)
    };
    let storage = QStorage::from_data(bytes, &Device::Cpu, dtype)?;
    Ok(Box::new(CandleMatrix { tensor: QTensor::new(storage, (rows, columns))?, columns }))
}

impl WeightMatrix for CandleMatrix {
    fn apply(&self, numbers: &[f32], count: usize) -> Result<Vec<f32>> {
        let input = Tensor::from_slice(numbers, (count, self.columns), &Device::Cpu)?;
        input.apply_op1_no_bwd(&self.tensor)?.flatten_all()?.to_vec1::<f32>()
    }

    fn rows(&self, ids: &[u32]) -> Result<Vec<f32>> {
        let ids = Tensor::from_slice(ids, ids.len(), &Device::Cpu)?;
        self.tensor.embedding(&ids)?.flatten_all()?.to_vec1::<f32>()
    }
}
