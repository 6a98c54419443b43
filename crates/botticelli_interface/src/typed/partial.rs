//! A value that is still being written.

use super::TypedResponse;
use botticelli_error::BotticelliError;
use futures::stream::BoxStream;
use serde_json::Value;

/// What a stream of a typed answer gives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Partial<T> {
    /// What is there so far: texts and lists that are still being written end where they end now; a number, a key or a
    /// word is there when it is complete. Not checked.
    ///
    /// Of an answer of a few kilobytes, every change is given. Of a longer one, the values are spaced out, by a 64th of what is
    /// there, so that the time for all of them grows with the answer and no faster.
    Value(Value),
    /// The whole, checked: the last item.
    Complete(Box<TypedResponse<T>>),
}

impl<T> Partial<T> {
    /// What is there so far; `None` of the whole.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Complete(_) => None,
        }
    }

    /// The whole; `None` before it is complete.
    pub fn into_complete(self) -> Option<TypedResponse<T>> {
        match self {
            Self::Complete(whole) => Some(*whole),
            Self::Value(_) => None,
        }
    }
}

/// A typed answer, as it is written: any number of values so far, then exactly one that is complete or exactly one error,
/// then nothing.
pub type PartialStream<T> = BoxStream<'static, Result<Partial<T>, BotticelliError>>;
