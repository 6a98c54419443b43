//! Stops a run.

use futures::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::watch;

/// A handle that stops a run from elsewhere, such as a signal handler. Clones stop the same runs.
///
/// The first call of [`stop`](Self::stop) lets the calls in flight end, because they are paid for. The second one drops them. Both
/// kinds of stop can be resumed.
#[derive(Clone, Debug)]
pub struct StopHandle {
    level: Arc<watch::Sender<StopLevel>>,
}

/// The state of a handle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StopLevel {
    #[default]
    Run,
    /// No new calls.
    Drain,
    /// Drop the calls in flight.
    Abort,
}

impl StopHandle {
    /// Returns a handle that has not stopped anything.
    pub fn new() -> Self {
        Self { level: Arc::new(watch::Sender::new(StopLevel::Run)) }
    }

    /// Returns a handle that Ctrl-C stops: the first time gently, the second time at once. On Unix, so does the signal TERM, which
    /// Kubernetes, Slurm and Docker send before they end a process. A task of the current tokio runtime waits for both, and they no longer
    /// end the process by themselves.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) outside of a tokio runtime.
    #[cfg(feature = "signal")]
    #[track_caller]
    pub fn on_ctrl_c() -> Result<Self, botticelli_error::BotticelliError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| {
            let (reason, remedy) = ("a task waits for Ctrl-C", "call it inside of a tokio runtime");
            botticelli_error::BuilderError::refused("StopHandle", "on_ctrl_c", "no runtime", reason, remedy)
        })?;
        let handle = Self::new();
        let stopped = handle.clone();
        runtime.spawn(async move {
            let mut signals = match Signals::new() {
                Ok(signals) => signals,
                Err(error) => {
                    tracing::warn!(%error, "signals do not stop the run");
                    return;
                }
            };
            while stopped.level() != StopLevel::Abort {
                if let Err(error) = signals.next().await {
                    tracing::warn!(%error, "Ctrl-C does not stop the run");
                    return;
                }
                stopped.stop();
            }
        });
        Ok(handle)
    }

    /// Stops the runs with this handle: at first gently, and with a second call at once.
    pub fn stop(&self) {
        self.level.send_modify(|level| {
            *level = match level {
                StopLevel::Run => StopLevel::Drain,
                StopLevel::Drain | StopLevel::Abort => StopLevel::Abort,
            };
        });
    }

    /// Returns whether [`stop`](Self::stop) was called.
    pub fn is_stopped(&self) -> bool {
        self.level() != StopLevel::Run
    }

    pub(crate) fn level(&self) -> StopLevel {
        *self.level.borrow()
    }

    /// Waits for a level above `level`.
    pub(crate) fn above(&self, level: StopLevel) -> BoxFuture<'static, ()> {
        let mut receiver = self.level.subscribe();
        let sender = self.level.clone();
        Box::pin(async move {
            let changed = receiver.wait_for(|found| *found > level).await.is_ok();
            // The sender lives as long as this future, so that the wait has no other end.
            drop(sender);
            if !changed {
                std::future::pending::<()>().await;
            }
        })
    }
}

impl Default for StopHandle {
    fn default() -> Self {
        Self::new()
    }
}

/// The signals that stop a run.
#[cfg(feature = "signal")]
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(feature = "signal")]
impl Signals {
    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())? })
    }

    #[cfg(unix)]
    async fn next(&mut self) -> std::io::Result<()> {
        use futures::future::{Either, select};
        let (pressed, terminated) =
            (std::pin::pin!(tokio::signal::ctrl_c()), std::pin::pin!(self.terminate.recv()));
        match select(pressed, terminated).await {
            Either::Left((pressed, _)) => pressed,
            Either::Right(_) => Ok(()),
        }
    }

    #[cfg(not(unix))]
    fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> std::io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
