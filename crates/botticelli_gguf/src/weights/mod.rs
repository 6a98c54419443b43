//! Matrices of weights, and their products with rows of numbers.
//!
//! On x86-64 with AVX2 or AVX-512, the weights keep the bits of the file, but those of 16 rows are interleaved: a lane of a vector
//! belongs to a row. A kernel unpacks whole numbers of up to 8 bits, and multiplies them with inputs that are rounded to 8 bits. Other
//! processors use the kernels of candle-core. The product of a row does not depend on the other rows of a batch, on the number of
//! threads, or on the width of the vectors.

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
mod layout;
#[cfg(target_arch = "x86_64")]
mod matrix;
#[cfg(target_arch = "x86_64")]
mod numbers;
#[cfg(target_arch = "x86_64")]
mod product;
mod read;
mod requantize;
#[cfg(target_arch = "x86_64")]
mod scales;
mod tensor;
mod weight_matrix;
#[cfg(target_arch = "x86_64")]
mod x86;
#[cfg(not(target_arch = "x86_64"))]
#[path = "no_kernels.rs"]
mod x86;

pub(crate) use read::{memory, read};
pub(crate) use weight_matrix::WeightMatrix;
