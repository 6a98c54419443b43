//! The kernels that other processors than x86-64 do not have.

use super::weight_matrix::WeightMatrix;
use crate::simd::Level;
use candle_core::quantized::GgmlDType;

pub(super) fn read(_: &[u8], _: GgmlDType, _: usize, _: Level) -> Option<Box<dyn WeightMatrix>> {
    None
}

pub(super) fn unit_sizes(_: GgmlDType, _: Level) -> Option<(usize, usize)> {
    None
}
