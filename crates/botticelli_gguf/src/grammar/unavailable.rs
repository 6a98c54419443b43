//! The replacement for grammars without the feature `grammar`.

use crate::output::ToolDialect;
use crate::tokenizer::Tokenizer;
use botticelli_core::ToolDefinition;
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

    /// Returns an error.
    #[expect(clippy::unused_self, reason = "the signature is that of the feature")]
    pub(crate) fn compile_tools(
        &self,
        _tokenizer: &Tokenizer,
        _dialect: ToolDialect,
        _tools: &[&ToolDefinition],
        _allows_several: bool,
        answer: Option<&Value>,
    ) -> Result<Constraint, BotticelliError> {
        let (what, remedy) = if answer.is_some() {
            ("`response_format` together with `tools`", "or leave out one of them")
        } else {
            ("`tool_choice` (a required call)", "or let the model decide (`ToolChoice::Auto`)")
        };
        let remedy = format!("enable the feature `grammar` of botticelli_gguf, {remedy}");
        Err(ModelsError::unsupported("gguf", what, remedy).into())
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
