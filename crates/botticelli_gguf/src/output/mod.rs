//! From tokens to the chunks of a response.

mod reasoning;
mod stop_texts;
mod text_output;
mod tool_calls;
mod tool_dialect;

pub(crate) use text_output::{ReasoningTags, TextOutput};
pub(crate) use tool_calls::ToolCalls;
pub(crate) use tool_dialect::ToolDialect;
