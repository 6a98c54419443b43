//! Grammars without the feature `grammar`: none exists.

use crate::tokenizer::Tokenizer;
use botticelli_error::{BotticelliError, ModelsError};
use serde_json::Value;

/// No grammars.
#[derive(Debug, Default)]
pub(crate) struct Grammars {}

/// No grammar.
#[derive(Debug)]
pub(crate) enum Constraint {}

impl Grammars {
    /// `true` if the crate is built with grammars.
    pub(crate) const AVAILABLE: bool = false;

    /// Returns an error.
    #[expect(clippy::unused_self, reason = "the signature is that of the feature")]
    pub(crate) fn compile(
        &self,
        _tokenizer: &Tokenizer,
        _schema: &Value,
    ) -> Result<Constraint, BotticelliError> {
        let remedy = "enable the feature `grammar` of botticelli_gguf, or describe the format in the prompt";
        Err(ModelsError::unsupported("gguf", "`response_format`", remedy).into())
    }
}

impl Constraint {
    pub(crate) fn fork(&self) -> Self {
        match *self {}
    }

    pub(crate) fn restrict(&mut self, _logits: &mut [f32]) -> Result<(), BotticelliError> {
        match *self {}
    }

    pub(crate) fn accept(&mut self, _token: u32) -> Result<(), BotticelliError> {
        match *self {}
    }

    pub(crate) fn is_complete(&self) -> bool {
        match *self {}
    }
}
