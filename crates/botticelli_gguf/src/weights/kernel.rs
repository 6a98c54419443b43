//! The instructions that a product needs.

use super::inputs::InputBlock;
use super::layout::LANES;
use fearless_simd::x86::{Avx2, Avx512};
use fearless_simd::{Simd, f32x8, f32x16, i8x16, i32x8, i32x16, prelude::*, u8x64, u16x16};
use std::arch::x86_64::{
    __m128i, __m256, __m256i, __m512, __m512i, _mm256_abs_epi8, _mm256_add_epi16, _mm256_add_epi32,
    _mm256_cvtepi8_epi32, _mm256_cvtepi32_ps, _mm256_cvtph_ps, _mm256_madd_epi16, _mm256_maddubs_epi16,
    _mm256_set1_epi8, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_sign_epi8, _mm256_xor_si256,
    _mm512_cvtepi8_epi32, _mm512_cvtepi32_ps, _mm512_cvtph_ps, _mm512_dpbusd_epi32, _mm512_set1_epi32,
};

/// An instruction set with products of 8 bits.
pub(super) trait Kernel: Simd {
    /// Converts floats of 16 bits.
    fn widen_halves(self, halves: &[u16; LANES]) -> f32x16<Self>;

    /// Converts whole numbers.
    fn widen_bytes(self, bytes: &[i8; LANES]) -> f32x16<Self>;

    /// Returns the sums to start with. Weights of 8 bits are stored with 128 added, and `offset` takes the products of that away.
    fn start<const BITS: u32>(self, offset: i32) -> i32x16<Self>;

    /// Returns the sums of the products of a block with the inputs of `N` rows.
    fn block<const BITS: u32, const N: usize>(
        self,
        halves: [[u8x64<Self>; 4]; 2],
        inputs: &InputBlock<N>,
    ) -> [i32x16<Self>; N];

    /// Adds the products of 16 inputs with 16 weights of each lane. A vector of weights has four of each lane, of `BITS` bits
    /// without a sign. Four inputs of 8 bits are in a number of 32.
    fn dot<const BITS: u32>(
        self,
        sums: i32x16<Self>,
        weights: &[u8x64<Self>; 4],
        inputs: &[i32; 4],
    ) -> i32x16<Self>;
}

impl Kernel for Avx512 {
    #[inline(always)]
    fn widen_halves(self, halves: &[u16; LANES]) -> f32x16<Self> {
        fearless_simd::kernel!(
            #[inline(always)]
            fn convert(_simd: Avx512, halves: __m256i) -> __m512 {
                _mm512_cvtph_ps(halves)
            }
        );
        convert(self, u16x16::load_array_ref(self, halves).into()).simd_into(self)
    }

    #[inline(always)]
    fn widen_bytes(self, bytes: &[i8; LANES]) -> f32x16<Self> {
        fearless_simd::kernel!(
            #[inline(always)]
            fn convert(_simd: Avx512, bytes: __m128i) -> __m512 {
                _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes))
            }
        );
        convert(self, i8x16::load_array_ref(self, bytes).into()).simd_into(self)
    }

    #[inline(always)]
    fn start<const BITS: u32>(self, offset: i32) -> i32x16<Self> {
        i32x16::splat(self, if BITS == 8 { offset } else { 0 })
    }

    #[inline(always)]
    fn block<const BITS: u32, const N: usize>(
        self,
        [first, second]: [[u8x64<Self>; 4]; 2],
        inputs: &InputBlock<N>,
    ) -> [i32x16<Self>; N] {
        // The sums of all rows stay in registers, and only half of the weights is there at a time.
        let mut sums = [i32x16::splat(self, 0); N];
        for (sums, offset) in sums.iter_mut().zip(inputs.offsets) {
            *sums = self.start::<BITS>(offset);
        }
        for (sums, [numbers, _]) in sums.iter_mut().zip(&inputs.numbers) {
            *sums = self.dot::<BITS>(*sums, &first, numbers);
        }
        for (sums, [_, numbers]) in sums.iter_mut().zip(&inputs.numbers) {
            *sums = self.dot::<BITS>(*sums, &second, numbers);
        }
        sums
    }

    #[inline(always)]
    fn dot<const BITS: u32>(
        self,
        sums: i32x16<Self>,
        weights: &[u8x64<Self>; 4],
        inputs: &[i32; 4],
    ) -> i32x16<Self> {
        fearless_simd::kernel!(
            #[inline(always)]
            fn add(_simd: Avx512, sums: __m512i, weights: __m512i, input: i32) -> __m512i {
                _mm512_dpbusd_epi32(sums, weights, _mm512_set1_epi32(input))
            }
        );
        let ([w0, w1, w2, w3], [x0, x1, x2, x3]) = (*weights, *inputs);
        let sums = add(self, sums.into(), w0.into(), x0);
        let sums = add(self, sums, w1.into(), x1);
        let sums = add(self, sums, w2.into(), x2);
        add(self, sums, w3.into(), x3).simd_into(self)
    }
}

