//! A typed response.

use super::TypedMode;
use super::history::{Fallback, History, Repair};
use botticelli_core::{Cost, GenerateResponse, Usage};
use std::ops::Deref;

/// A response as a value of type `T`, checked against its schema.
///
/// The type dereferences to the value: `event.title` reads a field, and `event.value` is the value itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TypedResponse<T> {
    /// The value.
    pub value: T,
    response: GenerateResponse,
    history: History,
}

impl<T> TypedResponse<T> {
    pub(super) fn new(value: T, response: GenerateResponse, history: History) -> Self {
        Self { value, response, history }
    }

    /// Returns the response with the value. After repairs, it is the last response.
    pub fn response(&self) -> &GenerateResponse {
        &self.response
    }

    /// Returns the mode that succeeded.
    pub fn mode(&self) -> TypedMode {
        self.history.mode.unwrap_or(TypedMode::Prompt)
    }

    /// Returns the modes that failed before. A rejected request costs nothing.
    pub fn fallbacks(&self) -> &[Fallback] {
        &self.history.fallbacks
    }

    /// Returns the earlier responses that did not match, with their violations.
    pub fn repairs(&self) -> &[Repair] {
        &self.history.repairs
    }

    /// Returns the number of calls, including rejected ones, but without the driver's own retries.
    pub fn calls(&self) -> usize {
        self.fallbacks().len() + self.repairs().len() + self.history.second_attempts + 1
    }

    /// Returns the sum of the tokens of all responses. A count is unknown if one of the responses does not report it.
    pub fn usage(&self) -> Option<Usage> {
        self.history.totals.usage()
    }

    /// Returns the total cost of all responses. The total is unknown if the cost of one response is unknown.
    pub fn cost(&self) -> Cost {
        self.history.totals.cost()
    }

    /// Consumes the response and returns the value.
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
