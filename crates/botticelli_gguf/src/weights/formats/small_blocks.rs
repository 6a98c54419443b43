//! Formats with a scale for 32 weights.

use super::{Block, Fields, Unit, signed};
use pulp::x86::V3;
use std::arch::x86_64::__m256i;

/// The format `Q8_0`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Q8Zero {
    scale: f32,
    numbers: [u8; 32],
}

impl Unit for Q8Zero {
    const BYTES: usize = 34;
    const BLOCKS: usize = 1;
    const IS_SIGNED: bool = true;

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        Self { scale: fields.half(), numbers: fields.bytes() }
    }

    #[inline(always)]
    fn block(&self, simd: V3, _at: usize) -> Block {
        signed(simd, pulp::cast(self.numbers), simd.avx._mm256_set1_epi16(1), self.scale)
    }
}

/// The whole numbers of a format with few bits.
pub(in super::super) trait Bits: Copy + Send + Sync + 'static {
    /// Size in the file.
    const BYTES: usize;
    /// The number that means zero in a format without a minimum.
    const ZERO: i8;

    fn read(fields: &mut Fields<'_>) -> Self;

    /// Returns 32 whole numbers without a sign.
    fn numbers(&self, simd: V3) -> __m256i;
}

/// 4 bits.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Four([u8; 16]);

impl Bits for Four {
    const BYTES: usize = 16;
    const ZERO: i8 = 8;

    fn read(fields: &mut Fields<'_>) -> Self {
        Self(fields.bytes())
    }

    #[inline(always)]
    fn numbers(&self, simd: V3) -> __m256i {
        // The first half of the block is in the lower bits, the second in the upper ones.
        let bytes = pulp::cast(self.0);
        let both = simd.avx._mm256_set_m128i(simd.sse2._mm_srli_epi16::<4>(bytes), bytes);
        simd.avx2._mm256_and_si256(both, simd.avx._mm256_set1_epi8(15))
    }
}

/// 5 bits: the upper bits come first.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Five {
    upper: i32,
    lower: Four,
}

impl Bits for Five {
    const BYTES: usize = 20;
    const ZERO: i8 = 16;

    fn read(fields: &mut Fields<'_>) -> Self {
        Self { upper: i32::from_le_bytes(fields.bytes()), lower: Four::read(fields) }
    }

    #[inline(always)]
    fn numbers(&self, simd: V3) -> __m256i {
        // Each byte gets the byte with its bit, and all other bits set.
        let places: [u8; 32] = {
            let [a, b, c, d] = [[0_u8; 8], [1; 8], [2; 8], [3; 8]];
            pulp::cast([a, b, c, d])
        };
        let others: [u8; 32] = pulp::cast([[254_u8, 253, 251, 247, 239, 223, 191, 127]; 4]);
        let bytes = simd.avx2._mm256_shuffle_epi8(simd.avx._mm256_set1_epi32(self.upper), pulp::cast(places));
        let bytes = simd.avx2._mm256_or_si256(bytes, pulp::cast(others));
        let is_set = simd.avx2._mm256_cmpeq_epi8(bytes, simd.avx._mm256_set1_epi8(-1));
        let upper = simd.avx2._mm256_and_si256(is_set, simd.avx._mm256_set1_epi8(16));
        simd.avx2._mm256_or_si256(self.lower.numbers(simd), upper)
    }
}

/// Weights around zero.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Centered<B> {
    scale: f32,
    bits: B,
}

/// The format `Q4_0`.
pub(in super::super) type Q4Zero = Centered<Four>;
/// The format `Q5_0`.
pub(in super::super) type Q5Zero = Centered<Five>;
/// The format `Q4_1`.
pub(in super::super) type Q4One = WithMinimum<Four>;
/// The format `Q5_1`.
pub(in super::super) type Q5One = WithMinimum<Five>;

impl<B: Bits> Unit for Centered<B> {
    const BYTES: usize = 2 + B::BYTES;
    const BLOCKS: usize = 1;
    const IS_SIGNED: bool = true;

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        Self { scale: fields.half(), bits: B::read(&mut fields) }
    }

    #[inline(always)]
    fn block(&self, simd: V3, _at: usize) -> Block {
        let zero = simd.avx._mm256_set1_epi8(B::ZERO);
        let numbers = simd.avx2._mm256_sub_epi8(self.bits.numbers(simd), zero);
        signed(simd, numbers, simd.avx._mm256_set1_epi16(1), self.scale)
    }
}

/// Weights from a minimum.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct WithMinimum<B> {
    scale: f32,
    min: f32,
    bits: B,
}

impl<B: Bits> Unit for WithMinimum<B> {
    const BYTES: usize = 4 + B::BYTES;
    const BLOCKS: usize = 1;
    const IS_SIGNED: bool = false;

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        Self { scale: fields.half(), min: fields.half(), bits: B::read(&mut fields) }
    }

    #[inline(always)]
    fn block(&self, simd: V3, _at: usize) -> Block {
        let numbers = self.bits.numbers(simd);
        Block {
            numbers,
            signs: numbers,
            multiplier: simd.avx._mm256_set1_epi16(1),
            scale: self.scale,
            mins: simd.avx._mm256_set1_ps(self.min),
        }
    }
}
