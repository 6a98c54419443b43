//! What does not fit, and where.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;
use std::fmt;

/// A place in an answer that does not fit the schema, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    path: String,
    reason: String,
}

impl Violation {
    /// The longest reason, in characters: a model reads it, and a person.
    const LONGEST: usize = 200;

    pub(super) fn new(path: impl Into<String>, reason: impl fmt::Display) -> Self {
        let mut told: String = reason.to_string();
        if told.chars().count() > Self::LONGEST {
            told = told.chars().take(Self::LONGEST).chain(['…']).collect();
        }
        Self { path: path.into(), reason: told }
    }

    /// What `error` says of a value at `around`: of several variants, what keeps the nearest one from fitting.
    ///
    /// A list or an object is not written out: the sentence begins with words.
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
            Value::Array(_) => Self::new(place, error.masked_with("the list")),
            _ => Self::new(place, error),
        }]
    }

    /// The place, as `/guests/0/name`; empty for the whole answer.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there.
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

/// The errors of the one variant that a value at `place` was most likely to be: it is of the right type, bears the right tag, and
/// no other such variant has as few errors.
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
