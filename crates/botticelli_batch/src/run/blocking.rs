//! Work that blocks on files.

use botticelli_error::{BotticelliError, DataError, DataErrorKind};

/// Runs a function that blocks on files.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BotticelliError> + Send + 'static,
) -> Result<T, BotticelliError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| lost(&error))?
}

/// Lets other threads run after every eighth row, such as a server on the same machine. `row` is the number of the row in its chunk.
pub(super) fn yield_at(row: usize) {
    if row % 8 == 7 {
        std::thread::yield_now();
    }
}

/// Returns the error of a blocking task that ended without a result.
pub(crate) fn lost(error: &tokio::task::JoinError) -> BotticelliError {
    let kind = DataErrorKind::Failed { reason: error.to_string() };
    DataError::new("input", "rows", kind).into()
}
