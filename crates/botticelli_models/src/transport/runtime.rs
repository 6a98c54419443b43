//! The tokio runtime that a call runs on.

use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::Clock;
use futures::future::{Either, select};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
pub(crate) use tokio::runtime::Id;

/// Time for another runtime to show that it runs.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// State of another runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Runs tasks.
    Running,
    /// Exists, but is not driven. Waiting for one of its tasks would take forever.
    Stalled,
    /// Was shut down together with its tasks.
    Gone,
}

/// Returns the runtime of the current task.
///
/// # Errors
///
/// A [`ConfigError`] outside of a runtime, as sockets and timers would panic there.
pub(crate) fn current() -> Result<Handle, BotticelliError> {
    Handle::try_current().map_err(|_| no_runtime())
}

#[cold]
fn no_runtime() -> BotticelliError {
    let reason = "the call runs outside of a tokio runtime, which sockets and timers need";
    let remedy = "await it inside of `#[tokio::main]`, `#[tokio::test]` or `Runtime::block_on`";
    ConfigError::new(reason, remedy).into()
}

/// Builds the error for a connection that belongs to a stalled runtime.
#[cold]
pub(super) fn stalled() -> BotticelliError {
    let reason = "the connection belongs to another tokio runtime, on which the call began and which is not running now";
    let remedy = "read a response or stream on the runtime that began the call";
    ConfigError::new(reason, remedy).into()
}

/// Returns the state of `runtime`, found with an empty task.
pub(super) async fn state_of(runtime: Handle, clock: Arc<dyn Clock>) -> State {
    let task = runtime.spawn(std::future::ready(()));
    match select(task, clock.sleep(SIGN_OF_LIFE)).await {
        Either::Left((Ok(()), _)) => State::Running,
        Either::Left((Err(_), _)) => State::Gone,
        Either::Right(_) => State::Stalled,
    }
}
