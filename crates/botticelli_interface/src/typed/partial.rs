//! The items of a typed stream.

use super::TypedResponse;
use botticelli_error::BotticelliError;
use futures::stream::BoxStream;
use serde_json::Value;

/// An item of a typed stream.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Partial<T> {
    /// The value so far, not validated.
    ///
    /// Incomplete strings and arrays are included up to the current position. Numbers, keys and literals are included when they are
    /// complete.
    ///
    /// A response of a few kilobytes yields every change. A longer one yields a value after every further 64th of its length, so
    /// that the total time stays linear.
    Value(Value),
    /// The complete and validated value, as the last item.
    Complete(Box<TypedResponse<T>>),
}

impl<T> Partial<T> {
    /// Returns the value so far; `None` for the complete one.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Complete(_) => None,
        }
    }

    /// Consumes the item and returns the complete value; `None` for a partial one.
    pub fn into_complete(self) -> Option<TypedResponse<T>> {
        match self {
            Self::Complete(response) => Some(*response),
            Self::Value(_) => None,
        }
    }
}

/// A stream of a typed response.
///
/// The stream has any number of partial values, then exactly one complete value or exactly one error, and then ends.
pub type PartialStream<T> = BoxStream<'static, Result<Partial<T>, BotticelliError>>;
