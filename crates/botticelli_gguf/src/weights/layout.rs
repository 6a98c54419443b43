//! Sizes that all formats share.

/// Rows of weights that are multiplied together. Each has a lane of a vector.
pub(super) const LANES: usize = 16;

/// Numbers in a block.
pub(super) const BLOCK: usize = 32;
