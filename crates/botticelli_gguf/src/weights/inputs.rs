//! Inputs of a product, rounded to 8 bits.

/// Numbers in a block.
pub(super) const BLOCK: usize = 32;

/// 1.5 · 2²³: adding it rounds to an integer.
const ROUND: f32 = 12_582_912.0;

/// Whole numbers with their scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct InputBlock {
    pub(super) numbers: [i8; BLOCK],
    pub(super) scale: f32,
    /// Sums of the numbers with their scale, of four numbers each. They are multiplied with the minimum of a block of weights.
    pub(super) sums: [f32; 8],
}

/// Rows of inputs.
#[derive(Clone, Debug)]
pub(super) struct Inputs {
    blocks: Vec<InputBlock>,
    /// Blocks in a row.
    length: usize,
}

impl Inputs {
    /// Rounds numbers to 8 bits. The greatest number of a block becomes 127.
    pub(super) fn rounded(numbers: &[f32], columns: usize) -> Self {
        let (parts, _) = numbers.as_chunks::<BLOCK>();
        let mut blocks = Vec::with_capacity(parts.len());
        pulp::Arch::new().dispatch(|| blocks.extend(parts.iter().map(rounded)));
        Self { blocks, length: columns / BLOCK }
    }

    /// Returns a row; the last one instead of one after it.
    pub(super) fn row(&self, row: usize) -> &[InputBlock] {
        let last = (self.blocks.len() / self.length.max(1)).saturating_sub(1);
        let row = row.min(last);
        self.blocks.get(row * self.length..(row + 1) * self.length).unwrap_or_default()
    }
}

#[inline(always)]
fn rounded(numbers: &[f32; BLOCK]) -> InputBlock {
    let greatest = numbers.iter().fold(0.0_f32, |greatest, number| greatest.max(number.abs()));
    let factor = if greatest > 0.0 { 127.0 / greatest } else { 0.0 };
    let scale = greatest / 127.0;
    let whole = numbers.map(|number| number * factor + ROUND);
    let (fours, _) = whole.as_chunks::<4>();
    let mut sums = [0.0; 8];
    for (sum, [first, second, third, fourth]) in sums.iter_mut().zip(fours) {
        *sum = (((first - ROUND) + (second - ROUND)) + ((third - ROUND) + (fourth - ROUND))) * scale;
    }
    let numbers = whole.map(|number| {
        let [low, ..] = number.to_bits().to_le_bytes();
        low.cast_signed()
    });
    InputBlock { numbers, scale, sums }
}
