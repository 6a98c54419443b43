//! Matrices of weights, and their products with rows of numbers.
//!
//! On x86-64 with AVX2, the weights stay in the format of the file. A kernel unpacks 32 of them into whole numbers of 8 bits, and
//! multiplies them with inputs that are rounded to 8 bits. Other processors use the kernels of candle-core. The product of a row
//! does not depend on the other rows of a batch, or on the number of threads.

#![cfg_attr(
    target_arch = "x86_64",
    expect(
        clippy::inline_always,
        reason = "the instructions are enabled for one function, and everything in its loop must become part of it"
    )
)]

mod floats;
#[cfg(target_arch = "x86_64")]
mod formats;
#[cfg(target_arch = "x86_64")]
mod inputs;
#[cfg(target_arch = "x86_64")]
mod kernel;
#[cfg(target_arch = "x86_64")]
mod matrix;
mod read;
mod requantize;
mod tensor;
mod weight_matrix;
#[cfg(target_arch = "x86_64")]
mod x86;
#[cfg(not(target_arch = "x86_64"))]
#[path = "no_kernels.rs"]
mod x86;

pub(crate) use read::{memory, read};
pub(crate) use weight_matrix::WeightMatrix;
