//! The inner loop.

use super::formats::Format;
use super::inputs::InputBlock;
use super::kernel::Kernel;
use super::layout::LANES;
use super::numbers::Numbers;
use super::scales::Scales;
use fearless_simd::{f32x16, i32x16, prelude::*};

/// Units of 16 rows: weights of all lanes with common scales. The scales are apart from the numbers, so that both are aligned.
pub(super) struct Units<F: Format<BLOCKS>, const BLOCKS: usize> {
    scales: Vec<F::Scales>,
    blocks: Vec<[F::Numbers; BLOCKS]>,
}

/// Units that follow each other.
pub(super) struct Group<'a, F: Format<BLOCKS>, const BLOCKS: usize> {
    scales: &'a [F::Scales],
    blocks: &'a [[F::Numbers; BLOCKS]],
}

impl<F: Format<BLOCKS>, const BLOCKS: usize> Units<F, BLOCKS> {
    /// Size of a unit of 16 rows, in bytes.
    pub(super) const BYTES: usize = size_of::<F::Scales>() + size_of::<[F::Numbers; BLOCKS]>();

    pub(super) fn with_capacity(units: usize) -> Self {
        Self { scales: Vec::with_capacity(units), blocks: Vec::with_capacity(units) }
    }

    /// Packs the units of the lanes, as they are in the file.
    pub(super) fn push(&mut self, lanes: [&[u8]; LANES]) {
        self.scales.push(F::Scales::gather(&lanes.map(F::scales)));
        self.blocks
            .push(std::array::from_fn(|block| F::Numbers::pack(&lanes.map(|lane| F::numbers(lane, block)))));
    }

    /// Returns `count` units.
    pub(super) fn group(&self, first: usize, count: usize) -> Group<'_, F, BLOCKS> {
        Group {
            scales: self.scales.get(first..first + count).unwrap_or_default(),
            blocks: self.blocks.get(first..first + count).unwrap_or_default(),
        }
    }
}

/// Returns the scales and the minima of a part of a unit.
#[inline(always)]
fn scales_of<K: Kernel, F: Format<BLOCKS>, const BLOCKS: usize>(
    simd: K,
    unit: &F::Scales,
    part: usize,
) -> (f32x16<K>, f32x16<K>) {
    let scales = unit.scales(simd, part);
    (scales, if F::Scales::HAS_MINS { unit.mins(simd, part) } else { scales * -F::Numbers::ZERO })
}

impl<F: Format<BLOCKS>, const BLOCKS: usize> Group<'_, F, BLOCKS> {
    /// Appends the weights of a lane as floats.
    #[inline(always)]
    pub(super) fn unpack<K: Kernel>(&self, simd: K, lane: usize, into: &mut Vec<f32>) {
        let offset = if F::Numbers::BITS == 8 { 128.0 } else { 0.0 };
        for (unit, blocks) in self.scales.iter().zip(self.blocks) {
            for (at, block) in blocks.iter().enumerate() {
                let halves = [block.half::<K, 0>(simd), block.half::<K, 1>(simd)];
                for (half, rows) in halves.into_iter().enumerate() {
                    let part = if F::Scales::PARTS == 1 { at } else { at * 2 + half };
                    let (scales, mins) = scales_of::<K, F, BLOCKS>(simd, unit, part);
                    let of_lane = |numbers: f32x16<K>| {
                        <[f32; LANES]>::from(numbers).get(lane).copied().unwrap_or_default()
                    };
                    let (scale, min) = (of_lane(scales), of_lane(mins));
                    for row in rows {
                        let bytes: [u8; 64] = row.into();
                        let numbers = bytes.as_chunks::<4>().0.get(lane).copied().unwrap_or_default();
                        into.extend(numbers.map(|number| (f32::from(number) - offset) * scale + min));
                    }
                }
            }
        }
    }
}

