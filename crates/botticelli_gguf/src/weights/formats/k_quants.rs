//! Formats with a scale for 256 weights, and small scales for 16 or 32 of them.

use super::{Block, Fields, Unit, bits, halves, signed};
use pulp::x86::V3;
use std::arch::x86_64::{__m256, __m256i};

/// Returns an element of an array. Indices are always inside of the array.
#[inline(always)]
fn at<T: Copy + Default, const N: usize>(array: &[T; N], index: usize) -> T {
    array.get(index).copied().unwrap_or_default()
}

/// Returns the 32 bytes with an index.
#[inline(always)]
fn row<const N: usize>(bytes: &[[u8; 32]; N], index: usize) -> __m256i {
    pulp::cast(at(bytes, index))
}

/// Reads rows of 32 bytes.
fn rows<const N: usize>(fields: &mut Fields<'_>) -> [[u8; 32]; N] {
    std::array::from_fn(|_| fields.bytes())
}

/// Reads the scales and the minima of `Q4_K` and `Q5_K`, which have 6 bits each.
fn scales_and_mins(bytes: [u8; 12]) -> ([u8; 8], [u8; 8]) {
    let byte = |index: usize| at(&bytes, index);
    let scale = |index: usize| match index {
        0..4 => byte(index) & 63,
        _ => (byte(index + 4) & 15) | (byte(index - 4) >> 6 << 4),
    };
    let min = |index: usize| match index {
        0..4 => byte(index + 4) & 63,
        _ => (byte(index + 4) >> 4) | (byte(index) >> 6 << 4),
    };
    (std::array::from_fn(scale), std::array::from_fn(min))
}

/// Returns a block with one small scale and one minimum.
#[inline(always)]
fn with_min(simd: V3, numbers: __m256i, small_scale: u8, scale: f32, mins: __m256) -> Block {
    let multiplier = simd.avx._mm256_set1_epi16(i16::from(small_scale));
    Block { numbers, signs: numbers, multiplier, scale, mins }
}

/// The format `Q4_K`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q4K {
    scale: f32,
    min: f32,
    scales: [u8; 8],
    mins: [u8; 8],
    bits: [[u8; 32]; 4],
}

impl Unit for Q4K {
    const BYTES: usize = 144;
    const BLOCKS: usize = 8;
    const IS_SIGNED: bool = false;

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        let (scale, min) = (fields.half(), -fields.half());
        let (scales, mins) = scales_and_mins(fields.bytes());
        Self { scale, min, scales, mins, bits: rows(&mut fields) }
    }

    #[inline(always)]
    fn block(&self, simd: V3, index: usize) -> Block {
        let numbers = bits(simd, row(&self.bits, index / 2), index % 2 * 4, 15);
        let mins = simd.avx._mm256_set1_ps(self.min * f32::from(at(&self.mins, index)));
        with_min(simd, numbers, at(&self.scales, index), self.scale, mins)
    }
}

/// The format `Q5_K`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q5K {
    scale: f32,
    min: f32,
    scales: [u8; 8],
    mins: [u8; 8],
    upper: [u8; 32],
    bits: [[u8; 32]; 4],
}

impl Unit for Q5K {
    const BYTES: usize = 176;
    const BLOCKS: usize = 8;
    const IS_SIGNED: bool = false;

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        let (scale, min) = (fields.half(), -fields.half());
        let (scales, mins) = scales_and_mins(fields.bytes());
        Self { scale, min, scales, mins, upper: fields.bytes(), bits: rows(&mut fields) }
    }

    #[inline(always)]
    fn block(&self, simd: V3, index: usize) -> Block {
        let lower = bits(simd, row(&self.bits, index / 2), index % 2 * 4, 15);
        let upper = simd.avx2._mm256_slli_epi16::<4>(bits(simd, pulp::cast(self.upper), index, 1));
        let numbers = simd.avx2._mm256_or_si256(lower, upper);
        let mins = simd.avx._mm256_set1_ps(self.min * f32::from(at(&self.mins, index)));
        with_min(simd, numbers, at(&self.scales, index), self.scale, mins)
    }
}

