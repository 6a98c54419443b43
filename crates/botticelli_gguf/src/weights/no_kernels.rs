//! The kernels that other processors than x86-64 do not have.

use super::weight_matrix::WeightMatrix;
use candle_core::quantized::GgmlDType;

pub(super) fn read(_: &[u8], _: GgmlDType, _: usize) -> Option<Box<dyn WeightMatrix>> {
    None
}

pub(super) fn unit_sizes(_: GgmlDType) -> Option<(usize, usize)> {
    None
}
