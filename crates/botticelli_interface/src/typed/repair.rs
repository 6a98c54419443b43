//! The request for a repair.

use super::target_schema::TargetSchema;
use super::{TypedMode, Violation, mode_request};
use botticelli_core::{GenerateRequest, Message};

/// Returns `asked` with the output of the model and its violations as further messages.
///
/// The arguments of a call are sent as text, because services expect a result after a call.
pub(super) fn repair_request(
    first_request: &GenerateRequest,
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
    // Some services do not pass the schema on to the model.
    let schema = if mode.is_in_prompt() {
        "the JSON Schema above.".to_owned()
    } else {
        format!("this JSON Schema:\n\n{}", target.sent)
    };
    if written.trim().is_empty() {
        return mode_request::with_instruction(
            first_request,
            &format!("There was no answer. {again} {schema}"),
        );
    }
    let words = format!("That does not fit:\n{}\n\n{again} {schema}", wrong.join("\n"));
    first_request.clone().with_message(Message::assistant(written)).with_message(Message::user(words))
}
