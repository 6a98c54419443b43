//! The inner loop.

use super::rows::RowBlocks;
#[cfg(not(target_arch = "x86_64"))]
use pulp::NullaryFnOnce;

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::Kernel;

/// The inner loop on processors without it: it does not exist.
#[cfg(not(target_arch = "x86_64"))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kernel {}

#[cfg(not(target_arch = "x86_64"))]
impl Kernel {
    /// Returns nothing.
    pub(crate) const fn detect(_columns: usize) -> Option<Self> {
        None
    }

    pub(super) fn run<W: NullaryFnOnce>(self, _work: W) -> W::Output {
        match self {}
    }

    pub(super) fn four_by_one(self, _weights: [RowBlocks<'_>; 4], _input: RowBlocks<'_>) -> [f32; 4] {
        match self {}
    }

    pub(super) fn two_by_four(
        self,
        _weights: [RowBlocks<'_>; 2],
        _inputs: [RowBlocks<'_>; 4],
    ) -> [[f32; 4]; 2] {
        match self {}
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::RowBlocks;
    use pulp::NullaryFnOnce;
    use pulp::x86::V3;
    use std::arch::x86_64::{__m256, __m256i};

    /// The inner loop, on a processor with AVX2.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Kernel(V3);

    impl Kernel {
        /// Returns the kernel, if the processor has the instructions, and candle-core has no faster ones for this length of rows.
        pub(crate) fn detect(columns: usize) -> Option<Self> {
            let has_vnni = is_x86_feature_detected!("avx512vnni") || is_x86_feature_detected!("avxvnni");
            if has_vnni && columns.is_multiple_of(256) {
                return None;
            }
            V3::try_new().map(Self)
        }

        /// Runs `work` with the instructions enabled.
        #[inline(always)]
        pub(in super::super) fn run<W: NullaryFnOnce>(self, work: W) -> W::Output {
            self.0.vectorize(work)
        }

        /// Returns the products of four rows of weights with one input.
        #[inline(always)]
        pub(in super::super) fn four_by_one(
            self,
            weights: [RowBlocks<'_>; 4],
            input: RowBlocks<'_>,
        ) -> [f32; 4] {
            let zero = self.0.avx._mm256_setzero_ps();
            let [mut sum0, mut sum1, mut sum2, mut sum3] = [zero; 4];
            let [first, second, third, fourth] = weights;
            let rows = first.iter().zip(second.iter()).zip(third.iter()).zip(fourth.iter());
            for ((((w0, w1), w2), w3), x) in rows.zip(input.iter()) {
                let x = load(x);
                sum0 = self.add(sum0, self.weight(w0), x);
                sum1 = self.add(sum1, self.weight(w1), x);
                sum2 = self.add(sum2, self.weight(w2), x);
                sum3 = self.add(sum3, self.weight(w3), x);
            }
            [total(sum0), total(sum1), total(sum2), total(sum3)]
        }

        /// Returns the products of two rows of weights with four inputs.
        #[inline(always)]
        pub(in super::super) fn two_by_four(
            self,
            weights: [RowBlocks<'_>; 2],
            inputs: [RowBlocks<'_>; 4],
        ) -> [[f32; 4]; 2] {
            let zero = self.0.avx._mm256_setzero_ps();
            let [mut a0, mut a1, mut a2, mut a3] = [zero; 4];
            let [mut b0, mut b1, mut b2, mut b3] = [zero; 4];
            let [first, second] = weights;
            let [i0, i1, i2, i3] = inputs;
            let inputs = i0.iter().zip(i1.iter()).zip(i2.iter()).zip(i3.iter());
            for ((w0, w1), (((x0, x1), x2), x3)) in first.iter().zip(second.iter()).zip(inputs) {
                let (w0, w1) = (self.weight(w0), self.weight(w1));
                let (x0, x1, x2, x3) = (load(x0), load(x1), load(x2), load(x3));
                a0 = self.add(a0, w0, x0);
                b0 = self.add(b0, w1, x0);
                a1 = self.add(a1, w0, x1);
                b1 = self.add(b1, w1, x1);
                a2 = self.add(a2, w0, x2);
                b2 = self.add(b2, w1, x2);
                a3 = self.add(a3, w0, x3);
                b3 = self.add(b3, w1, x3);
            }
            [[total(a0), total(a1), total(a2), total(a3)], [total(b0), total(b1), total(b2), total(b3)]]
        }

        /// Loads a block of weights, with the absolute values.
        #[inline(always)]
        fn weight(self, block: (&[i8; 32], &f32)) -> (__m256i, __m256i, f32) {
            let (numbers, scale) = load(block);
            (numbers, self.0.avx2._mm256_abs_epi8(numbers), scale)
        }

        /// Adds the product of two blocks.
        #[inline(always)]
        fn add(
            self,
            sum: __m256,
            (weight, size, weight_scale): (__m256i, __m256i, f32),
            (input, input_scale): (__m256i, f32),
        ) -> __m256 {
            let simd = self.0;
            // The first factor of the instruction has no sign: the sign of the weight moves to the input.
            let signed = simd.avx2._mm256_sign_epi8(input, weight);
            let pairs = simd.avx2._mm256_maddubs_epi16(size, signed);
            let fours = simd.avx2._mm256_madd_epi16(pairs, simd.avx._mm256_set1_epi16(1));
            let numbers = simd.avx._mm256_cvtepi32_ps(fours);
            simd.fma._mm256_fmadd_ps(simd.avx._mm256_set1_ps(weight_scale * input_scale), numbers, sum)
        }
    }

    #[inline(always)]
    fn load((block, scale): (&[i8; 32], &f32)) -> (__m256i, f32) {
        (pulp::cast(*block), *scale)
    }

    #[inline(always)]
    fn total(sums: __m256) -> f32 {
        let sums: [f32; 8] = pulp::cast(sums);
        let [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
        ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7))
    }
}
