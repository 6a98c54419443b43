//! What the model is told when a call came to nothing: what went wrong, and what to do.

use std::fmt::Display;

/// How much of broken arguments is quoted.
const QUOTED: usize = 300;

/// Told in the place of an empty result.
pub(super) const NO_OUTPUT: &str = "(no output)";

pub(super) fn unknown_tool<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    match known.as_slice() {
        [] => format!("Error: there is no tool `{name}`, and no other. Answer without a tool."),
        known => format!(
            "Error: there is no tool `{name}`. Call one of these instead, or answer without a tool: {}.",
            known.join(", ")
        ),
    }
}

pub(super) fn invalid_json(name: &str, arguments: &str, error: impl Display) -> String {
    let quoted: String = arguments.chars().take(QUOTED).collect();
    format!(
        "Error: the tool was not run, because its arguments are not valid JSON ({error}): {quoted:?}. Call `{name}` again, \
         with one complete JSON object that fits its schema."
    )
}

pub(super) fn not_an_object(name: &str, arguments: &str) -> String {
    let quoted: String = arguments.chars().take(QUOTED).collect();
    format!(
        "Error: the tool was not run, because its arguments are no JSON object: {quoted:?}. Call `{name}` again, with one \
         JSON object that fits its schema."
    )
}

pub(super) fn invalid_arguments(name: &str, error: impl Display) -> String {
    format!(
        "Error: the tool was not run, because its arguments do not fit its schema ({error}). Call `{name}` again, with \
         arguments that fit."
    )
}

pub(super) fn failed(error: &str) -> String {
    format!("Error: the tool failed: {error}. Call it with other arguments, or go on without its result.")
}

pub(super) fn refused(reason: &str) -> String {
    format!("Error: this call was refused, and the tool was not run: {reason}. Go on without it.")
}

pub(super) fn truncated(shown: usize, whole: usize) -> String {
    format!(
        "\n[The result was cut: this was the beginning, {shown} of {whole} bytes. Ask for less, or for a part of it, if you \
         need the rest.]"
    )
}
