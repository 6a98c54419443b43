//! A matrix in one of the formats.

use super::formats::Format;
use super::inputs::{InputBlock, ROWS, Tile};
use super::kernel::Kernel;
use super::layout::{BLOCK, LANES};
use super::product::{Group, Units, product};
use super::weight_matrix::{PARALLEL_WORK, WeightMatrix};
use crate::parallel;
use crate::simd::Level;
use candle_core::Result;

/// Groups of rows that one piece of work multiplies.
const GROUPS: usize = 2;

/// A matrix in one of the formats.
struct Matrix<F: Format<BLOCKS>, const BLOCKS: usize, K> {
    /// The units of 16 rows at a time. The last group may repeat the last row.
    units: Units<F, BLOCKS>,
    /// Units in a row.
    length: usize,
    rows: usize,
    columns: usize,
    simd: K,
    level: Level,
}

/// Reads a matrix. `None` if its rows are not whole units.
pub(super) fn read<F: Format<BLOCKS>, const BLOCKS: usize, K: Kernel + 'static>(
    bytes: &[u8],
    columns: usize,
    simd: K,
    level: Level,
) -> Option<Box<dyn WeightMatrix>> {
    let length = columns / (BLOCKS * BLOCK);
    if length == 0 || !columns.is_multiple_of(BLOCKS * BLOCK) {
        return None;
    }
    let row_bytes = length * F::BYTES;
    let rows = bytes.len() / row_bytes;
    let mut units = Units::<F, BLOCKS>::with_capacity(rows.div_ceil(LANES) * length);
    for first in (0..rows).step_by(LANES) {
        for unit in 0..length {
            units.push(std::array::from_fn(|lane| {
                let begin = (first + lane).min(rows - 1) * row_bytes + unit * F::BYTES;
                bytes.get(begin..begin + F::BYTES).unwrap_or_default()
            }));
        }
    }
    Some(Box::new(Matrix::<F, BLOCKS, K> { units, length, rows, columns, simd, level }))
}

impl<F: Format<BLOCKS>, const BLOCKS: usize, K: Kernel> Matrix<F, BLOCKS, K> {
    /// Returns a group of rows.
    fn group(&self, group: usize) -> Group<'_, F, BLOCKS> {
        self.units.group(group * self.length, self.length)
    }

    /// Multiplies a group with a tile. `outputs` has 16 numbers for each row of the tile.
    #[inline(always)]
    fn multiply<const N: usize>(
        &self,
        group: &Group<'_, F, BLOCKS>,
        tile: &[InputBlock<N>],
        outputs: &mut [[f32; LANES]],
    ) {
        self.simd.vectorize(
            #[inline(always)]
            || {
                let products = product(self.simd, group, tile);
                for (output, products) in outputs.iter_mut().zip(products) {
                    *output = products;
                }
            },
        );
    }
}

impl<F: Format<BLOCKS>, const BLOCKS: usize, K: Kernel + 'static> WeightMatrix for Matrix<F, BLOCKS, K> {
    fn apply(&self, numbers: &[f32], count: usize) -> Result<Vec<f32>> {
        let parts: Vec<&[f32]> = numbers.chunks(ROWS * self.columns).collect();
        let is_parallel = count * self.rows * self.columns >= PARALLEL_WORK;
        let tiles: Vec<Tile> = parallel::map(&parts, is_parallel && parts.len() > 1, |part| {
            Tile::rounded(part, self.columns, self.level)
        });
        // The outputs of one group of weights are neighbors, so that a piece of work writes to one place.
        let groups = self.rows.div_ceil(LANES);
        let mut products = vec![[0.0; LANES]; groups * count];
        parallel::for_each_chunk(&mut products, GROUPS * count.max(1), is_parallel, |piece, products| {
            for (at, products) in products.chunks_mut(count.max(1)).enumerate() {
                let group = self.group(piece * GROUPS + at);
                for (tile, products) in tiles.iter().zip(products.chunks_mut(ROWS)) {
                    match tile {
                        Tile::One(blocks) => self.multiply(&group, blocks, products),
                        Tile::Four(blocks) => self.multiply(&group, blocks, products),
                        Tile::Eight(blocks) => self.multiply(&group, blocks, products),
                    }
                }
            }
        });
        Ok(rows(&products, count, self.rows))
    }

    fn rows(&self, ids: &[u32]) -> Result<Vec<f32>> {
        let mut numbers = Vec::with_capacity(ids.len() * self.columns);
        for id in ids {
            let id = crate::numbers::to_usize(*id).min(self.rows.saturating_sub(1));
            let group = self.group(id / LANES);
            self.simd.vectorize(
                #[inline(always)]
                || group.unpack(self.simd, id % LANES, &mut numbers),
            );
        }
        Ok(numbers)
    }
}

/// Returns the products of each input in one row. `products` has those of the first 16 outputs with all inputs, then the next.
fn rows(products: &[[f32; LANES]], count: usize, outputs: usize) -> Vec<f32> {
    let mut rows = Vec::with_capacity(count * outputs);
    for input in 0..count {
        for products in products.iter().skip(input).step_by(count) {
            rows.extend_from_slice(products);
        }
        rows.truncate((input + 1) * outputs);
    }
    rows
}
