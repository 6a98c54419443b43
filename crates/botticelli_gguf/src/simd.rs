//! The instruction set that a model computes with. All code that depends on it asks here.

/// A set of instructions of the processor.
///
/// A driver uses the greatest set that the processor has. [`GgufConfig::with_instruction_set`](crate::GgufConfig::with_instruction_set)
/// sets a limit. [`GgufDriver::instruction_set`](crate::GgufDriver::instruction_set) returns the set in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum InstructionSet {
    /// The instructions that every processor of the platform has. The kernels of candle-core multiply the matrices.
    Portable,
    /// AVX2 with FMA and F16C, on x86-64.
    Avx2,
    /// AVX-512 with VNNI (Intel since Ice Lake, AMD since Zen 4), on x86-64. The results are those of [`Avx2`](Self::Avx2), bit for bit.
    Avx512,
}

/// A set of instructions, with the proof that the processor has them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(fearless_simd::x86::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(fearless_simd::x86::Avx512),
}

impl Level {
    /// Returns the greatest set that the processor has and the limit allows.
    pub(crate) fn detect(limit: Option<InstructionSet>) -> Self {
        let limit = limit.unwrap_or(InstructionSet::Avx512);
        #[cfg(target_arch = "x86_64")]
        {
            let level = fearless_simd::Level::new();
            if let Some(simd) = level.as_avx512().filter(|_| limit >= InstructionSet::Avx512) {
                return Self::Avx512(simd);
            }
            if let Some(simd) = level.as_avx2().filter(|_| limit >= InstructionSet::Avx2) {
                return Self::Avx2(simd);
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = limit;
        Self::Portable
    }

    pub(crate) const fn instruction_set(self) -> InstructionSet {
        match self {
            Self::Portable => InstructionSet::Portable,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => InstructionSet::Avx2,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => InstructionSet::Avx512,
        }
    }

    /// Calls a function whose loops become instructions of this set. Only what is inlined into the function does.
    #[inline(always)]
    pub(crate) fn run<R>(self, work: impl FnOnce() -> R) -> R {
        #[cfg(target_arch = "x86_64")]
        use fearless_simd::Simd;
        match self {
            Self::Portable => work(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(simd) => simd.vectorize(work),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(simd) => simd.vectorize(work),
        }
    }
}
