//! How many connections are open, how many have something under way, how many fell silent.

use std::sync::Arc;

use tokio::sync::watch;

/// How often the runtime gets the chance to bring news before all counts as settled.
const YIELDS: usize = 16;

/// Counters that can be waited on: a test must never have to sleep and look again.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    counts: Arc<watch::Sender<Counts>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    open: usize,
    /// Silent ones among them.
    busy: usize,
    silent: usize,
    /// Requests, not connections, and all since the start.
    received: usize,
}

impl Counts {
    fn are_settled(&self) -> bool {
        self.busy <= self.silent
    }
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self { counts: Arc::new(watch::Sender::new(Counts::default())) }
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.counts.borrow().open
    }

    /// Counts one more open connection for as long as the returned value lives.
    pub(crate) fn count_open(&self) -> CountGuard {
        self.count(|counts| &mut counts.open)
    }

    /// Counts one more connection with something under way for as long as the returned value lives.
    pub(crate) fn count_busy(&self) -> CountGuard {
        self.count(|counts| &mut counts.busy)
    }

    /// Counts one more silent connection for as long as the returned value lives.
    pub(crate) fn count_silent(&self) -> CountGuard {
        self.count(|counts| &mut counts.silent)
    }

    pub(crate) async fn quiet(&self) {
        self.wait_for(|counts| counts.open == 0).await;
    }

    pub(crate) async fn silent(&self) {
        self.wait_for(|counts| counts.silent > 0).await;
    }

    pub(crate) fn note_received(&self) {
        self.counts.send_modify(|counts| counts.received = counts.received.saturating_add(1));
    }

    pub(crate) async fn received(&self, count: usize) {
        self.wait_for(|counts| counts.received >= count).await;
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.counts.borrow().are_settled()
    }

    pub(crate) async fn settled(&self) {
        loop {
            self.wait_for(Counts::are_settled).await;
            // A client's bytes may be on their way through the operating system: a few turns of
            // the runtime let the connection notice them.
            let mut is_stable = true;
            for _ in 0..YIELDS {
                tokio::task::yield_now().await;
                is_stable &= self.is_settled();
            }
            if is_stable {
                return;
            }
        }
    }

    fn count(&self, which: fn(&mut Counts) -> &mut usize) -> CountGuard {
        self.counts.send_modify(|counts| *which(counts) += 1);
        CountGuard { activity: self.clone(), which }
    }

    async fn wait_for(&self, reached: impl FnMut(&Counts) -> bool) {
        // The sender lives in `self`, so the channel cannot close while we wait.
        let _ = self.counts.subscribe().wait_for(reached).await;
    }
}

/// Takes its count back when dropped, also when the task that holds it is aborted.
#[derive(Debug)]
pub(crate) struct CountGuard {
    activity: Activity,
    which: fn(&mut Counts) -> &mut usize,
}

impl Drop for CountGuard {
    fn drop(&mut self) {
        self.activity.counts.send_modify(|counts| {
            let count = (self.which)(counts);
            *count = count.saturating_sub(1);
        });
    }
}