fearless_simd::kernel!(
    /// Returns the products of pairs. Two of them fit into 16 bits if the weights have 6 bits, and four if they have 5.
    #[inline(always)]
    fn pairs(_simd: Avx2, weights: __m256i, input: i32) -> __m256i {
        _mm256_maddubs_epi16(weights, _mm256_set1_epi32(input))
    }
);

fearless_simd::kernel!(
    /// Returns the products of pairs of weights of 8 bits. The sign of the weight moves to the input, because products without it do
    /// not fit into 16 bits.
    #[inline(always)]
    fn signed_pairs(_simd: Avx2, weights: __m256i, input: i32) -> __m256i {
        let signed = _mm256_xor_si256(weights, _mm256_set1_epi8(i8::MIN));
        _mm256_maddubs_epi16(_mm256_abs_epi8(signed), _mm256_sign_epi8(_mm256_set1_epi32(input), signed))
    }
);

fearless_simd::kernel!(
    #[inline(always)]
    fn add_pairs(_simd: Avx2, first: __m256i, second: __m256i) -> __m256i {
        _mm256_add_epi16(first, second)
    }
);

fearless_simd::kernel!(
    /// Adds sums of pairs.
    #[inline(always)]
    fn add_to(_simd: Avx2, sums: __m256i, pairs: __m256i) -> __m256i {
        _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
    }
);

/// Adds the products of half of the lanes.
#[inline(always)]
fn dot_eight<const BITS: u32>(
    simd: Avx2,
    sums: __m256i,
    weights: [__m256i; 4],
    [x0, x1, x2, x3]: [i32; 4],
) -> __m256i {
    let [w0, w1, w2, w3] = weights;
    if BITS == 8 {
        let sums = add_to(simd, sums, signed_pairs(simd, w0, x0));
        let sums = add_to(simd, sums, signed_pairs(simd, w1, x1));
        let sums = add_to(simd, sums, signed_pairs(simd, w2, x2));
        return add_to(simd, sums, signed_pairs(simd, w3, x3));
    }
    let first = add_pairs(simd, pairs(simd, w0, x0), pairs(simd, w1, x1));
    let second = add_pairs(simd, pairs(simd, w2, x2), pairs(simd, w3, x3));
    if BITS == 6 {
        return add_to(simd, add_to(simd, sums, first), second);
    }
    add_to(simd, sums, add_pairs(simd, first, second))
}

/// Returns the weights of the first and the last eight lanes.
#[inline(always)]
fn split([w0, w1, w2, w3]: [u8x64<Avx2>; 4]) -> ([__m256i; 4], [__m256i; 4]) {
    let [(f0, s0), (f1, s1), (f2, s2), (f3, s3)] = [w0.split(), w1.split(), w2.split(), w3.split()];
    ([f0.into(), f1.into(), f2.into(), f3.into()], [s0.into(), s1.into(), s2.into(), s3.into()])
}

