//! The settings of sampling.

use std::collections::BTreeMap;

/// The settings of sampling for one response.
#[derive(Clone, Debug)]
pub(crate) struct Sampling {
    /// 0 takes the most likely token.
    pub(crate) temperature: f64,
    /// Number of most likely tokens to choose from. 0 is all.
    pub(crate) top_k: usize,
    /// Probability of the tokens to choose from.
    pub(crate) top_p: f64,
    /// Minimum probability of a token, relative to the most likely one.
    pub(crate) min_p: f64,
    /// Divisor of positive logits of earlier tokens.
    pub(crate) repetition_penalty: f64,
    pub(crate) frequency_penalty: f64,
    pub(crate) presence_penalty: f64,
    pub(crate) logit_bias: BTreeMap<u32, f64>,
    pub(crate) seed: u64,
    /// Number of most likely tokens to report per position. `None` reports nothing.
    pub(crate) logprobs: Option<usize>,
}
