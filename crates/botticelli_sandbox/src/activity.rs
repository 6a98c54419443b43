//! How many connections are open, and how many of them have fallen silent.

use std::sync::Arc;

use tokio::sync::watch;

/// Counters that can be waited on: a test must never have to sleep and look again.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    counts: Arc<watch::Sender<Counts>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    open: usize,
    silent: usize,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self { counts: Arc::new(watch::Sender::new(Counts::default())) }
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.counts.borrow().open
    }

    /// Counts one more open connection for as long as the returned value lives.
    pub(crate) fn opened(&self) -> Counted {
        self.count(|counts| &mut counts.open)
    }

    /// Counts one more silent connection for as long as the returned value lives.
    pub(crate) fn fell_silent(&self) -> Counted {
        self.count(|counts| &mut counts.silent)
    }

    pub(crate) async fn quiet(&self) {
        self.wait_for(|counts| counts.open == 0).await;
    }

    pub(crate) async fn silent(&self) {
        self.wait_for(|counts| counts.silent > 0).await;
    }

    fn count(&self, which: fn(&mut Counts) -> &mut usize) -> Counted {
        self.counts.send_modify(|counts| *which(counts) += 1);
        Counted { activity: self.clone(), which }
    }

    async fn wait_for(&self, reached: impl FnMut(&Counts) -> bool) {
        // The sender lives in `self`, so the channel cannot close while we wait.
        let _ = self.counts.subscribe().wait_for(reached).await;
    }
}

/// Takes its count back when dropped, also when the task that holds it is aborted.
#[derive(Debug)]
pub(crate) struct Counted {
    activity: Activity,
    which: fn(&mut Counts) -> &mut usize,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.activity.counts.send_modify(|counts| {
            let count = (self.which)(counts);
            *count = count.saturating_sub(1);
        });
    }
}
