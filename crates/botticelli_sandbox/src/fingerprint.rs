//! Deterministic values in place of randomness and the clock.

/// A number derived from the bytes of a request (FNV-1a, 64 bits). Ids, times and seeds derive from
/// it.
///
/// The same request has the same fingerprint on every machine and in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        Self(bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME)))
    }

    /// Returns sixteen hexadecimal digits.
    pub(crate) fn hex(self) -> String {
        format!("{:016x}", self.0)
    }

    /// Returns a number below `limit`, or zero if `limit` is zero.
    pub(crate) fn below(self, limit: u64) -> u64 {
        self.0.checked_rem(limit).unwrap_or(0)
    }

    /// Returns a Unix time in the year 2025.
    pub(crate) fn created(self) -> u64 {
        const YEAR_2025: u64 = 1_735_689_600;
        YEAR_2025 + self.below(365 * 24 * 60 * 60)
    }

    /// Returns a number above `i64::MAX`, as in together's seeds.
    pub(crate) fn beyond_i64(self) -> u64 {
        self.0 | (1 << 63)
    }
}
