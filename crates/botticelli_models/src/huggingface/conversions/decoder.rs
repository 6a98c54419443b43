//! The response formats that the driver decodes.

use super::GenerationReader;
use std::sync::Arc;

/// The format of a response, with the state that decoding it needs.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) enum Decoder {
    /// A chat completion.
    #[default]
    Chat,
    /// A text completion. No part of it is read as reasoning.
    Text,
    /// A response of text-generation-inference's own API, which is read as a text completion.
    Tgi(GenerationReader),
}

/// The expected response to a request: its format, and its possible content.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) struct ExpectedResponse {
    pub(in crate::huggingface) decoder: Decoder,
    /// Requested number of choices; 0 if the request does not say.
    pub(in crate::huggingface) choices: u32,
    /// Names of the tools that the request offers.
    pub(in crate::huggingface) tools: Arc<[String]>,
    /// Maximum size in bytes; `None` for no limit.
    pub(in crate::huggingface) limit: Option<usize>,
}

impl From<Decoder> for ExpectedResponse {
    fn from(decoder: Decoder) -> Self {
        Self { decoder, ..Self::default() }
    }
}
