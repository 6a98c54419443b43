//! Messages to the model about failed calls: the problem, and what to do.

use std::fmt::Display;

/// The maximum length of a quotation from broken arguments, in characters.
const MAX_QUOTATION: usize = 300;

/// The message for an empty result.
pub(super) const NO_OUTPUT: &str = "(no output)";

pub(super) fn unknown_tool<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    match known.as_slice() {
        [] => format!(
            "Error: the tool `{name}` does not exist, and there are no other tools. Answer without a tool."
        ),
        known => format!(
            "Error: the tool `{name}` does not exist. Call one of these instead, or answer without a tool: {}.",
            known.join(", ")
        ),
    }
}

pub(super) fn invalid_json(name: &str, arguments: &str, error: impl Display) -> String {
    let quoted: String = arguments.chars().take(MAX_QUOTATION).collect();
    format!(
        "Error: the tool was not run, because its arguments are not valid JSON ({error}): {quoted:?}. Call `{name}` again, \
         with one complete JSON object that matches its schema."
    )
}

pub(super) fn not_an_object(name: &str, arguments: &str) -> String {
    let quoted: String = arguments.chars().take(MAX_QUOTATION).collect();
    format!(
        "Error: the tool was not run, because its arguments are not a JSON object: {quoted:?}. Call `{name}` again, with one \
         JSON object that matches its schema."
    )
}

pub(super) fn invalid_arguments(name: &str, error: impl Display) -> String {
    format!(
        "Error: the tool was not run, because its arguments do not match its schema ({error}). Call `{name}` again, with \
         arguments that match."
    )
}

pub(super) fn failed(error: &str) -> String {
    format!("Error: the tool failed: {error}. Call it with other arguments, or continue without its result.")
}

pub(super) fn refused(reason: &str) -> String {
    format!("Error: this call was refused, and the tool was not run: {reason}. Continue without it.")
}

/// Returns the message for a call in a response that ended early, for `reason`.
pub(super) fn skipped(reason: &str) -> String {
    format!("The tool was not run, because {reason}.")
}

pub(super) fn truncated(shown: usize, whole: usize) -> String {
    format!(
        "\n[The result was cut: this was the beginning, {shown} of {whole} bytes. Ask for less, or for a part of it, if you \
         need the rest.]"
    )
}