/// Returns the products of the lanes with `N` rows of inputs.
///
/// Everything that it calls must become part of it. Closures of `array::map` do not always, and are then slower by an order of magnitude.
#[inline(always)]
pub(super) fn product<K: Kernel, F: Format<BLOCKS>, const BLOCKS: usize, const N: usize>(
    simd: K,
    weights: &Group<'_, F, BLOCKS>,
    inputs: &[InputBlock<N>],
) -> [[f32; LANES]; N] {
    let mut sums = [f32x16::splat(simd, 0.0); N];
    let units = weights.scales.iter().zip(weights.blocks);
    for ((unit, blocks), inputs) in units.zip(inputs.chunks_exact(BLOCKS)) {
        for (at, (block, inputs)) in blocks.iter().zip(inputs).enumerate() {
            if F::Scales::PARTS == 1 {
                let (scales, mins) = scales_of::<K, F, BLOCKS>(simd, unit, at);
                add_block::<K, F, BLOCKS, N>(simd, &mut sums, block, inputs, scales, mins);
            } else {
                let (scales, mins) = scales_of::<K, F, BLOCKS>(simd, unit, at * 2);
                add_half::<K, F, BLOCKS, N, 0>(simd, &mut sums, block, inputs, scales, mins);
                let (scales, mins) = scales_of::<K, F, BLOCKS>(simd, unit, at * 2 + 1);
                add_half::<K, F, BLOCKS, N, 1>(simd, &mut sums, block, inputs, scales, mins);
            }
        }
    }
    sums.map(<[f32; LANES]>::from)
}

/// Adds the products of a block with common scales.
#[inline(always)]
fn add_block<K: Kernel, F: Format<BLOCKS>, const BLOCKS: usize, const N: usize>(
    simd: K,
    sums: &mut [f32x16<K>; N],
    block: &F::Numbers,
    inputs: &InputBlock<N>,
    scales: f32x16<K>,
    mins: f32x16<K>,
) {
    let halves = [block.half::<K, 0>(simd), block.half::<K, 1>(simd)];
    // The number of bits selects the instructions.
    let products = match F::Numbers::BITS {
        8 => simd.block::<8, N>(halves, inputs),
        6 => simd.block::<6, N>(halves, inputs),
        5 => simd.block::<5, N>(halves, inputs),
        _ => simd.block::<4, N>(halves, inputs),
    };
    add::<K, F, BLOCKS, N>(sums, &products, inputs, &inputs.sums, scales, mins);
}

/// Adds the products of half of a block.
#[inline(always)]
fn add_half<K: Kernel, F: Format<BLOCKS>, const BLOCKS: usize, const N: usize, const HALF: usize>(
    simd: K,
    sums: &mut [f32x16<K>; N],
    block: &F::Numbers,
    inputs: &InputBlock<N>,
    scales: f32x16<K>,
    mins: f32x16<K>,
) {
    let mut products = [i32x16::splat(simd, 0); N];
    let weights = block.half::<K, HALF>(simd);
    for (products, [first, second]) in products.iter_mut().zip(&inputs.numbers) {
        let numbers = if HALF == 0 { first } else { second };
        *products = dot::<K, F, BLOCKS>(simd, *products, &weights, numbers);
    }
    let [first, second] = &inputs.half_sums;
    let input_sums = if HALF == 0 { first } else { second };
    add::<K, F, BLOCKS, N>(sums, &products, inputs, input_sums, scales, mins);
}

/// Multiplies products with their scales, and adds them.
#[inline(always)]
fn add<K: Kernel, F: Format<BLOCKS>, const BLOCKS: usize, const N: usize>(
    sums: &mut [f32x16<K>; N],
    products: &[i32x16<K>; N],
    inputs: &InputBlock<N>,
    input_sums: &[f32; N],
    scales: f32x16<K>,
    mins: f32x16<K>,
) {
    let rows = sums.iter_mut().zip(products).zip(inputs.scales.iter().zip(input_sums));
    for ((sum, products), (scale, input_sum)) in rows {
        let products: f32x16<K> = products.to_float();
        *sum = (scales * *scale).mul_add(products, *sum);
        if F::Scales::HAS_MINS || F::Numbers::BITS < 8 {
            *sum = mins.mul_add(*input_sum, *sum);
        }
    }
}

/// Adds products. The number of bits selects the instructions.
#[inline(always)]
fn dot<K: Kernel, F: Format<BLOCKS>, const BLOCKS: usize>(
    simd: K,
    sums: i32x16<K>,
    weights: &[fearless_simd::u8x64<K>; 4],
    inputs: &[i32; 4],
) -> i32x16<K> {
    match F::Numbers::BITS {
        8 => simd.dot::<8>(sums, weights, inputs),
        6 => simd.dot::<6>(sums, weights, inputs),
        _ => simd.dot::<5>(sums, weights, inputs),
    }
}
