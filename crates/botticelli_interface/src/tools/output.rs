//! What a closure may give back.

use super::spoken::spoken;
use serde::Serialize;
use std::error::Error;

/// What the closure of a tool may give back: anything that serde can write, or a `Result` of it.
///
/// A text goes to the model as it is, anything else as JSON. The error may be any [`Error`], a `Box<dyn Error + Send + Sync>`
/// (or what can be seen as one, as `anyhow::Error`), or a text. The parameter tells these apart, and is never written out; where an
/// error is two of them, the compiler asks for it: make it a text, by `.map_err(|error| error.to_string())`.
#[diagnostic::on_unimplemented(
    message = "a tool cannot give back `{Self}`",
    note = "give back something that implements `serde::Serialize`, or a `Result` of it with an error or a text, as \
            `.map_err(|error| error.to_string())`"
)]
pub trait ToolOutput<Kind> {
    /// What the model is told, or what went wrong.
    ///
    /// # Errors
    ///
    /// What went wrong.
    fn into_text(self) -> Result<String, String>;
}

/// [`ToolOutput`]: what serde can write, a `Result` whose error is a text included.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "it marks a type, and has no value")]
pub enum Plain {}

/// [`ToolOutput`]: a `Result` with an error.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "it marks a type, and has no value")]
pub enum FailsWith {}

/// [`ToolOutput`]: a `Result` with something that can be seen as any error.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "it marks a type, and has no value")]
pub enum FailsWithAny {}

impl<T: Serialize> ToolOutput<Plain> for T {
    fn into_text(self) -> Result<String, String> {
        spoken(&self)
    }
}

impl<T: Serialize, E: Error> ToolOutput<FailsWith> for Result<T, E> {
    fn into_text(self) -> Result<String, String> {
        spoken(&self.map_err(|error| error.to_string())?)
    }
}

impl<T: Serialize, E: AsRef<dyn Error + Send + Sync>> ToolOutput<FailsWithAny> for Result<T, E> {
    fn into_text(self) -> Result<String, String> {
        spoken(&self.map_err(|error| error.as_ref().to_string())?)
    }
}
