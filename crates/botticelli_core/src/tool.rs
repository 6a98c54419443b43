//! Tools, and calls of tools.

use crate::schema;
use botticelli_error::{BotticelliError, BuilderError, JsonError, JsonErrorKind};
use derive_getters::Getters;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// Tool that the model may call: a function with a name, a purpose, and a JSON Schema of its arguments.
///
/// ```
/// use botticelli::ToolDefinition;
/// use serde_json::json;
///
/// # fn main() -> Result<(), botticelli::BotticelliError> {
/// let weather = ToolDefinition::new(
///     "weather",
///     json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}),
/// )?
/// .with_description("The weather in a city");
/// assert_eq!(weather.name(), "weather");
///
/// let blank = ToolDefinition::new("the weather", json!({"type": "object"}));
/// assert!(blank.unwrap_err().to_string().contains("letters, digits, _ and -"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Getters, Serialize, Deserialize)]
pub struct ToolDefinition {
    /// Name of the function: up to 64 letters, digits, `_` and `-`.
    #[getter(skip)]
    name: String,
    /// Purpose, as text for the model.
    #[getter(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// JSON Schema of the arguments, an object.
    parameters: Value,
    /// `true` if the arguments must match the schema exactly. Some providers ignore it.
    #[getter(copy)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

impl ToolDefinition {
    /// Returns a tool with the JSON Schema of its arguments.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the name is empty, too long, or has other characters than letters, digits, `_` and `-`, or if
    /// `parameters` is not the schema of an object.
    #[track_caller]
    pub fn new(name: impl Into<String>, parameters: Value) -> Result<Self, BotticelliError> {
        let tool = Self { name: name.into(), description: None, parameters, strict: None };
        tool.validate()?;
        Ok(tool)
    }

    /// Returns a tool without arguments.
    ///
    /// # Errors
    ///
    /// As [`ToolDefinition::new`].
    #[track_caller]
    pub fn without_arguments(name: impl Into<String>) -> Result<Self, BotticelliError> {
        Self::new(name, json!({"type": "object", "properties": {}}))
    }

    /// Sets the purpose, as text for the model.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets whether the arguments must match the schema exactly.
    pub fn with_strict(mut self, strict: bool) -> Self {
        self.strict = Some(strict);
        self
    }

    /// Returns the name of the function.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the purpose.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    #[track_caller]
    pub(crate) fn validate(&self) -> Result<(), BotticelliError> {
        schema::check_function_name("ToolDefinition", "name", &self.name)?;
        let field = format!("tools.{}.parameters", self.name);
        schema::check("ToolDefinition", &self.parameters, &field)?;
        let is_object = self.parameters.get("type").is_none_or(|word| word == "object");
        if !is_object {
            let (reason, remedy) = ("the arguments of a tool are an object", "wrap it into an object");
            let value = self.parameters.get("type").map(ToString::to_string).unwrap_or_default();
            return Err(BuilderError::refused("ToolDefinition", field, value, reason, remedy).into());
        }
        Ok(())
    }
}

/// Permission or obligation of the model to call tools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToolChoice {
    /// The model decides. This is the default of services.
    #[default]
    Auto,
    /// The model must not call tools.
    None,
    /// The model must call at least one tool. Some providers reject this.
    Required,
    /// The model must call this tool.
    Function(String),
}

/// Tool call that the model requests.
///
/// ```
/// use botticelli::ToolCall;
/// use std::collections::HashMap;
///
/// # fn main() -> Result<(), botticelli::BotticelliError> {
/// let call = ToolCall::new("call_1", "weather", r#"{"city":"Florence"}"#);
/// let arguments: HashMap<String, String> = call.arguments()?;
/// assert_eq!(arguments["city"], "Florence");
///
/// let broken = ToolCall::new("call_2", "weather", r#"{"city":"#);
/// assert!(broken.arguments::<HashMap<String, String>>().is_err());
/// # Ok(())
/// # }
/// ```
///
/// A stored call is also read from OpenAI's format: `{"id": …, "type": "function", "function": {"name": …, "arguments": …}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToolCall {
    /// Id that the result refers to.
    id: String,
    /// Name of the function.
    name: String,
    /// Arguments, as the text of the model. Usually a JSON object, but models err.
    arguments: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<Box<Value>>,
}

impl ToolCall {
    /// Returns a call of the function `name` with the text of its arguments. An empty text becomes the empty object.
    pub fn new(id: impl Into<String>, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        let arguments = match arguments.into() {
            blank if blank.trim().is_empty() => "{}".to_owned(),
            arguments => arguments,
        };
        Self { id: id.into(), name: name.into(), arguments, extra_content: None }
    }

    /// Sets data of the service that has to go back with the call, such as the signature of Gemini's reasoning.
    pub fn with_extra_content(mut self, extra_content: impl Into<Option<Value>>) -> Self {
        self.extra_content = extra_content.into().map(Box::new);
        self
    }

    /// Returns data of the service that has to go back with the call.
    pub fn extra_content(&self) -> Option<&Value> {
        self.extra_content.as_deref()
    }

    /// Returns the id that the result refers to.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the name of the function.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the arguments, as the text of the model. Usually a JSON object, but models err.
    pub fn arguments_text(&self) -> &str {
        &self.arguments
    }

    /// Parses the arguments.
    ///
    /// # Errors
    ///
    /// A [`JsonError`] if the text is not JSON or does not fit `T`.
    #[track_caller]
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, BotticelliError> {
        serde_json::from_str(&self.arguments).map_err(|error| {
            let what = format!("arguments of `{}`", self.name);
            JsonError::new(JsonErrorKind::TypeMismatch { what, reason: error.to_string() }, "the model")
                .into()
        })
    }
}

impl fmt::Display for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name, self.arguments)
    }
}
