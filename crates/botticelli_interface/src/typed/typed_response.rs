//! A value, and how it came.

use super::totals::Totals;
use super::{TypedMode, Violation};
use botticelli_core::{Cost, GenerateResponse, Usage};
use botticelli_error::BotticelliError;
use std::ops::Deref;

/// A value that a model wrote, checked against its schema, and how it came.
///
/// It is used like the value itself: `event.title`, or `event.value` to take it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TypedResponse<T> {
    /// The value.
    pub value: T,
    response: GenerateResponse,
    history: History,
}

/// How an answer came, or did not.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) mode: Option<TypedMode>,
    pub(super) fallbacks: Vec<Fallback>,
    pub(super) repairs: Vec<Repair>,
    /// How often the same was asked once more, because the model failed.
    pub(super) second_attempts: usize,
    pub(super) totals: Totals,
}

/// A mode that the service refused, or in which the model failed twice, so that the next one was tried.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fallback {
    /// The mode.
    pub mode: TypedMode,
    /// Why the next one was tried.
    pub error: BotticelliError,
}

/// An answer that did not fit, so that the model was asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repair {
    /// What the model wrote.
    pub written: String,
    /// What was wrong with it; the first few, where there are many.
    pub violations: Vec<Violation>,
}

impl<T> TypedResponse<T> {
    pub(super) fn new(value: T, response: GenerateResponse, history: History) -> Self {
        Self { value, response, history }
    }

    /// The answer that holds the value: the last one, where the model was asked again.
    pub fn response(&self) -> &GenerateResponse {
        &self.response
    }

    /// The mode that worked.
    pub fn mode(&self) -> TypedMode {
        self.history.mode.unwrap_or(TypedMode::Prompt)
    }

    /// The modes that did not work before; a refusal costs nothing.
    pub fn fallbacks(&self) -> &[Fallback] {
        &self.history.fallbacks
    }

    /// The answers that did not fit before, and what was wrong with them.
    pub fn repairs(&self) -> &[Repair] {
        &self.history.repairs
    }

    /// How many calls were made, those that were refused among them; what the driver itself tried again is not.
    pub fn calls(&self) -> usize {
        let others = self.fallbacks().len().saturating_add(self.repairs().len());
        others.saturating_add(self.history.second_attempts).saturating_add(1)
    }

    /// The tokens of all answers together; what the service did not say of one of them is unknown.
    pub fn usage(&self) -> Option<Usage> {
        self.history.totals.usage()
    }

    /// What all answers cost together; unknown if one of them is.
    pub fn cost(&self) -> Cost {
        self.history.totals.cost()
    }

    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T> Deref for TypedResponse<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
