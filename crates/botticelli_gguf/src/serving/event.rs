//! Events of a response.

use botticelli_core::{Delta, FinishReason, TokenLogprob};
use botticelli_error::BotticelliError;

/// One step of one choice, or an error that ends the response.
pub(super) type Item = Result<Event, BotticelliError>;

/// One step of one choice.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) choice: u32,
    pub(super) deltas: Vec<Delta>,
    pub(super) logprob: Option<TokenLogprob>,
    /// Set on the last event of the choice.
    pub(super) end: Option<End>,
}

/// The end of a choice.
#[derive(Debug)]
pub(super) struct End {
    pub(super) finish_reason: FinishReason,
    pub(super) prompt_tokens: u64,
    pub(super) cached_tokens: u64,
    pub(super) completion_tokens: u64,
    pub(super) reasoning_tokens: u64,
}
