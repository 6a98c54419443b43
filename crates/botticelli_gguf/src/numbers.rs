//! Conversions of numbers that the standard library has only as casts.

/// Rounds to the nearest `f32`.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "the rounding is intended")]
pub(crate) const fn to_f32(number: f64) -> f32 {
    number as f32
}

/// Converts a count. Counts above 2³² become 2³², which no model reaches.
pub(crate) fn to_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Converts a count to the type of token counts.
pub(crate) fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Converts a number from a file or a request to a size. Larger numbers than the address space are cut.
pub(crate) fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
