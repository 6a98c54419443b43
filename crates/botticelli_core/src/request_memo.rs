//! A place for the form that a driver gives a request.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A place for the form that a driver gives a request: the body to send. Clones share it.
///
/// A wrapper that calls several methods of a driver with one request attaches a memo, so that the driver makes the form once.
///
/// Clones of a request share its memo, also if they are changed afterwards, or sent through another driver. A driver must therefore store
/// the request with the form, and [compare](crate::GenerateRequest::has_same_content) before it uses a form.
///
/// ```
/// use botticelli::{GenerateRequest, RequestMemo};
///
/// let request = GenerateRequest::from("Hi").with_memo(RequestMemo::default());
/// if let Some(memo) = request.memo() {
///     memo.set("a form".to_owned());
///     assert_eq!(memo.get::<String>().map(String::as_str), Some("a form"));
/// }
/// ```
#[derive(Clone, Default)]
pub struct RequestMemo(Arc<OnceLock<Box<dyn Any + Send + Sync>>>);

impl RequestMemo {
    /// Returns the form, if one of this type is stored.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.get()?.downcast_ref()
    }

    /// Stores a form. An earlier one stays.
    pub fn set<T: Any + Send + Sync>(&self, form: T) {
        // The first form is the one that other calls use.
        let _ = self.0.set(Box::new(form));
    }
}

/// The form is a secret of the driver, and may repeat the prompt.
impl fmt::Debug for RequestMemo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestMemo")
    }
}

/// Two memos are equal if they are clones of each other.
impl PartialEq for RequestMemo {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
