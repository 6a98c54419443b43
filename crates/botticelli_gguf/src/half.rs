//! Floats of 16 bits.

/// The greatest finite float of 16 bits.
const GREATEST: f32 = 65_504.0;
/// The smallest float of 16 bits with the full precision, 2⁻¹⁴.
const SMALLEST_NORMAL: f32 = 1.0 / 16_384.0;
/// Difference of the exponents of both formats, at the place of the exponent of 32 bits.
const EXPONENT: u32 = 112 << 23;

/// Rounds to the nearest float of 16 bits. Numbers that are too large become the greatest one.
pub(crate) fn to_half(number: f32) -> u16 {
    let size = number.abs().min(GREATEST);
    let bits = if size < SMALLEST_NORMAL {
        // Adding 0.5 rounds to a multiple of 2⁻²⁴.
        (size + 0.5).to_bits() - 0.5_f32.to_bits()
    } else {
        let bits = size.to_bits() - EXPONENT;
        (bits + 0xfff + ((bits >> 13) & 1)) >> 13
    };
    let [low, high, ..] = (bits | ((number.to_bits() >> 16) & 0x8000)).to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// Converts a finite float of 16 bits. Without branches, so that a loop becomes vector instructions.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call would keep the loop from becoming vector instructions")]
pub(crate) fn from_half(half: u16) -> f32 {
    let half = u32::from(half);
    let size = (half & 0x7fff) << 13;
    let normal = f32::from_bits(size + EXPONENT);
    // Below the smallest normal number: multiples of 2⁻²⁴.
    let small = f32::from_bits(size | (113 << 23)) - SMALLEST_NORMAL;
    let size = if size < 1 << 23 { small } else { normal };
    f32::from_bits(size.to_bits() | ((half & 0x8000) << 16))
}
