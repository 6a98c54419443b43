//! The tokio runtime that a call runs on.

use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::Clock;
use futures::future::{Either, select};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
pub(crate) use tokio::runtime::Id;

/// How long another runtime has to show that it runs.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// What another runtime does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It runs tasks.
    Running,
    /// It is not driven: whatever waits for a task of it waits for ever.
    Still,
    /// It was shut down, and its tasks with it.
    Gone,
}

/// The runtime of the task that asks.
///
/// # Errors
///
/// A [`ConfigError`] where there is none: sockets and timers would panic.
pub(crate) fn current() -> Result<Handle, BotticelliError> {
    Handle::try_current().map_err(|_| no_runtime())
}

#[cold]
fn no_runtime() -> BotticelliError {
    let reason = "the call runs outside of a tokio runtime, which sockets and timers need";
    let remedy = "await it inside of `#[tokio::main]`, `#[tokio::test]` or `Runtime::block_on`";
    ConfigError::new(reason, remedy).into()
}

/// A call whose connection belongs to a runtime that does not run.
#[cold]
pub(super) fn stands_still() -> BotticelliError {
    let reason =
        "the call was begun on another tokio runtime, which is not running now and has its connection";
    let remedy = "read an answer or a stream on the runtime on which it was begun";
    ConfigError::new(reason, remedy).into()
}

/// What `runtime` does, found by a task that does nothing.
pub(super) async fn state_of(runtime: Handle, clock: Arc<dyn Clock>) -> State {
    let task = runtime.spawn(std::future::ready(()));
    match select(task, clock.sleep(SIGN_OF_LIFE)).await {
        Either::Left((Ok(()), _)) => State::Running,
        Either::Left((Err(_), _)) => State::Gone,
        Either::Right(_) => State::Still,
    }
}
