//! Whole numbers of few bits, packed for the lanes of a vector.
//!
//! A row of 64 bytes has four bytes of each lane. The bytes of a lane that follow each other belong to neighbors, so that one
//! instruction multiplies them with four inputs.

use super::layout::{BLOCK, LANES};
use fearless_simd::{Simd, prelude::*, u8x64};

/// A row of bytes: four of each lane. Its alignment keeps a load inside of a line of the processor's cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Row([u8; 64]);

/// The whole numbers of a block of each lane, without signs.
pub(super) trait Numbers: Copy + Send + Sync + 'static {
    const BITS: u32;
    /// The number that means zero in a format without minima. Numbers of eight bits have a sign instead.
    const ZERO: f32;

    /// Packs the numbers of the lanes.
    fn pack(lanes: &[[u8; BLOCK]; LANES]) -> Self;

    /// Unpacks the first or the second half of the block.
    fn half<S: Simd, const HALF: usize>(&self, simd: S) -> [u8x64<S>; 4];
}

/// Returns a row of the numbers of all lanes. `number` gets a lane, and an index from 0 to 3.
fn row(number: impl Fn(&[u8; BLOCK], usize) -> u8, lanes: &[[u8; BLOCK]; LANES]) -> Row {
    let mut row = [0; 64];
    for (bytes, lane) in row.as_chunks_mut::<4>().0.iter_mut().zip(lanes) {
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = number(lane, at);
        }
    }
    Row(row)
}

/// Returns a number of a block.
fn at(lane: &[u8; BLOCK], index: usize) -> u8 {
    lane.get(index).copied().unwrap_or_default()
}

#[inline(always)]
fn load<S: Simd>(simd: S, row: &Row) -> u8x64<S> {
    u8x64::load_array_ref(simd, &row.0)
}

/// Two bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Two([Row; 2]);

impl Numbers for Two {
    const BITS: u32 = 2;
    const ZERO: f32 = 0.0;

    fn pack(lanes: &[[u8; BLOCK]; LANES]) -> Self {
        Self([0, 16].map(|first| {
            row(
                |lane, index| (0..4).map(|four| (at(lane, first + four * 4 + index) & 3) << (four * 2)).sum(),
                lanes,
            )
        }))
    }

    #[inline(always)]
    fn half<S: Simd, const HALF: usize>(&self, simd: S) -> [u8x64<S>; 4] {
        let [first, second] = &self.0;
        let row = load(simd, if HALF == 0 { first } else { second });
        [row & 3, (row >> 2) & 3, (row >> 4) & 3, (row >> 6) & 3]
    }
}

/// Three bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Three {
    lower: Two,
    upper: Row,
}

impl Numbers for Three {
    const BITS: u32 = 3;
    const ZERO: f32 = 4.0;

    fn pack(lanes: &[[u8; BLOCK]; LANES]) -> Self {
        Self { lower: Two::pack(lanes), upper: single_bits(lanes, 2) }
    }

    #[inline(always)]
    fn half<S: Simd, const HALF: usize>(&self, simd: S) -> [u8x64<S>; 4] {
        let [l0, l1, l2, l3] = self.lower.half::<S, HALF>(simd);
        let upper = load(simd, &self.upper);
        let [u0, u1, u2, u3] = if HALF == 0 {
            [upper << 2, upper << 1, upper, upper >> 1]
        } else {
            [upper >> 2, upper >> 3, upper >> 4, upper >> 5]
        };
        [l0 | (u0 & 4), l1 | (u1 & 4), l2 | (u2 & 4), l3 | (u3 & 4)]
    }
}

/// Packs one bit of each number: those of the numbers with the same index in a group of four are in one byte.
fn single_bits(lanes: &[[u8; BLOCK]; LANES], bit: u32) -> Row {
    row(|lane, index| (0..8).map(|four| ((at(lane, four * 4 + index) >> bit) & 1) << four).sum(), lanes)
}

