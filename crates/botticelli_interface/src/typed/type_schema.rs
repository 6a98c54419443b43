//! The schema of a Rust type.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// Returns the schema of `T`. Doc comments become descriptions, and fields keep their order.
pub(super) fn type_schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.meta_schema = None);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Returns the name of `T`, limited to the characters and the length that services accept.
pub(super) fn type_name<T: JsonSchema>() -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    let name: String = T::schema_name().chars().map(plain).take(64).collect();
    if name.is_empty() { "answer".to_owned() } else { name }
}
