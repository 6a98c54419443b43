//! Missing and invalid values.

use crate::sentence::instruction;
use derive_builder::UninitializedFieldError;
use std::borrow::Cow;

/// A missing or invalid value.
///
/// Not retried: the same value is rejected again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct BuilderError {
    owner: Option<&'static str>,
    field: Cow<'static, str>,
    value: Option<String>,
    reason: Cow<'static, str>,
    remedy: String,
    /// `true` if the value is JSON, which the message shows after the reason.
    is_json: bool,
}

impl BuilderError {
    /// Returns the error for a missing `field` of `owner`.
    ///
    /// `remedy` is an instruction, such as `give at least one`.
    pub fn missing(owner: &'static str, field: &'static str, remedy: impl Into<Cow<'static, str>>) -> Self {
        Self {
            owner: Some(owner),
            field: field.into(),
            value: None,
            reason: "missing".into(),
            remedy: instruction(&remedy.into()),
            is_json: false,
        }
    }

    /// Returns the error for an invalid `value` of `field` of `owner`.
    ///
    /// `reason` is a clause, such as `it is out of range`; `remedy` is an instruction, such as `give 0 or more`.
    pub fn refused(
        owner: &'static str,
        field: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
        reason: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            owner: Some(owner),
            field: field.into(),
            value: Some(value.into()),
            reason: reason.into(),
            remedy: instruction(&remedy.into()),
            is_json: false,
        }
    }

    /// Returns the error for invalid `json` in `field` of `owner`.
    ///
    /// The message gives the reason first and the JSON in parentheses after it.
    pub fn refused_json(
        owner: &'static str,
        field: impl Into<Cow<'static, str>>,
        json: impl Into<String>,
        reason: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { is_json: true, ..Self::refused(owner, field, json, reason, remedy) }
    }

    /// Returns the name of the field.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Returns the invalid value; `None` if it is missing.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Returns the reason why the value is invalid.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> &str {
        &self.remedy
    }

    fn sentence(&self) -> String {
        let owner = self.owner.map(|owner| format!("{owner}: ")).unwrap_or_default();
        let Self { field, reason, remedy, .. } = self;
        match &self.value {
            Some(value) if self.is_json => {
                format!("{owner}`{field}` cannot be this JSON because {reason} (found {value}). {remedy}")
            }
            Some(value) => format!("{owner}`{field}` cannot be {value} because {reason}. {remedy}"),
            None => format!("{owner}`{field}` is {reason}. {remedy}"),
        }
    }
}

impl From<UninitializedFieldError> for BuilderError {
    fn from(error: UninitializedFieldError) -> Self {
        Self {
            owner: None,
            field: error.field_name().into(),
            value: None,
            reason: "missing".into(),
            remedy: "Set it before `build()`.".into(),
            is_json: false,
        }
    }
}