/// The format `Q6_K`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q6K {
    scale: f32,
    scales: [u8; 16],
    upper: [[u8; 32]; 2],
    lower: [[u8; 32]; 4],
}

impl Unit for Q6K {
    const BYTES: usize = 210;
    const BLOCKS: usize = 8;
    const IS_SIGNED: bool = true;

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        let (lower, upper) = (rows(&mut fields), rows(&mut fields));
        Self { scales: fields.bytes(), scale: fields.half(), upper, lower }
    }

    #[inline(always)]
    fn block(&self, simd: V3, index: usize) -> Block {
        // Each half of the unit has four blocks: the lower bits are in two rows, the upper ones in one.
        let (half, quarter) = (index / 4, index % 4);
        let lower = bits(simd, row(&self.lower, half * 2 + quarter % 2), quarter / 2 * 4, 15);
        let upper = simd.avx2._mm256_slli_epi16::<4>(bits(simd, row(&self.upper, half), quarter * 2, 3));
        let numbers = simd.avx2._mm256_or_si256(lower, upper);
        let numbers = simd.avx2._mm256_sub_epi8(numbers, simd.avx._mm256_set1_epi8(32));
        let scale = |at_half: usize| i16::from(at(&self.scales, index * 2 + at_half).cast_signed());
        signed(simd, numbers, halves(simd, scale(0), scale(1)), self.scale)
    }
}

/// The format `Q3_K`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q3K {
    scale: f32,
    scales: [i8; 16],
    upper: [u8; 32],
    lower: [[u8; 32]; 2],
}

impl Unit for Q3K {
    const BYTES: usize = 110;
    const BLOCKS: usize = 8;
    const IS_SIGNED: bool = true;

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        let (upper, lower) = (fields.bytes(), rows(&mut fields));
        let packed: [u8; 12] = fields.bytes();
        let scale = |index: usize| {
            let lower = if index < 8 { at(&packed, index) & 15 } else { at(&packed, index - 8) >> 4 };
            let upper = (at(&packed, 8 + index % 4) >> (index / 4 * 2)) & 3;
            (lower | (upper << 4)).cast_signed() - 32
        };
        Self { scales: std::array::from_fn(scale), scale: fields.half(), upper, lower }
    }

    #[inline(always)]
    fn block(&self, simd: V3, index: usize) -> Block {
        let lower = bits(simd, row(&self.lower, index / 4), index % 4 * 2, 3);
        let upper = simd.avx2._mm256_slli_epi16::<2>(bits(simd, pulp::cast(self.upper), index, 1));
        let numbers = simd.avx2._mm256_or_si256(lower, upper);
        let numbers = simd.avx2._mm256_sub_epi8(numbers, simd.avx._mm256_set1_epi8(4));
        let scale = |at_half: usize| i16::from(at(&self.scales, index * 2 + at_half));
        signed(simd, numbers, halves(simd, scale(0), scale(1)), self.scale)
    }
}

/// The format `Q2_K`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q2K {
    scale: f32,
    min: f32,
    scales: [u8; 16],
    bits: [[u8; 32]; 2],
}

impl Unit for Q2K {
    const BYTES: usize = 84;
    const BLOCKS: usize = 8;
    const IS_SIGNED: bool = false;

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        let (scales, bits) = (fields.bytes(), rows(&mut fields));
        Self { scales, bits, scale: fields.half(), min: -fields.half() }
    }

    #[inline(always)]
    fn block(&self, simd: V3, index: usize) -> Block {
        let numbers = bits(simd, row(&self.bits, index / 4), index % 4 * 2, 3);
        let [first, second] = [at(&self.scales, index * 2), at(&self.scales, index * 2 + 1)];
        let multiplier = halves(simd, i16::from(first & 15), i16::from(second & 15));
        let min = |scale: u8| simd.sse._mm_set1_ps(self.min * f32::from(scale >> 4));
        let mins = simd.avx._mm256_set_m128(min(second), min(first));
        Block { numbers, signs: numbers, multiplier, scale: self.scale, mins }
    }
}
