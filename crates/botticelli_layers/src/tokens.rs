//! Tokens of a call.

use botticelli_core::Usage;

/// Returns the tokens of a usage, prompt and completion together. The larger count wins if the sum and the total differ.
pub(crate) fn counted_tokens(usage: &Usage) -> Option<u64> {
    let sum = usage.prompt_tokens().zip(usage.completion_tokens());
    let sum = sum.and_then(|(prompt, completion)| prompt.checked_add(completion));
    usage.total_tokens().max(sum)
}
