//! Choices of a chat response.

use super::default_text::default_text;
use super::endpoint::Endpoint;
use super::format::{OutputFormat, json_text};
use super::generation::{Choice, FinishReason, cut, pieces_of};
use super::reasoning::{limit_reasoning, reasoning_text, with_tags};
use super::request::ChatRequest;
use super::tool_calls::{tool_calls, tool_results};
use crate::catalog::{Behavior, ReasoningFormat, ServedModel};

const REFUSAL: &str = "I am sorry, but the sandbox refuses to help with that.";
const FILTERED: &str = "This text was taken";

/// Returns `n` choices. text-generation-inference returns only one.
pub(super) fn choices(
    request: &ChatRequest,
    served: ServedModel,
    endpoint: &Endpoint,
    output_format: &OutputFormat,
    media: &str,
) -> Vec<Choice> {
    let count = if endpoint.dialect.is_tgi() { 1 } else { request.n.unwrap_or(1) };
    let count = usize::try_from(count).unwrap_or(1);
    (0..count).map(|variant| choice(request, served, endpoint, output_format, media, variant)).collect()
}

fn choice(
    request: &ChatRequest,
    served: ServedModel,
    endpoint: &Endpoint,
    output_format: &OutputFormat,
    media: &str,
    variant: usize,
) -> Choice {
    let is_tgi = endpoint.dialect.is_tgi();
    match served.model.behavior {
        // Servers without a refusal field put the refusal into the text.
        Behavior::Refusing if !endpoint.dialect.has_refusals() => return Choice::text(REFUSAL, None, &[]),
        Behavior::Refusing => return Choice { refusal: pieces_of(REFUSAL), ..Choice::default() },
        Behavior::Filtered => {
            return Choice {
                pieces: pieces_of(FILTERED),
                finish_reason: FinishReason::ContentFilter,
                ..Choice::default()
            };
        }
        _ => {}
    }
    let reasoning_format = served.model.behavior.reasoning_format();
    let reasoning = reasoning_format.map(|_| reasoning_text(request)).unwrap_or_default();
    let calls = tool_calls(request, is_tgi, variant);
    if !calls.is_empty() {
        let (reasoning, pieces) = match reasoning_format {
            Some(ReasoningFormat::Tags) => (Vec::new(), with_tags(&reasoning, "")),
            _ => (pieces_of(&reasoning), Vec::new()),
        };
        return Choice {
            reasoning,
            pieces,
            calls,
            finish_reason: FinishReason::ToolCalls,
            ..Choice::default()
        };
    }
    let text = text(request, served, is_tgi, output_format, media, variant);
    if reasoning_format == Some(ReasoningFormat::Tags) {
        let (pieces, finish_reason) = cut(with_tags(&reasoning, &text), request.limit(), request.stops());
        return Choice { pieces, finish_reason, ..Choice::default() };
    }
    let (reasoning, left) = limit_reasoning(&reasoning, request.limit());
    Choice { reasoning, ..Choice::text(&text, left, request.stops()) }
}

fn text(
    request: &ChatRequest,
    served: ServedModel,
    is_tgi: bool,
    output_format: &OutputFormat,
    media: &str,
    variant: usize,
) -> String {
    match output_format {
        OutputFormat::Schema(schema) => return json_text(request, Some(schema), served, variant),
        OutputFormat::AnyJson => return json_text(request, None, served, variant),
        OutputFormat::Text => {}
    }
    let results = tool_results(request, is_tgi);
    let text = if results.is_empty() {
        default_text(request, media)
    } else {
        format!("The tool said: {}", results.join("\nThe tool said: "))
    };
    if variant == 0 { text } else { format!("{text} This is choice {}.", variant + 1) }
}
