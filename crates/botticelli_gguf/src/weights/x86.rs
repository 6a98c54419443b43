//! The choice of a kernel on x86-64.

use super::formats::{Q2K, Q3K, Q4K, Q4One, Q4Zero, Q5K, Q5One, Q5Zero, Q6K, Q8Zero};
use super::kernel::Unit;
use super::matrix;
use super::weight_matrix::WeightMatrix;
use candle_core::quantized::GgmlDType;
use pulp::x86::V3;

/// Calls a generic function with the format of a type.
macro_rules! with_format {
    ($dtype:expr, $function:ident($($argument:expr),*)) => {
        match $dtype {
            GgmlDType::Q4_0 => $function::<Q4Zero>($($argument),*),
            GgmlDType::Q4_1 => $function::<Q4One>($($argument),*),
            GgmlDType::Q5_0 => $function::<Q5Zero>($($argument),*),
            GgmlDType::Q5_1 => $function::<Q5One>($($argument),*),
            GgmlDType::Q8_0 => $function::<Q8Zero>($($argument),*),
            GgmlDType::Q2K => $function::<Q2K>($($argument),*),
            GgmlDType::Q3K => $function::<Q3K>($($argument),*),
            GgmlDType::Q4K => $function::<Q4K>($($argument),*),
            GgmlDType::Q5K => $function::<Q5K>($($argument),*),
            GgmlDType::Q6K => $function::<Q6K>($($argument),*),
            _ => None,
        }
    };
}

/// Reads a matrix. `None` if the format has no kernel, or the processor does not have its instructions.
pub(super) fn read(bytes: &[u8], dtype: GgmlDType, columns: usize) -> Option<Box<dyn WeightMatrix>> {
    use matrix::read;
    let simd = V3::try_new()?;
    with_format!(dtype, read(bytes, columns, simd))
}

/// Returns the sizes of a unit in the file and in memory. `None` as in [`read`].
pub(super) fn unit_sizes(dtype: GgmlDType) -> Option<(usize, usize)> {
    V3::try_new()?;
    with_format!(dtype, sizes())
}

#[expect(clippy::unnecessary_wraps, reason = "the type of the other formats")]
fn sizes<U: Unit>() -> Option<(usize, usize)> {
    Some((U::BYTES, size_of::<U>()))
}
