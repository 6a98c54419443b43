//! Rendering of responses in a dialect.

use super::dialect::Dialect;
use super::{cerebras, router, text, tgi2, tgi3, together};
use crate::chat::Generation;
use crate::script::Script;

impl Dialect {
    /// Renders a chat response, plain or streamed.
    pub(crate) fn render(self, generation: &Generation, streamed: bool) -> Script {
        let render = match (self, streamed) {
            (Self::Router, false) => router::plain,
            (Self::Router, true) => router::stream,
            (Self::Tgi2, false) => tgi2::plain,
            (Self::Tgi2, true) => tgi2::stream,
            (Self::Tgi3, false) => tgi3::plain,
            (Self::Tgi3, true) => tgi3::stream,
            (Self::Together, false) => together::plain,
            (Self::Together, true) => together::stream,
            (Self::Cerebras, false) => cerebras::plain,
            (Self::Cerebras, true) => cerebras::stream,
        };
        render(generation)
    }

    /// Renders a text completion, plain or streamed.
    pub(crate) fn render_text(self, generation: &Generation, streamed: bool) -> Script {
        let render = if streamed { text::stream } else { text::plain };
        render(self, generation)
    }
}
