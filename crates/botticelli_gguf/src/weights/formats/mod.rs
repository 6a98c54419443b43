//! The formats of weights.
//!
//! The layouts are those of the GGUF format. Scales have 32 bits in memory, and 16 in a file.

mod k_quants;
mod small_blocks;

pub(super) use k_quants::{Q2K, Q3K, Q4K, Q5K, Q6K};
pub(super) use small_blocks::{Q4One, Q4Zero, Q5One, Q5Zero, Q8Zero};

use super::kernel::{Block, Unit};
use pulp::x86::V3;
use std::arch::x86_64::__m256i;

/// Reads fields one after the other. Missing bytes are zeros.
pub(super) struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let Some((first, rest)) = self.0.split_first_chunk::<N>() else { return [0; N] };
        self.0 = rest;
        *first
    }

    fn half(&mut self) -> f32 {
        crate::half::read_half(u16::from_le_bytes(self.bytes()))
    }
}

/// Returns a block whose weights have signs.
#[inline(always)]
fn signed(simd: V3, numbers: __m256i, multiplier: __m256i, scale: f32) -> Block {
    let mins = simd.avx._mm256_setzero_ps();
    Block { numbers: simd.avx2._mm256_abs_epi8(numbers), signs: numbers, multiplier, scale, mins }
}

/// Returns factors for the first and the second half of a block.
#[inline(always)]
fn halves(simd: V3, first: i16, second: i16) -> __m256i {
    let (first, second) = (simd.sse2._mm_set1_epi16(first), simd.sse2._mm_set1_epi16(second));
    simd.avx._mm256_set_m128i(second, first)
}

/// Shifts each byte to the right, and keeps the bits of `mask`.
#[inline(always)]
fn bits(simd: V3, bytes: __m256i, shift: usize, mask: i8) -> __m256i {
    // Bits of the neighbor byte are outside of the mask.
    let count = simd.sse2._mm_cvtsi32_si128(i32::try_from(shift).unwrap_or_default());
    let shifted = simd.avx2._mm256_srl_epi16(bytes, count);
    simd.avx2._mm256_and_si256(shifted, simd.avx._mm256_set1_epi8(mask))
}
