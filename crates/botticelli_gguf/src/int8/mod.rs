//! Products of 8-bit matrices, with the AVX2 instructions of x86-64.
//!
//! The kernels of candle-core use the fast instructions for `Q8_0` only on processors with VNNI, and only if the length of the rows
//! is divisible by 256. Small models have other lengths. The sum of a product does not depend on the other rows of a batch.

#![expect(
    clippy::inline_always,
    reason = "the instructions are enabled for one function, and everything in its loop must become part of it"
)]

mod kernel;
mod matrix;
mod rows;

pub(crate) use kernel::Kernel;
pub(crate) use matrix::Int8Matrix;

/// Numbers in a block. A block has one scale.
const BLOCK: usize = 32;
