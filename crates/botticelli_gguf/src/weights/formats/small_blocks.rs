//! Formats with a scale for 32 weights.

use super::{BLOCK, Format, RowScales, bytes, half, joined};
use crate::weights::numbers::{Eight, Five, Four};
use crate::weights::scales::{One, WithMin};

/// Reads numbers of 4 bits. The first half of the block is in the lower bits, the second in the upper ones.
fn four_bits(unit: &[u8], begin: usize) -> [u8; BLOCK] {
    let packed: [u8; 16] = bytes(unit, begin);
    let mut numbers = [0; BLOCK];
    if let Some((first, second)) = numbers.split_first_chunk_mut::<16>() {
        *first = packed.map(|byte| byte & 15);
        for (number, byte) in second.iter_mut().zip(packed) {
            *number = byte >> 4;
        }
    }
    numbers
}

/// Reads numbers of 5 bits. The upper bits come first.
fn five_bits(unit: &[u8], begin: usize) -> [u8; BLOCK] {
    let mut rest = u32::from_le_bytes(bytes(unit, begin));
    let mut upper = [0; BLOCK];
    for bit in &mut upper {
        *bit = u8::from(rest & 1 == 1);
        rest >>= 1;
    }
    joined(four_bits(unit, begin + 4), upper, 4)
}

fn one(unit: &[u8]) -> RowScales {
    RowScales { scale: half(unit, 0), ..RowScales::default() }
}

fn with_min(unit: &[u8]) -> RowScales {
    RowScales { scale: half(unit, 0), min: half(unit, 2), ..RowScales::default() }
}

/// The format `Q4_0`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q4Zero;

impl Format<1> for Q4Zero {
    type Scales = One;
    type Numbers = Four;

    const BYTES: usize = 18;

    fn scales(unit: &[u8]) -> RowScales {
        one(unit)
    }

    fn numbers(unit: &[u8], _block: usize) -> [u8; BLOCK] {
        four_bits(unit, 2)
    }
}

/// The format `Q4_1`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q4One;

impl Format<1> for Q4One {
    type Scales = WithMin;
    type Numbers = Four;

    const BYTES: usize = 20;

    fn scales(unit: &[u8]) -> RowScales {
        with_min(unit)
    }

    fn numbers(unit: &[u8], _block: usize) -> [u8; BLOCK] {
        four_bits(unit, 4)
    }
}

/// The format `Q5_0`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q5Zero;

impl Format<1> for Q5Zero {
    type Scales = One;
    type Numbers = Five;

    const BYTES: usize = 22;

    fn scales(unit: &[u8]) -> RowScales {
        one(unit)
    }

    fn numbers(unit: &[u8], _block: usize) -> [u8; BLOCK] {
        five_bits(unit, 2)
    }
}

/// The format `Q5_1`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q5One;

impl Format<1> for Q5One {
    type Scales = WithMin;
    type Numbers = Five;

    const BYTES: usize = 24;

    fn scales(unit: &[u8]) -> RowScales {
        with_min(unit)
    }

    fn numbers(unit: &[u8], _block: usize) -> [u8; BLOCK] {
        five_bits(unit, 4)
    }
}

/// The format `Q8_0`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q8Zero;

impl Format<1> for Q8Zero {
    type Scales = One;
    type Numbers = Eight;

    const BYTES: usize = 34;

    fn scales(unit: &[u8]) -> RowScales {
        one(unit)
    }

    fn numbers(unit: &[u8], _block: usize) -> [u8; BLOCK] {
        // Adds 128 to a number with a sign.
        bytes::<BLOCK>(unit, 2).map(|number| number ^ 128)
    }
}
