//! Biases of tokens.

use botticelli_error::{BotticelliError, BuilderError};
use std::collections::BTreeMap;

/// Checks that all tokens exist. The vocabulary has `tokens` tokens.
pub(crate) fn check_tokens<B>(biases: &BTreeMap<u32, B>, tokens: usize) -> Result<(), BotticelliError> {
    let Some((token, _)) = biases.iter().find(|(token, _)| crate::numbers::to_usize(**token) >= tokens)
    else {
        return Ok(());
    };
    let reason = format!("the vocabulary has {tokens} tokens");
    let remedy = "use the numbers that `GgufDriver::tokenize` returns";
    Err(BuilderError::refused("GenerateRequest", "logit_bias", token.to_string(), reason, remedy).into())
}
