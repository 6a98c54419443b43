//! What stands in for chance and clock.

/// A number derived from the bytes of a request, from which ids, times and seeds are made.
///
/// The same request always has the same one, on every machine and in every run (FNV-1a, 64 bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        Self(bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME)))
    }

    /// Sixteen hexadecimal digits.
    pub(crate) fn hex(self) -> String {
        format!("{:016x}", self.0)
    }

    /// A number below `limit`, which must not be zero (zero gives zero).
    pub(crate) fn below(self, limit: u64) -> u64 {
        self.0.checked_rem(limit).unwrap_or(0)
    }

    /// A second in the year 2025, as Unix time.
    pub(crate) fn created(self) -> u64 {
        const YEAR_2025: u64 = 1_735_689_600;
        YEAR_2025 + self.below(365 * 24 * 60 * 60)
    }

    /// A number that no `i64` can hold, as together's seeds are.
    pub(crate) fn beyond_i64(self) -> u64 {
        self.0 | (1 << 63)
    }
}
