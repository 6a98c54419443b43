//! Formats with a scale for 256 weights, and small scales for 16 or 32 of them.

use super::{BLOCK, Format, RowScales, bits, bytes, half, joined};
use crate::weights::numbers::{Five, Four, Six, Three, Two};
use crate::weights::scales::{Small, SmallWithMins};

/// Returns the row of 32 bytes with an index, of those that begin at a place.
fn row(unit: &[u8], begin: usize, index: usize) -> [u8; BLOCK] {
    bytes(unit, begin + index * BLOCK)
}

/// Returns small scales. Indices are always inside of the array.
fn small(scale: impl Fn(usize) -> u8) -> [i8; 16] {
    std::array::from_fn(|index| scale(index).cast_signed())
}

/// Reads the scales and the minima of `Q4_K` and `Q5_K`: a scale and a minimum of 16 bits, and eight of each with 6 bits.
fn six_bits(unit: &[u8]) -> RowScales {
    let packed: [u8; 12] = bytes(unit, 4);
    let byte = |index: usize| packed.get(index).copied().unwrap_or_default();
    let scale = |index: usize| match index {
        0..4 => byte(index) & 63,
        4..8 => (byte(index + 4) & 15) | (byte(index - 4) >> 6 << 4),
        _ => 0,
    };
    let min = |index: usize| match index {
        0..4 => byte(index + 4) & 63,
        4..8 => (byte(index + 4) >> 4) | (byte(index) >> 6 << 4),
        _ => 0,
    };
    RowScales { scale: half(unit, 0), min: half(unit, 2), small_scales: small(scale), small_mins: small(min) }
}

/// The format `Q4_K`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q4K;

impl Format<8> for Q4K {
    type Scales = SmallWithMins<8, 1>;
    type Numbers = Four;

    const BYTES: usize = 144;

    fn scales(unit: &[u8]) -> RowScales {
        six_bits(unit)
    }

    fn numbers(unit: &[u8], block: usize) -> [u8; BLOCK] {
        bits(row(unit, 16, block / 2), block % 2 * 4, 15)
    }
}

/// The format `Q5_K`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q5K;

impl Format<8> for Q5K {
    type Scales = SmallWithMins<8, 1>;
    type Numbers = Five;

    const BYTES: usize = 176;

    fn scales(unit: &[u8]) -> RowScales {
        six_bits(unit)
    }

    fn numbers(unit: &[u8], block: usize) -> [u8; BLOCK] {
        let lower = bits(row(unit, 48, block / 2), block % 2 * 4, 15);
        joined(lower, bits(row(unit, 16, 0), block, 1), 4)
    }
}

/// The format `Q6_K`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q6K;

impl Format<8> for Q6K {
    type Scales = Small;
    type Numbers = Six;

    const BYTES: usize = 210;

    fn scales(unit: &[u8]) -> RowScales {
        let packed: [u8; 16] = bytes(unit, 192);
        let small_scales = packed.map(u8::cast_signed);
        RowScales { scale: half(unit, 208), small_scales, ..RowScales::default() }
    }

    fn numbers(unit: &[u8], block: usize) -> [u8; BLOCK] {
        // Each half of the unit has four blocks: the lower bits are in two rows, the upper ones in one.
        let (half, quarter) = (block / 4, block % 4);
        let lower = bits(row(unit, 0, half * 2 + quarter % 2), quarter / 2 * 4, 15);
        joined(lower, bits(row(unit, 128, half), quarter * 2, 3), 4)
    }
}

/// The format `Q3_K`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q3K;

impl Format<8> for Q3K {
    type Scales = Small;
    type Numbers = Three;

    const BYTES: usize = 110;

    fn scales(unit: &[u8]) -> RowScales {
        let packed: [u8; 12] = bytes(unit, 96);
        let byte = |index: usize| packed.get(index).copied().unwrap_or_default();
        let scale = |index: usize| {
            let lower = if index < 8 { byte(index) & 15 } else { byte(index - 8) >> 4 };
            lower | (((byte(8 + index % 4) >> (index / 4 * 2)) & 3) << 4)
        };
        let small_scales = small(scale).map(|scale| scale - 32);
        RowScales { scale: half(unit, 108), small_scales, ..RowScales::default() }
    }

    fn numbers(unit: &[u8], block: usize) -> [u8; BLOCK] {
        let lower = bits(row(unit, 32, block / 4), block % 4 * 2, 3);
        joined(lower, bits(row(unit, 0, 0), block, 1), 2)
    }
}

/// The format `Q2_K`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q2K;

impl Format<8> for Q2K {
    type Scales = SmallWithMins<16, 2>;
    type Numbers = Two;

    const BYTES: usize = 84;

    fn scales(unit: &[u8]) -> RowScales {
        let packed: [u8; 16] = bytes(unit, 0);
        RowScales {
            scale: half(unit, 80),
            min: half(unit, 82),
            small_scales: packed.map(|byte| (byte & 15).cast_signed()),
            small_mins: packed.map(|byte| (byte >> 4).cast_signed()),
        }
    }

    fn numbers(unit: &[u8], block: usize) -> [u8; BLOCK] {
        bits(row(unit, 16, block / 4), block % 4 * 2, 3)
    }
}
