//! A matrix of 8-bit weights.

use super::kernel::Kernel;
use super::rows::Rows;
use crate::parallel;
use pulp::NullaryFnOnce;

/// Outputs that one piece of work computes.
const OUTPUTS: usize = 32;
/// Multiplications above which the threads share the work.
const PARALLEL_WORK: usize = 1 << 16;

/// A matrix of 8-bit weights.
#[derive(Clone, Debug)]
pub(crate) struct Int8Matrix {
    rows: Rows,
    columns: usize,
    kernel: Kernel,
}

impl Int8Matrix {
    /// Reads a matrix of the format `Q8_0`.
    pub(crate) fn read(bytes: &[u8], columns: usize, kernel: Kernel) -> Self {
        Self { rows: Rows::read(bytes, columns), columns, kernel }
    }

    /// Returns the products of each row of `numbers` with all rows of the matrix.
    pub(crate) fn apply(&self, numbers: &[f32], count: usize) -> Vec<f32> {
        let inputs = Rows::rounded(numbers, self.columns);
        let outputs = self.rows.blocks.len() / self.rows.length.max(1);
        let is_parallel = count * outputs * self.columns >= PARALLEL_WORK;
        // The outputs of one row of weights are neighbors, so a piece of work writes to one place.
        let mut products = vec![0.0; count * outputs];
        parallel::for_each_chunk(&mut products, OUTPUTS * count, is_parallel, |piece, products| {
            self.kernel.run(Piece { matrix: self, inputs: &inputs, count, first: piece * OUTPUTS, products });
        });
        if count == 1 { products } else { transposed(&products, count) }
    }

    /// Returns rows of the matrix.
    pub(crate) fn numbers(&self, ids: &[u32]) -> Vec<f32> {
        let mut numbers = Vec::with_capacity(ids.len() * self.columns);
        for id in ids {
            let row = self.rows.row(crate::numbers::to_usize(*id));
            for (block, scale) in row.blocks.iter().zip(row.scales) {
                numbers.extend(block.iter().map(|number| f32::from(*number) * scale));
            }
        }
        numbers
    }
}

/// A piece of work: the products of some rows of weights with all inputs.
struct Piece<'a> {
    matrix: &'a Int8Matrix,
    inputs: &'a Rows,
    count: usize,
    first: usize,
    products: &'a mut [f32],
}

// A closure would not belong to the function in which the instructions are enabled.
impl NullaryFnOnce for Piece<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { matrix, inputs, count, first, products } = self;
        let row = |row: usize| matrix.rows.row(first + row);
        if count == 1 {
            let input = inputs.row(0);
            for (at, products) in products.chunks_mut(4).enumerate() {
                let at = at * 4;
                let rows = [row(at), row(at + 1), row(at + 2), row(at + 3)];
                let sums = matrix.kernel.four_by_one(rows, input);
                for (product, sum) in products.iter_mut().zip(sums) {
                    *product = sum;
                }
            }
            return;
        }
        for (at, products) in products.chunks_mut(count * 2).enumerate() {
            let rows = [row(at * 2), row(at * 2 + 1)];
            for at in (0..count).step_by(4) {
                let group = [inputs.row(at), inputs.row(at + 1), inputs.row(at + 2), inputs.row(at + 3)];
                let sums = matrix.kernel.two_by_four(rows, group);
                for (products, sums) in products.chunks_mut(count).zip(sums) {
                    for (product, sum) in products.iter_mut().skip(at).zip(sums) {
                        *product = sum;
                    }
                }
            }
        }
    }
}

/// Returns the numbers with rows and columns exchanged. A row has `length` numbers.
fn transposed(numbers: &[f32], length: usize) -> Vec<f32> {
    let mut exchanged = Vec::with_capacity(numbers.len());
    for at in 0..length {
        exchanged.extend(numbers.iter().skip(at).step_by(length));
    }
    exchanged
}
