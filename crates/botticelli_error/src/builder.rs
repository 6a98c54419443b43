//! A value that was asked for is missing or impossible.

use derive_builder::UninitializedFieldError;
use std::borrow::Cow;

/// A value that was asked for is missing or impossible.
///
/// Not retried: the same value is refused again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct BuilderError {
    owner: Option<&'static str>,
    field: Cow<'static, str>,
    value: Option<String>,
    reason: Cow<'static, str>,
    remedy: Cow<'static, str>,
    /// Whether the value is JSON, with which a sentence does not open.
    is_json: bool,
}

impl BuilderError {
    /// `field` of `owner` was not given.
    pub fn missing(owner: &'static str, field: &'static str, remedy: impl Into<Cow<'static, str>>) -> Self {
        Self {
            owner: Some(owner),
            field: field.into(),
            value: None,
            reason: "missing".into(),
            remedy: remedy.into(),
            is_json: false,
        }
    }

    /// `field` of `owner` was given as `value`, which cannot be, for `reason`.
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
            remedy: remedy.into(),
            is_json: false,
        }
    }

    /// `field` of `owner` was given as `json`, which cannot be, for `reason`. The sentence gives the reason first and the JSON
    /// in parentheses after it.
    pub fn refused_json(
        owner: &'static str,
        field: impl Into<Cow<'static, str>>,
        json: impl Into<String>,
        reason: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { is_json: true, ..Self::refused(owner, field, json, reason, remedy) }
    }

    /// The name of the field.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The value that was refused; `None` where it is missing.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Why it was refused.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What to do about it.
    pub fn advice(&self) -> &str {
        &self.remedy
    }

    fn sentence(&self) -> String {
        let owner = self.owner.map(|owner| format!("{owner}: ")).unwrap_or_default();
        let Self { field, reason, remedy, .. } = self;
        match &self.value {
            Some(value) if self.is_json => {
                format!("{owner}`{field}` cannot be this JSON, {reason} (found {value}): {remedy}")
            }
            Some(value) => format!("{owner}`{field}` cannot be {value}, {reason}: {remedy}"),
            None => format!("{owner}`{field}` is {reason}: {remedy}"),
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
            remedy: "set it before `build()`".into(),
            is_json: false,
        }
    }
}
