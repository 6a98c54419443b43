//! The request that says what is wrong.

use super::target_schema::TargetSchema;
use super::{TypedMode, Violation, mode_request};
use botticelli_core::{GenerateRequest, Message};

/// `asked`, and after it what the model wrote and what is wrong with that.
///
/// What was called is written out as text, so that no service looks for the result of the call.
pub(super) fn repair_request(
    asked: &GenerateRequest,
    written: &str,
    violations: &[Violation],
    target: &TargetSchema,
    mode: TypedMode,
) -> GenerateRequest {
    let wrong: Vec<String> = violations.iter().map(|violation| format!("- {violation}")).collect();
    let again = match mode {
        TypedMode::ToolCall => "Call the tool again, with arguments that fit",
        _ => "Answer again, with one JSON object and nothing else, that fits",
    };
    // Services that do not know the form have not told the model of it.
    let schema = if mode.is_in_prompt() {
        "the JSON Schema above.".to_owned()
    } else {
        format!("this JSON Schema:\n\n{}", target.asked)
    };
    if written.trim().is_empty() {
        return mode_request::with_instruction(asked, &format!("There was no answer. {again} {schema}"));
    }
    let words = format!("That does not fit:\n{}\n\n{again} {schema}", wrong.join("\n"));
    asked.clone().with_message(Message::assistant(written)).with_message(Message::user(words))
}
