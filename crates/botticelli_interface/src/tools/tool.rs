//! Tools as types.

use botticelli_core::ToolDefinition;
use botticelli_error::BotticelliError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::Future;

/// A tool as a type, for example one with state. [`Tools::with_tool`](crate::Tools::with_tool) adds it to a run.
///
/// For a tool without state, a closure is shorter. The name of the tool is part of its definition.
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
///         Ok(ToolDefinition::new("stock", parameters)?.with_description("Counts the pieces of an item in stock"))
///     }
///
///     async fn call(&self, arguments: Value) -> Result<u32, String> {
///         let item = arguments["item"].as_str().ok_or("`item` is missing")?;
///         self.0.get(item).copied().ok_or(format!("{item} is not in stock"))
///     }
/// }
///
/// let tools = Tools::new().with_tool(Stock(HashMap::new()));
/// ```
pub trait Tool: Send + Sync {
    /// Type of the arguments; `serde_json::Value` accepts any.
    type Arguments: DeserializeOwned + Send;
    /// Type of the output. A text goes to the model unchanged, any other value as JSON.
    type Output: Serialize;
    /// Type of the error. Its message goes to the model.
    type Error: fmt::Display;

    /// Returns the name, the description and the schema of the arguments. Called once, when the tool is added.
    ///
    /// # Errors
    ///
    /// An invalid name or schema. The run fails with this error.
    fn definition(&self) -> Result<ToolDefinition, BotticelliError>;

    /// Runs the tool.
    ///
    /// # Errors
    ///
    /// A problem, with a message for the model, which may try again.
    fn call(
        &self,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}
