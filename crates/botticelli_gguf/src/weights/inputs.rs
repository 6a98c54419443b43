//! Inputs of a product, rounded to 8 bits.

use super::layout::BLOCK;
use crate::simd::Level;

/// 1.5 · 2²³: adding it rounds to an integer.
const ROUND: f32 = 12_582_912.0;

/// A block of `N` rows.
#[derive(Clone, Debug)]
pub(super) struct InputBlock<const N: usize> {
    /// The first and the second half of each row. Four whole numbers of 8 bits are in one of 32.
    pub(super) numbers: [[[i32; 4]; 2]; N],
    pub(super) scales: [f32; N],
    /// Sums of the numbers with their scale, of the block and of its halves. They are multiplied with the minima of the weights.
    pub(super) sums: [f32; N],
    pub(super) half_sums: [[f32; N]; 2],
    /// Sums of the whole numbers, times -128.
    pub(super) offsets: [i32; N],
}

/// Rows that are multiplied together with the same weights.
#[derive(Clone, Debug)]
pub(super) enum Tile {
    One(Vec<InputBlock<1>>),
    Four(Vec<InputBlock<4>>),
    Eight(Vec<InputBlock<8>>),
}

/// A row that is rounded.
struct Rounded {
    numbers: [[i32; 4]; 2],
    scale: f32,
    sums: [i32; 2],
}

/// Rows in a tile, at most.
pub(super) const ROWS: usize = 8;

impl Tile {
    /// Rounds up to eight rows.
    pub(super) fn rounded(rows: &[f32], columns: usize, level: Level) -> Self {
        match rows.len() / columns.max(1) {
            0 | 1 => Self::One(blocks(rows, columns, level)),
            2..=4 => Self::Four(blocks(rows, columns, level)),
            _ => Self::Eight(blocks(rows, columns, level)),
        }
    }
}

/// Rounds the blocks of `N` rows. Missing rows are zeros.
fn blocks<const N: usize>(rows: &[f32], columns: usize, level: Level) -> Vec<InputBlock<N>> {
    let empty = InputBlock {
        numbers: [[[0; 4]; 2]; N],
        scales: [0.0; N],
        sums: [0.0; N],
        half_sums: [[0.0; N]; 2],
        offsets: [0; N],
    };
    let mut blocks = vec![empty; columns / BLOCK];
    level.run(
        #[inline(always)]
        || {
            for (at, row) in rows.chunks_exact(columns.max(1)).enumerate() {
                for (block, numbers) in blocks.iter_mut().zip(row.as_chunks::<BLOCK>().0) {
                    block.set(at, &rounded(numbers));
                }
            }
        },
    );
    blocks
}

impl<const N: usize> InputBlock<N> {
    #[inline(always)]
    fn set(&mut self, at: usize, row: &Rounded) {
        let [first, second] = row.sums;
        let [first_half, second_half] = &mut self.half_sums;
        put(&mut self.numbers, at, row.numbers);
        put(&mut self.scales, at, row.scale);
        put(&mut self.sums, at, whole(first + second) * row.scale);
        put(first_half, at, whole(first) * row.scale);
        put(second_half, at, whole(second) * row.scale);
        put(&mut self.offsets, at, (first + second) * -128);
    }
}

#[inline(always)]
fn put<T>(places: &mut [T], at: usize, value: T) {
    if let Some(place) = places.get_mut(at) {
        *place = value;
    }
}

/// Converts a sum of at most 32 numbers of 8 bits.
#[inline(always)]
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "the sum has fewer than 24 bits")]
const fn whole(sum: i32) -> f32 {
    sum as f32
}

/// Rounds a block. The greatest number becomes 127.
#[inline(always)]
fn rounded(numbers: &[f32; BLOCK]) -> Rounded {
    // The bits of floats without a sign have the order of the floats, and comparisons of integers become vector instructions.
    let greatest = numbers.iter().fold(0, |greatest: u32, number| greatest.max(number.abs().to_bits()));
    let greatest = f32::from_bits(greatest);
    let factor = if greatest > 0.0 { 127.0 / greatest } else { 0.0 };
    let scale = greatest / 127.0;
    let mut wholes = [0; BLOCK];
    for (whole, number) in wholes.iter_mut().zip(numbers) {
        *whole =
            (number * factor + ROUND).to_bits().cast_signed().wrapping_sub(ROUND.to_bits().cast_signed());
    }
    let mut rounded = Rounded { numbers: [[0; 4]; 2], scale, sums: [0; 2] };
    let halves = rounded.numbers.iter_mut().zip(&mut rounded.sums).zip(wholes.as_chunks::<16>().0);
    for ((numbers, sum), wholes) in halves {
        *sum = wholes.iter().fold(0, |sum, whole| sum.wrapping_add(*whole));
        for (number, wholes) in numbers.iter_mut().zip(wholes.as_chunks::<4>().0) {
            let [first, second, third, fourth] = wholes.map(|whole| whole & 255);
            *number = first | (second << 8) | (third << 16) | (fourth << 24);
        }
    }
    rounded
}
