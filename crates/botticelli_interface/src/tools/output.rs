//! The output of a tool, as text for the model.

use serde::Serialize;
use serde_json::Value;
use std::fmt::Display;

/// The output of a tool's closure.
///
/// | closure returns | the model receives |
/// | --- | --- |
/// | `Ok(value)` of a `Result<T, E>`, with `T: Serialize` and `E: Display` | `value` |
/// | `Err(error)` of the same `Result` | the message of `error`, and a request to try something else |
/// | a text, a number, a `bool`, `()`, a [`Value`], a `Vec` or an `Option` | that value |
/// | [`JsonOutput`] of any other type that implements `Serialize` | that value |
///
/// A text goes to the model unchanged, any other value as JSON.
#[diagnostic::on_unimplemented(
    message = "a tool cannot return `{Self}`",
    note = "return a `Result` with a serializable value and a displayable error, a text, a number, or `JsonOutput(value)`"
)]
pub trait ToolOutput {
    /// Returns the text for the model.
    ///
    /// # Errors
    ///
    /// The message of the error, if the tool failed or its value cannot be written as JSON.
    fn into_text(self) -> Result<String, String>;
}

/// A value that a tool returns as JSON, without a `Result` around it.
///
/// ```
/// use botticelli_interface::{JsonOutput, ToolOutput};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Report {
///     rain: bool,
/// }
///
/// assert_eq!(JsonOutput(Report { rain: true }).into_text(), Ok(r#"{"rain":true}"#.to_owned()));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper has one field")]
pub struct JsonOutput<T>(pub T);

impl<T: Serialize> ToolOutput for JsonOutput<T> {
    fn into_text(self) -> Result<String, String> {
        render(&self.0)
    }
}

impl<T: Serialize, E: Display> ToolOutput for Result<T, E> {
    fn into_text(self) -> Result<String, String> {
        render(&self.map_err(|error| error.to_string())?)
    }
}

impl<T: Serialize> ToolOutput for Option<T> {
    fn into_text(self) -> Result<String, String> {
        render(&self)
    }
}

impl<T: Serialize> ToolOutput for Vec<T> {
    fn into_text(self) -> Result<String, String> {
        render(&self)
    }
}

macro_rules! output_of_values {
    ($($value:ty),*) => {$(
        impl ToolOutput for $value {
            fn into_text(self) -> Result<String, String> {
                render(&self)
            }
        }
    )*};
}

output_of_values!(
    (),
    bool,
    char,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    f32,
    f64,
    &str,
    String,
    Value
);

/// Returns a text unchanged, and any other value as JSON.
pub(super) fn render<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
    let written = serde_json::to_string(value).and_then(|json| {
        // Only a JSON string starts with a quotation mark.
        if json.starts_with('"') { serde_json::from_str(&json) } else { Ok(json) }
    });
    written.map_err(|error| format!("its output cannot be written as JSON ({error})"))
}