/// Four bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Four([Row; 4]);

impl Numbers for Four {
    const BITS: u32 = 4;
    const ZERO: f32 = 8.0;

    fn pack(lanes: &[[u8; BLOCK]; LANES]) -> Self {
        Self([0, 4, 8, 12].map(|first| {
            row(|lane, index| (at(lane, first + index) & 15) | (at(lane, first + index + 16) << 4), lanes)
        }))
    }

    #[inline(always)]
    fn half<S: Simd, const HALF: usize>(&self, simd: S) -> [u8x64<S>; 4] {
        let [first, second, third, fourth] = &self.0;
        let [r0, r1, r2, r3] = [load(simd, first), load(simd, second), load(simd, third), load(simd, fourth)];
        if HALF == 0 { [r0 & 15, r1 & 15, r2 & 15, r3 & 15] } else { [r0 >> 4, r1 >> 4, r2 >> 4, r3 >> 4] }
    }
}

/// Five bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Five {
    lower: Four,
    upper: Row,
}

impl Numbers for Five {
    const BITS: u32 = 5;
    const ZERO: f32 = 16.0;

    fn pack(lanes: &[[u8; BLOCK]; LANES]) -> Self {
        Self { lower: Four::pack(lanes), upper: single_bits(lanes, 4) }
    }

    #[inline(always)]
    fn half<S: Simd, const HALF: usize>(&self, simd: S) -> [u8x64<S>; 4] {
        let [l0, l1, l2, l3] = self.lower.half::<S, HALF>(simd);
        let upper = load(simd, &self.upper);
        let [u0, u1, u2, u3] = if HALF == 0 {
            [upper << 4, upper << 3, upper << 2, upper << 1]
        } else {
            [upper, upper >> 1, upper >> 2, upper >> 3]
        };
        [l0 | (u0 & 16), l1 | (u1 & 16), l2 | (u2 & 16), l3 | (u3 & 16)]
    }
}

/// Six bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Six {
    lower: Four,
    upper: [Row; 2],
}

impl Numbers for Six {
    const BITS: u32 = 6;
    const ZERO: f32 = 32.0;

    fn pack(lanes: &[[u8; BLOCK]; LANES]) -> Self {
        let upper = lanes.map(|lane| lane.map(|number| number >> 4));
        let Two(upper) = Two::pack(&upper);
        Self { lower: Four::pack(lanes), upper }
    }

    #[inline(always)]
    fn half<S: Simd, const HALF: usize>(&self, simd: S) -> [u8x64<S>; 4] {
        let [l0, l1, l2, l3] = self.lower.half::<S, HALF>(simd);
        let [first, second] = &self.upper;
        let upper = load(simd, if HALF == 0 { first } else { second });
        let [u0, u1, u2, u3] = [upper << 4, upper << 2, upper, upper >> 2];
        [l0 | (u0 & 0x30), l1 | (u1 & 0x30), l2 | (u2 & 0x30), l3 | (u3 & 0x30)]
    }
}

/// Eight bits: numbers with signs, and 128 added to them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Eight([Row; 8]);

impl Numbers for Eight {
    const BITS: u32 = 8;
    const ZERO: f32 = 0.0;

    fn pack(lanes: &[[u8; BLOCK]; LANES]) -> Self {
        Self([0, 4, 8, 12, 16, 20, 24, 28].map(|first| row(|lane, index| at(lane, first + index), lanes)))
    }

    #[inline(always)]
    fn half<S: Simd, const HALF: usize>(&self, simd: S) -> [u8x64<S>; 4] {
        let [r0, r1, r2, r3, r4, r5, r6, r7] = &self.0;
        let [a, b, c, d] = if HALF == 0 { [r0, r1, r2, r3] } else { [r4, r5, r6, r7] };
        [load(simd, a), load(simd, b), load(simd, c), load(simd, d)]
    }
}
