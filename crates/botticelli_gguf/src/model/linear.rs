//! A matrix of weights.

use crate::file::ModelFile;
use crate::weights::WeightMatrix;
use botticelli_error::BotticelliError;
use candle_core::Result;
use std::sync::Arc;

/// A matrix of weights, and a vector that is added to the product.
#[derive(Clone)]
pub(super) struct Linear {
    weights: Arc<dyn WeightMatrix>,
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
        Ok(Self { weights: weights.into(), bias, inputs, outputs })
    }

    /// Returns the products for `rows` rows of numbers.
    pub(super) fn apply(&self, numbers: &[f32], rows: usize) -> Result<Vec<f32>> {
        let mut output = self.weights.apply(numbers, rows)?;
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
        self.weights.rows(ids)
    }
}

impl std::fmt::Debug for Linear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Linear({} x {})", self.outputs, self.inputs)
    }
}
