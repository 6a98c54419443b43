//! Scales and minima of the lanes of a vector.
//!
//! A weight is its whole number times a scale, plus a minimum. Scales have the precision of the file: 16 bits, or 16 bits times a whole
//! number.

use super::kernel::Kernel;
use super::layout::LANES;
use fearless_simd::{f32x16, prelude::*};

/// The scales of a unit of one row, as in the file. `wholes` has the small scales and then the small minima.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowScales {
    pub(super) scale: u16,
    pub(super) min: u16,
    pub(super) small_scales: [i8; 16],
    pub(super) small_mins: [i8; 16],
}

/// The scales of the lanes.
pub(super) trait Scales: Copy + Send + Sync + 'static {
    /// Scales of a block: one, or one for each half.
    const PARTS: usize;
    /// `true` if the format has minima.
    const HAS_MINS: bool;

    /// Gathers the scales of the lanes.
    fn gather(lanes: &[RowScales; LANES]) -> Self;

    /// Returns the scales with an index.
    fn scales<K: Kernel>(&self, simd: K, index: usize) -> f32x16<K>;

    /// Returns the minima with an index, if the format has them.
    fn mins<K: Kernel>(&self, simd: K, index: usize) -> f32x16<K>;
}

/// Returns small scales with an index. Indices are always inside of the array.
#[inline(always)]
fn small<K: Kernel, const N: usize>(simd: K, rows: &[[i8; LANES]; N], index: usize) -> f32x16<K> {
    simd.widen_bytes(rows.get(index).unwrap_or(&[0; LANES]))
}

/// Gathers small scales.
fn gathered<const N: usize>(
    lanes: &[RowScales; LANES],
    of: impl Fn(&RowScales) -> &[i8; 16],
) -> [[i8; LANES]; N] {
    std::array::from_fn(|index| {
        let mut row = [0; LANES];
        for (number, lane) in row.iter_mut().zip(lanes) {
            *number = of(lane).get(index).copied().unwrap_or_default();
        }
        row
    })
}

/// One scale.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(super) struct One([u16; LANES]);

impl Scales for One {
    const PARTS: usize = 1;
    const HAS_MINS: bool = false;

    fn gather(lanes: &[RowScales; LANES]) -> Self {
        Self(lanes.map(|lane| lane.scale))
    }

    #[inline(always)]
    fn scales<K: Kernel>(&self, simd: K, _index: usize) -> f32x16<K> {
        simd.widen_halves(&self.0)
    }

    #[inline(always)]
    fn mins<K: Kernel>(&self, simd: K, _index: usize) -> f32x16<K> {
        f32x16::splat(simd, 0.0)
    }
}

/// One scale and one minimum.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
pub(super) struct WithMin {
    scales: [u16; LANES],
    mins: [u16; LANES],
}

impl Scales for WithMin {
    const PARTS: usize = 1;
    const HAS_MINS: bool = true;

    fn gather(lanes: &[RowScales; LANES]) -> Self {
        Self { scales: lanes.map(|lane| lane.scale), mins: lanes.map(|lane| lane.min) }
    }

    #[inline(always)]
    fn scales<K: Kernel>(&self, simd: K, _index: usize) -> f32x16<K> {
        simd.widen_halves(&self.scales)
    }

    #[inline(always)]
    fn mins<K: Kernel>(&self, simd: K, _index: usize) -> f32x16<K> {
        simd.widen_halves(&self.mins)
    }
}

/// A scale and a minimum for a unit, and `N` small ones of each, `PARTS` for a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct SmallWithMins<const N: usize, const PARTS: usize> {
    unit: WithMin,
    scales: [[i8; LANES]; N],
    mins: [[i8; LANES]; N],
}

impl<const N: usize, const PARTS: usize> Scales for SmallWithMins<N, PARTS> {
    const PARTS: usize = PARTS;
    const HAS_MINS: bool = true;

    fn gather(lanes: &[RowScales; LANES]) -> Self {
        Self {
            unit: WithMin::gather(lanes),
            scales: gathered(lanes, |lane| &lane.small_scales),
            mins: gathered(lanes, |lane| &lane.small_mins),
        }
    }

    #[inline(always)]
    fn scales<K: Kernel>(&self, simd: K, index: usize) -> f32x16<K> {
        self.unit.scales(simd, 0) * small(simd, &self.scales, index)
    }

    #[inline(always)]
    fn mins<K: Kernel>(&self, simd: K, index: usize) -> f32x16<K> {
        // The file has the minima without their sign.
        -(self.unit.mins(simd, 0) * small(simd, &self.mins, index))
    }
}

/// A scale for a unit, and a small one for each half of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Small {
    unit: One,
    scales: [[i8; LANES]; 16],
}

impl Scales for Small {
    const PARTS: usize = 2;
    const HAS_MINS: bool = false;

    fn gather(lanes: &[RowScales; LANES]) -> Self {
        Self { unit: One::gather(lanes), scales: gathered(lanes, |lane| &lane.small_scales) }
    }

    #[inline(always)]
    fn scales<K: Kernel>(&self, simd: K, index: usize) -> f32x16<K> {
        self.unit.scales(simd, 0) * small(simd, &self.scales, index)
    }

    #[inline(always)]
    fn mins<K: Kernel>(&self, simd: K, _index: usize) -> f32x16<K> {
        f32x16::splat(simd, 0.0)
    }
}
