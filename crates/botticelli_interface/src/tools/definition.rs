//! The definition of a tool, from the type of its arguments.

use botticelli_core::ToolDefinition;
use botticelli_error::BotticelliError;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// Returns the definition of the tool `name` with arguments of type `T`.
///
/// The schema of `T` becomes the schema of the arguments, and the doc comment of `T` becomes the description. References are
/// replaced by their targets if possible, because not every server resolves them.
///
/// ```
/// use botticelli_interface::tool_definition;
/// use schemars::JsonSchema;
///
/// /// The weather in a city
/// #[derive(JsonSchema)]
/// struct Weather {
///     /// The city's name
///     city: String,
/// }
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let weather = tool_definition::<Weather>("weather")?;
/// assert_eq!(weather.description(), Some("The weather in a city"));
/// assert_eq!(weather.parameters()["properties"]["city"]["description"], "The city's name");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// A [`BuilderError`](botticelli_error::BuilderError) if the name contains other characters than letters, digits, `_` and `-`, or
/// if `T` is not an object.
#[track_caller]
pub fn tool_definition<T: JsonSchema>(name: impl Into<String>) -> Result<ToolDefinition, BotticelliError> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    crate::typed::add_bounds(&mut schema);
    let mut description = None;
    if let Value::Object(fields) = &mut schema {
        // The model knows the name of the tool, so the name of the Rust type is redundant.
        fields.shift_remove("title");
        description = fields.shift_remove("description");
        if fields.get("type").is_some_and(|word| word == "object") && !fields.contains_key("properties") {
            fields.insert("properties".to_owned(), json!({}));
        }
    }
    let definition = ToolDefinition::new(name, schema)?;
    Ok(match description.as_ref().and_then(Value::as_str) {
        Some(text) => definition.with_description(text),
        None => definition,
    })
}
