//! The exponential function, written so that it becomes vector instructions.

/// 1.5 · 2²³: adding it rounds to an integer.
const ROUND: f32 = 12_582_912.0;
/// The sum of one and the first coefficients of a polynomial for the rest.
const COEFFICIENTS: [f32; 5] = [0.999_999_4, 0.499_991_27, 0.166_683_96, 0.041_899_767, 0.008_247_39];
/// ln(2) in two parts.
const LN2_HIGH: f32 = 0.693_145_75;
const LN2_LOW: f32 = 1.428_606_8e-6;

/// Returns eˣ with an error of about one unit in the last place, between e⁻⁸⁷ and e⁸⁸.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "a call would keep the loop around it from becoming vector instructions"
)]
pub(crate) fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let rest = x - n * LN2_HIGH - n * LN2_LOW;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    let [c1, c2, c3, c4, c5] = COEFFICIENTS;
    let square = rest * rest;
    let sum = ((c5 * rest + c4) * square + (c3 * rest + c2)) * square + c1 * rest;
    power + power * sum
}
