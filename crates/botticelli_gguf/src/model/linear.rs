//! A matrix of weights.

use crate::file::{Matrix, ModelFile};
use botticelli_error::BotticelliError;
use candle_core::{Device, Result, Tensor};
use std::sync::Arc;

/// A matrix of weights, and a vector that is added to the product.
#[derive(Clone)]
pub(super) struct Linear {
    weights: Arc<Matrix>,
    bias: Option<Vec<f32>>,
    inputs: usize,
    outputs: usize,
}

impl Linear {
    /// Reads `NAME.weight`, and `NAME.bias` if the file has it.
    pub(super) fn read(
        file: &mut ModelFile,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> std::result::Result<Self, BotticelliError> {
        let weights = file.matrix(&format!("{name}.weight"), outputs, inputs)?;
        let bias = format!("{name}.bias");
        let bias = if file.has(&bias) { Some(file.vector(&bias, outputs)?) } else { None };
        Ok(Self { weights: Arc::new(weights), bias, inputs, outputs })
    }

    /// Returns the products for `rows` rows of numbers.
    pub(super) fn apply(&self, numbers: &[f32], rows: usize) -> Result<Vec<f32>> {
        let mut output = match self.weights.as_ref() {
            Matrix::Int8(weights) => weights.apply(numbers, rows),
            Matrix::Tensor(weights) => {
                let input = Tensor::from_slice(numbers, (rows, self.inputs), &Device::Cpu)?;
                input.apply_op1_no_bwd(weights)?.flatten_all()?.to_vec1::<f32>()?
            }
        };
        if let Some(bias) = &self.bias {
            for row in output.chunks_exact_mut(self.outputs) {
                for (number, bias) in row.iter_mut().zip(bias) {
                    *number += bias;
                }
            }
        }
        Ok(output)
    }

    /// Returns rows of the matrix.
    pub(super) fn rows(&self, ids: &[u32]) -> Result<Vec<f32>> {
        match self.weights.as_ref() {
            Matrix::Int8(weights) => Ok(weights.numbers(ids)),
            Matrix::Tensor(weights) => {
                let ids = Tensor::from_slice(ids, ids.len(), &Device::Cpu)?;
                weights.embedding(&ids)?.flatten_all()?.to_vec1::<f32>()
            }
        }
    }
}

impl std::fmt::Debug for Linear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Linear({} x {})", self.outputs, self.inputs)
    }
}
