//! A matrix in one of the formats.

use super::inputs::{BLOCK, Inputs};
use super::kernel::{Unit, four_by_one, two_by_four, unpack};
use super::weight_matrix::{PARALLEL_WORK, WeightMatrix, transposed};
use crate::parallel;
use candle_core::Result;
use pulp::NullaryFnOnce;
use pulp::x86::V3;

/// Outputs that one piece of work computes.
const OUTPUTS: usize = 32;

/// Rows whose units are neighbors in memory, so that a kernel reads one stream.
const GROUP: usize = 4;

/// A matrix in one of the formats.
struct Matrix<U> {
    /// The units of four rows at a time. The last group may repeat the last row.
    units: Vec<[U; GROUP]>,
    /// Units in a row.
    length: usize,
    rows: usize,
    columns: usize,
    simd: V3,
}

/// Reads a matrix. `None` if its rows are not whole units.
pub(super) fn read<U: Unit>(bytes: &[u8], columns: usize, simd: V3) -> Option<Box<dyn WeightMatrix>> {
    let length = columns / (U::BLOCKS * BLOCK);
    if length == 0 || !columns.is_multiple_of(U::BLOCKS * BLOCK) {
        return None;
    }
    let row_bytes = length * U::BYTES;
    let rows = bytes.len() / row_bytes;
    let mut units = Vec::with_capacity(rows.div_ceil(GROUP) * length);
    for first in (0..rows).step_by(GROUP) {
        for unit in 0..length {
            units.push(std::array::from_fn(|row| {
                let begin = (first + row).min(rows - 1) * row_bytes + unit * U::BYTES;
                U::read(bytes.get(begin..begin + U::BYTES).unwrap_or_default())
            }));
        }
    }
    Some(Box::new(Matrix::<U> { units, length, rows, columns, simd }))
}

impl<U: Unit> Matrix<U> {
    /// Returns a group of rows.
    fn group(&self, group: usize) -> &[[U; GROUP]] {
        self.units.get(group * self.length..(group + 1) * self.length).unwrap_or_default()
    }
}

impl<U: Unit> WeightMatrix for Matrix<U> {
    fn apply(&self, numbers: &[f32], count: usize) -> Result<Vec<f32>> {
        let inputs = Inputs::rounded(numbers, self.columns);
        let outputs = self.rows;
        let is_parallel = count * outputs * self.columns >= PARALLEL_WORK;
        // The outputs of one row of weights are neighbors, so that a piece of work writes to one place.
        let mut products = vec![0.0; count * outputs];
        parallel::for_each_chunk(&mut products, OUTPUTS * count, is_parallel, |piece, products| {
            self.simd.vectorize(Piece {
                matrix: self,
                inputs: &inputs,
                count,
                first: piece * (OUTPUTS / GROUP),
                products,
            });
        });
        Ok(if count == 1 { products } else { transposed(&products, count) })
    }

    fn rows(&self, ids: &[u32]) -> Result<Vec<f32>> {
        let mut numbers = Vec::with_capacity(ids.len() * self.columns);
        for id in ids {
            let id = crate::numbers::to_usize(*id).min(self.rows.saturating_sub(1));
            for unit in self.group(id / GROUP).iter().filter_map(|units| units.get(id % GROUP)) {
                self.simd.vectorize(Unpacking { unit, simd: self.simd, numbers: &mut numbers });
            }
        }
        Ok(numbers)
    }
}

/// A unit that is unpacked.
struct Unpacking<'a, U> {
    unit: &'a U,
    simd: V3,
    numbers: &'a mut Vec<f32>,
}

// A closure would not be part of the function that has the instructions enabled.
impl<U: Unit> NullaryFnOnce for Unpacking<'_, U> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        unpack(self.simd, self.unit, self.numbers);
    }
}

/// A piece of work: the products of some rows of weights with all inputs.
struct Piece<'a, U> {
    matrix: &'a Matrix<U>,
    inputs: &'a Inputs,
    count: usize,
    /// The first group of rows.
    first: usize,
    products: &'a mut [f32],
}

impl<U: Unit> NullaryFnOnce for Piece<'_, U> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { matrix, inputs, count, first, products } = self;
        if count == 1 {
            let input = inputs.row(0);
            for (at, products) in products.chunks_mut(GROUP).enumerate() {
                let sums = four_by_one(matrix.simd, matrix.group(first + at), input);
                for (product, sum) in products.iter_mut().zip(sums) {
                    *product = sum;
                }
            }
            return;
        }
        for (at, products) in products.chunks_mut(count * GROUP).enumerate() {
            let rows = matrix.group(first + at);
            for at in (0..count).step_by(4) {
                let group = [inputs.row(at), inputs.row(at + 1), inputs.row(at + 2), inputs.row(at + 3)];
                let [s0, s1] = two_by_four::<U, false>(matrix.simd, rows, group);
                let [s2, s3] = two_by_four::<U, true>(matrix.simd, rows, group);
                for (products, sums) in products.chunks_mut(count).zip([s0, s1, s2, s3]) {
                    for (product, sum) in products.iter_mut().skip(at).zip(sums) {
                        *product = sum;
                    }
                }
            }
        }
    }
}
