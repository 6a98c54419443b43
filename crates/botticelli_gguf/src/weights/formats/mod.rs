//! The formats of a file.
//!
//! The layouts are those of the GGUF format.

mod k_quants;
mod small_blocks;

pub(super) use k_quants::{Q2K, Q3K, Q4K, Q5K, Q6K};
pub(super) use small_blocks::{Q4One, Q4Zero, Q5One, Q5Zero, Q8Zero};

use super::layout::BLOCK;
use super::numbers::Numbers;
use super::scales::{RowScales, Scales};

/// A format of a file. `BLOCKS` blocks of 32 numbers have common scales.
pub(super) trait Format<const BLOCKS: usize>: Send + Sync + 'static {
    type Scales: Scales;
    type Numbers: Numbers;

    /// Size of a unit in the file.
    const BYTES: usize;

    /// Reads the scales of a unit.
    fn scales(unit: &[u8]) -> RowScales;

    /// Reads the whole numbers of a block.
    fn numbers(unit: &[u8], block: usize) -> [u8; BLOCK];
}

/// Returns the bytes from an index on. Missing bytes are zeros.
fn bytes<const N: usize>(unit: &[u8], begin: usize) -> [u8; N] {
    unit.get(begin..).and_then(|rest| rest.first_chunk::<N>()).copied().unwrap_or([0; N])
}

/// Returns the float of 16 bits at an index.
fn half(unit: &[u8], begin: usize) -> u16 {
    u16::from_le_bytes(bytes(unit, begin))
}

/// Returns some bits of each byte.
fn bits(bytes: [u8; BLOCK], shift: usize, mask: u8) -> [u8; BLOCK] {
    bytes.map(|byte| (byte >> shift) & mask)
}

/// Returns lower and upper bits together.
fn joined(lower: [u8; BLOCK], upper: [u8; BLOCK], shift: usize) -> [u8; BLOCK] {
    let mut joined = lower;
    for (number, upper) in joined.iter_mut().zip(upper) {
        *number |= upper << shift;
    }
    joined
}
