//! The inner loop.

use super::inputs::InputBlock;
use pulp::x86::V3;
use std::arch::x86_64::{__m256, __m256i};

/// 32 weights. A weight is `numbers · multiplier · scale + mins`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// Whole numbers without a sign: the first factor of the instruction has none.
    pub(super) numbers: __m256i,
    /// Numbers with the signs, if the format has them.
    pub(super) signs: __m256i,
    /// Factors of 16 bits, one for each pair of numbers.
    pub(super) multiplier: __m256i,
    pub(super) scale: f32,
    /// Minima, one for each four numbers, if the format has them.
    pub(super) mins: __m256,
}

/// The smallest part of a row that has its own scale.
pub(super) trait Unit: Copy + Send + Sync + 'static {
    /// Size in the file.
    const BYTES: usize;
    /// Blocks of 32 numbers.
    const BLOCKS: usize;
    /// `true` if the weights have signs.
    const IS_SIGNED: bool;

    /// Reads `BYTES` bytes of a file.
    fn read(bytes: &[u8]) -> Self;

    /// Unpacks a block.
    fn block(&self, simd: V3, at: usize) -> Block;
}

/// Returns the products of four rows of weights with one input.
#[inline(always)]
pub(super) fn four_by_one<U: Unit>(simd: V3, weights: &[[U; 4]], input: &[InputBlock]) -> [f32; 4] {
    let mut sums = [simd.avx._mm256_setzero_ps(); 4];
    for ([w0, w1, w2, w3], inputs) in weights.iter().zip(input.chunks_exact(U::BLOCKS)) {
        for (at, x) in inputs.iter().enumerate() {
            let blocks = [w0.block(simd, at), w1.block(simd, at), w2.block(simd, at), w3.block(simd, at)];
            let [b0, b1, b2, b3] = &blocks;
            let [s0, s1, s2, s3] = sums;
            sums = [
                add::<U>(simd, s0, b0, x),
                add::<U>(simd, s1, b1, x),
                add::<U>(simd, s2, b2, x),
                add::<U>(simd, s3, b3, x),
            ];
        }
    }
    sums.map(total)
}

/// Returns the products of two rows of weights with four inputs: the first or the last two of four rows.
#[inline(always)]
pub(super) fn two_by_four<U: Unit, const LAST: bool>(
    simd: V3,
    weights: &[[U; 4]],
    inputs: [&[InputBlock]; 4],
) -> [[f32; 4]; 2] {
    let zero = simd.avx._mm256_setzero_ps();
    let [mut a0, mut a1, mut a2, mut a3] = [zero; 4];
    let [mut b0, mut b1, mut b2, mut b3] = [zero; 4];
    let [i0, i1, i2, i3] = inputs.map(|input| input.chunks_exact(U::BLOCKS));
    let inputs = i0.zip(i1).zip(i2.zip(i3));
    for ([w0, w1, w2, w3], ((x0, x1), (x2, x3))) in weights.iter().zip(inputs) {
        let (w0, w1) = if LAST { (w2, w3) } else { (w0, w1) };
        let blocks = x0.iter().zip(x1).zip(x2.iter().zip(x3)).enumerate();
        for (at, ((x0, x1), (x2, x3))) in blocks {
            let (w0, w1) = (&w0.block(simd, at), &w1.block(simd, at));
            a0 = add::<U>(simd, a0, w0, x0);
            b0 = add::<U>(simd, b0, w1, x0);
            a1 = add::<U>(simd, a1, w0, x1);
            b1 = add::<U>(simd, b1, w1, x1);
            a2 = add::<U>(simd, a2, w0, x2);
            b2 = add::<U>(simd, b2, w1, x2);
            a3 = add::<U>(simd, a3, w0, x3);
            b3 = add::<U>(simd, b3, w1, x3);
        }
    }
    [[total(a0), total(a1), total(a2), total(a3)], [total(b0), total(b1), total(b2), total(b3)]]
}

/// Appends the weights of a unit as floats.
#[inline(always)]
pub(super) fn unpack<U: Unit>(simd: V3, unit: &U, into: &mut Vec<f32>) {
    for at in 0..U::BLOCKS {
        let block = unit.block(simd, at);
        let signed: [i8; 32] = pulp::cast(block.signs);
        let unsigned: [u8; 32] = pulp::cast(block.numbers);
        let factors: [i16; 16] = pulp::cast(block.multiplier);
        let mins: [f32; 8] = pulp::cast(block.mins);
        for (index, (signed, unsigned)) in signed.iter().zip(unsigned).enumerate() {
            let number = if U::IS_SIGNED { f32::from(*signed) } else { f32::from(unsigned) };
            let factor = factors.get(index / 2).copied().map_or(0.0, f32::from);
            let min = mins.get(index / 4).copied().unwrap_or_default();
            into.push(number * factor * block.scale + min);
        }
    }
}

/// Adds the product of two blocks.
#[inline(always)]
fn add<U: Unit>(simd: V3, sum: __m256, weights: &Block, input: &InputBlock) -> __m256 {
    let numbers: __m256i = pulp::cast(input.numbers);
    // The sign of the weight moves to the input.
    let numbers = if U::IS_SIGNED { simd.avx2._mm256_sign_epi8(numbers, weights.signs) } else { numbers };
    let pairs = simd.avx2._mm256_maddubs_epi16(weights.numbers, numbers);
    let fours = simd.avx2._mm256_madd_epi16(pairs, weights.multiplier);
    let fours = simd.avx._mm256_cvtepi32_ps(fours);
    let sum = simd.fma._mm256_fmadd_ps(simd.avx._mm256_set1_ps(weights.scale * input.scale), fours, sum);
    if U::IS_SIGNED { sum } else { simd.fma._mm256_fmadd_ps(weights.mins, pulp::cast(input.sums), sum) }
}

#[inline(always)]
fn total(sums: __m256) -> f32 {
    let sums: [f32; 8] = pulp::cast(sums);
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
    ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7))
}
