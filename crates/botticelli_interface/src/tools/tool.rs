//! A tool with state.

use botticelli_core::ToolDefinition;
use botticelli_error::BotticelliError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::Future;

/// A tool as a type of its own, for those with state; [`Tools::add`](crate::Tools::add) takes it. For others a closure will do.
///
/// Its name stands in its definition, and nowhere else.
///
/// ```
/// use botticelli_core::ToolDefinition;
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::{Tool, Tools};
/// use serde_json::{Value, json};
/// use std::collections::HashMap;
///
/// struct Stock(HashMap<String, u32>);
///
/// impl Tool for Stock {
///     type Arguments = Value;
///     type Output = u32;
///     type Error = String;
///
///     fn definition(&self) -> Result<ToolDefinition, BotticelliError> {
///         let parameters = json!({"type": "object", "properties": {"item": {"type": "string"}}, "required": ["item"]});
///         Ok(ToolDefinition::new("stock", parameters)?.with_description("How many of an item there are"))
///     }
///
///     async fn call(&self, arguments: Value) -> Result<u32, String> {
///         let item = arguments["item"].as_str().ok_or("`item` is missing")?;
///         self.0.get(item).copied().ok_or(format!("there is no {item}"))
///     }
/// }
///
/// let tools = Tools::new().add(Stock(HashMap::new()));
/// ```
pub trait Tool: Send + Sync {
    /// What it reads its arguments into; `serde_json::Value` takes any.
    type Arguments: DeserializeOwned + Send;
    /// What it gives back: a text goes to the model as it is, anything else as JSON.
    type Output: Serialize;
    /// What it fails with: its words go to the model.
    type Error: fmt::Display;

    /// Its name, what it is for, and the schema of its arguments. Asked once, when it is added.
    ///
    /// # Errors
    ///
    /// A name or a schema that is none; it becomes the error of the run.
    fn definition(&self) -> Result<ToolDefinition, BotticelliError>;

    /// Runs it.
    ///
    /// # Errors
    ///
    /// What went wrong, in words for the model, which may try again.
    fn call(
        &self,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}
