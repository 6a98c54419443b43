//! Work that blocks on files.

use botticelli_error::{BotticelliError, DataError, DataErrorKind};

/// Runs a function that blocks on files.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BotticelliError> + Send + 'static,
) -> Result<T, BotticelliError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| lost(&error))?
}

/// Returns the error of a blocking task that ended without a result.
pub(crate) fn lost(error: &tokio::task::JoinError) -> BotticelliError {
    let kind = DataErrorKind::Failed { reason: error.to_string() };
    DataError::new("input", "rows", kind).into()
}
