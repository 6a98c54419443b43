//! Rows of 8-bit numbers.

use super::BLOCK;

/// 1.5 · 2²³: adding it rounds to an integer.
const ROUND: f32 = 12_582_912.0;

/// Rows of blocks of 8-bit numbers, each block with its scale.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) blocks: Vec<[i8; BLOCK]>,
    pub(super) scales: Vec<f32>,
    /// Blocks in a row.
    pub(super) length: usize,
}

/// One row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowBlocks<'a> {
    pub(super) blocks: &'a [[i8; BLOCK]],
    pub(super) scales: &'a [f32],
}

impl<'a> RowBlocks<'a> {
    /// Returns the blocks with their scales.
    #[inline(always)]
    pub(super) fn iter(self) -> std::iter::Zip<std::slice::Iter<'a, [i8; BLOCK]>, std::slice::Iter<'a, f32>> {
        self.blocks.iter().zip(self.scales)
    }
}

impl Rows {
    /// Returns a row; the last one instead of one after it.
    pub(super) fn row(&self, row: usize) -> RowBlocks<'_> {
        let last = (self.blocks.len() / self.length.max(1)).saturating_sub(1);
        let row = row.min(last);
        let range = row * self.length..(row + 1) * self.length;
        let blocks = self.blocks.get(range.clone()).unwrap_or_default();
        RowBlocks { blocks, scales: self.scales.get(range).unwrap_or_default() }
    }

    /// Rounds numbers to 8 bits. The greatest number of a block becomes 127.
    pub(super) fn rounded(numbers: &[f32], columns: usize) -> Self {
        let length = columns / BLOCK;
        let (parts, _) = numbers.as_chunks::<BLOCK>();
        let mut blocks = Vec::with_capacity(parts.len());
        let mut scales = Vec::with_capacity(parts.len());
        pulp::Arch::new().dispatch(|| {
            for part in parts {
                let greatest = part.iter().fold(0.0_f32, |greatest, number| greatest.max(number.abs()));
                let factor = if greatest > 0.0 { 127.0 / greatest } else { 0.0 };
                let mut block = [0_i8; BLOCK];
                for (rounded, number) in block.iter_mut().zip(part) {
                    let [low, ..] = (number * factor + ROUND).to_bits().to_le_bytes();
                    *rounded = low.cast_signed();
                }
                blocks.push(block);
                scales.push(greatest / 127.0);
            }
        });
        Self { blocks, scales, length }
    }

    /// Reads blocks of the format `Q8_0`: a scale of 16 bits, and 32 numbers.
    pub(super) fn read(bytes: &[u8], columns: usize) -> Self {
        let (parts, _) = bytes.as_chunks::<{ BLOCK + 2 }>();
        let mut rows = Self { length: columns / BLOCK, ..Self::default() };
        rows.blocks.reserve_exact(parts.len());
        rows.scales.reserve_exact(parts.len());
        for [low, high, numbers @ ..] in parts {
            rows.scales.push(half_to_f32(u16::from_le_bytes([*low, *high])));
            rows.blocks.push(numbers.map(u8::cast_signed));
        }
        rows
    }
}

/// Converts a float of 16 bits.
fn half_to_f32(bits: u16) -> f32 {
    let (exponent, fraction) = (u32::from((bits >> 10) & 31), u32::from(bits & 1_023));
    let number = match exponent {
        // Below the smallest normal number: multiples of 2⁻²⁴.
        0 => f32::from(bits & 1_023) * f32::from_bits(103 << 23),
        31 => f32::from_bits((255 << 23) | (fraction << 13)),
        exponent => f32::from_bits(((exponent + 112) << 23) | (fraction << 13)),
    };
    if bits >> 15 == 0 { number } else { -number }
}