/// Returns the sums of the products of a block, for half of the lanes.
#[inline(always)]
fn block_eight<const BITS: u32, const N: usize>(
    simd: Avx2,
    first: [__m256i; 4],
    second: [__m256i; 4],
    inputs: &InputBlock<N>,
) -> [__m256i; N] {
    let zero: __m256i = i32x8::splat(simd, 0).into();
    let mut sums = [zero; N];
    for (sum, [low, high]) in sums.iter_mut().zip(&inputs.numbers) {
        *sum = if BITS > 4 {
            dot_eight::<BITS>(simd, dot_eight::<BITS>(simd, zero, first, *low), second, *high)
        } else {
            // Eight products of pairs fit into 16 bits.
            let pairs = add_pairs(simd, four_pairs(simd, first, *low), four_pairs(simd, second, *high));
            add_to(simd, zero, pairs)
        };
    }
    sums
}

/// Returns the sums of four products of pairs.
#[inline(always)]
fn four_pairs(simd: Avx2, [w0, w1, w2, w3]: [__m256i; 4], [x0, x1, x2, x3]: [i32; 4]) -> __m256i {
    let first = add_pairs(simd, pairs(simd, w0, x0), pairs(simd, w1, x1));
    add_pairs(simd, first, add_pairs(simd, pairs(simd, w2, x2), pairs(simd, w3, x3)))
}

impl Kernel for Avx2 {
    #[inline(always)]
    fn widen_halves(self, halves: &[u16; LANES]) -> f32x16<Self> {
        fearless_simd::kernel!(
            #[inline(always)]
            fn convert(_simd: Avx2, halves: __m128i) -> __m256 {
                _mm256_cvtph_ps(halves)
            }
        );
        let (first, second) = u16x16::load_array_ref(self, halves).split();
        let first: f32x8<Self> = convert(self, first.into()).simd_into(self);
        let second: f32x8<Self> = convert(self, second.into()).simd_into(self);
        first.combine(second)
    }

    #[inline(always)]
    fn widen_bytes(self, bytes: &[i8; LANES]) -> f32x16<Self> {
        fearless_simd::kernel!(
            #[inline(always)]
            fn convert(_simd: Avx2, bytes: __m128i) -> __m256 {
                _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes))
            }
        );
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15] = *bytes;
        let second = [b8, b9, b10, b11, b12, b13, b14, b15, b0, b1, b2, b3, b4, b5, b6, b7];
        let half = |bytes: &[i8; LANES]| -> f32x8<Self> {
            convert(self, i8x16::load_array_ref(self, bytes).into()).simd_into(self)
        };
        half(bytes).combine(half(&second))
    }

    #[inline(always)]
    fn start<const BITS: u32>(self, _offset: i32) -> i32x16<Self> {
        // `signed_pairs` takes the 128 away from the weights.
        i32x16::splat(self, 0)
    }

    #[inline(always)]
    fn block<const BITS: u32, const N: usize>(
        self,
        [first, second]: [[u8x64<Self>; 4]; 2],
        inputs: &InputBlock<N>,
    ) -> [i32x16<Self>; N] {
        // There are too few registers for the sums. Those of eight lanes hold the weights of a block.
        let [(f0, s0), (f1, s1)] = [split(first), split(second)];
        let low = block_eight::<BITS, N>(self, f0, f1, inputs);
        let high = block_eight::<BITS, N>(self, s0, s1, inputs);
        let mut sums = [i32x16::splat(self, 0); N];
        for (sums, (low, high)) in sums.iter_mut().zip(low.into_iter().zip(high)) {
            let low: i32x8<Self> = low.simd_into(self);
            *sums = low.combine(high);
        }
        sums
    }

    #[inline(always)]
    fn dot<const BITS: u32>(
        self,
        sums: i32x16<Self>,
        weights: &[u8x64<Self>; 4],
        inputs: &[i32; 4],
    ) -> i32x16<Self> {
        let (firsts, seconds) = split(*weights);
        let (first, second) = sums.split();
        let first: i32x8<Self> = dot_eight::<BITS>(self, first.into(), firsts, *inputs).simd_into(self);
        let second: i32x8<Self> = dot_eight::<BITS>(self, second.into(), seconds, *inputs).simd_into(self);
        first.combine(second)
    }
}
