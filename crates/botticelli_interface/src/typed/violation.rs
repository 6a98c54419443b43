//! Violations of a schema.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;
use std::fmt;

/// A part of a response that does not match the schema, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    path: String,
    reason: String,
}

impl Violation {
    /// Maximum length of a reason, in characters.
    const MAX_LENGTH: usize = 200;

    pub(super) fn new(path: impl Into<String>, reason: impl fmt::Display) -> Self {
        let mut reason = reason.to_string();
        if reason.chars().count() > Self::MAX_LENGTH {
            reason = reason.chars().take(Self::MAX_LENGTH).chain(['…']).collect();
        }
        Self { path: path.into(), reason }
    }

    /// Returns the violations of `error` for a value at the path `around`.
    ///
    /// If there are several variants, the violations are those of the nearest variant. Arrays and objects are not printed.
    pub(super) fn of(error: &ValidationError<'_>, around: &str) -> Vec<Self> {
        if let ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } =
            error.kind()
            && let Some(nearest) = nearest(context, error.instance_path().as_str())
        {
            return nearest.iter().flat_map(|error| Self::of(error, around)).collect();
        }
        let place = format!("{around}{}", error.instance_path());
        vec![match &**error.instance() {
            Value::Object(_) => Self::new(place, error.masked_with("the object")),
            Value::Array(_) => Self::new(place, error.masked_with("the array")),
            _ => Self::new(place, error),
        }]
    }

    /// Returns the path, such as `/guests/0/name`; empty for the whole response.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.path, self.reason)
        }
    }
}

/// Returns the errors of the most likely variant of a value at `place`.
///
/// That variant has the right type and the right tag, and fewer errors than all other such variants.
fn nearest<'a>(
    variants: &'a [Vec<ValidationError<'static>>],
    place: &str,
) -> Option<&'a [ValidationError<'static>]> {
    let is_other = |error: &ValidationError<'_>| {
        let here = error.instance_path().as_str();
        match error.kind() {
            ValidationErrorKind::Type { .. } => here == place,
            ValidationErrorKind::Constant { .. } => {
                here.rsplit_once('/').is_some_and(|(around, _)| around == place)
            }
            _ => false,
        }
    };
    let likely = || variants.iter().filter(|errors| !errors.iter().any(is_other));
    let fewest = likely().map(Vec::len).min()?;
    let mut nearest = likely().filter(|errors| errors.len() == fewest);
    nearest.next().filter(|_| nearest.next().is_none()).map(Vec::as_slice)
}
