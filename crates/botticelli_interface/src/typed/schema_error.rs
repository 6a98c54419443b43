//! Errors of schemas.

use super::merge::Conflict;
use botticelli_error::{BotticelliError, BuilderError};
use serde_json::Value;

/// The reason why a part of a schema has no strict form.
#[derive(Debug)]
pub(super) enum StrictError {
    /// The strict form cannot express the part.
    Error(BotticelliError),
    /// No value matches the part. This is fine for one of several variants, and for an optional property.
    Impossible(BotticelliError),
}

/// Returns the error for an unsupported `value` at `place` of a schema.
#[track_caller]
pub(super) fn schema_error(
    place: &str,
    value: &Value,
    reason: &'static str,
    remedy: &'static str,
) -> BotticelliError {
    let shown: String = value.to_string().chars().take(80).collect();
    let place = place.to_owned();
    if value.is_object() || value.is_array() {
        BuilderError::refused_json("OutputSchema", place, shown, reason, remedy).into()
    } else {
        BuilderError::refused("OutputSchema", place, shown, reason, remedy).into()
    }
}

pub(super) fn conflict_error(conflict: Conflict, place: &str) -> StrictError {
    let (reason, remedy) = (
        "two parts of the schema contradict each other",
        "say it in one place, or turn the strict form off with TypedOptions::with_strict(false), or with \
         OutputSchema::with_strict(false) for your own schema",
    );
    match conflict {
        Conflict::Unknown(value) => StrictError::Error(schema_error(place, &value, reason, remedy)),
        Conflict::Nothing(value) => StrictError::Impossible(schema_error(place, &value, reason, remedy)),
    }
}

pub(super) fn too_large(place: &str) -> StrictError {
    StrictError::Error(schema_error(
        place,
        &Value::from("…"),
        "the schema is too large",
        "use a smaller type",
    ))
}
