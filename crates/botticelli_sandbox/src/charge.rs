//! What a generated response costs.

use crate::catalog::ServedModel;

/// A generated response before it is billed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charge {
    pub(crate) served: ServedModel,
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
}
