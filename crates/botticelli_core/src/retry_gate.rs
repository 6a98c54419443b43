//! Permission for a retry.

use botticelli_error::BotticelliError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type Decision = Pin<Box<dyn Future<Output = Result<(), BotticelliError>> + Send>>;

/// Permission for a retry after an attempt that may be billed.
///
/// A wrapper that counts costs attaches a gate to the request. If the error of the last attempt [may be
/// billed](BotticelliError::may_be_billed), the driver asks the gate before it sends the request again. If the gate refuses, the
/// call ends with the error of the last attempt.
///
/// ```
/// use botticelli::{GenerateRequest, RetryGate};
///
/// // A gate that allows every retry.
/// let gate = RetryGate::new(|_error| Box::pin(async { Ok(()) }));
/// let request = GenerateRequest::from("Hi").with_retry_gate(gate);
/// assert!(request.retry_gate().is_some());
/// ```
#[derive(Clone)]
pub struct RetryGate(Arc<dyn Fn(&BotticelliError) -> Decision + Send + Sync>);

impl RetryGate {
    /// Returns a gate that decides with this function.
    pub fn new(decide: impl Fn(&BotticelliError) -> Decision + Send + Sync + 'static) -> Self {
        Self(Arc::new(decide))
    }

    /// Asks for permission to send the request again after `error`.
    ///
    /// # Errors
    ///
    /// The reason of the refusal.
    pub fn admit(
        &self,
        error: &BotticelliError,
    ) -> impl Future<Output = Result<(), BotticelliError>> + Send + use<> {
        (self.0)(error)
    }
}

impl fmt::Debug for RetryGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RetryGate")
    }
}

/// Two gates are equal if they are clones of each other.
impl PartialEq for RetryGate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
