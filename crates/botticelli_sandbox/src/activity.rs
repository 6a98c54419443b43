//! Counts of open, busy and silent connections.

use std::sync::Arc;

use tokio::sync::watch;

/// Number of times `settled` yields to the runtime before it trusts the counts.
const YIELDS: usize = 16;

/// Counters with asynchronous waits, so that tests never poll with sleeps.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    counts: Arc<watch::Sender<Counts>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    open: usize,
    /// Connections with a request or response in progress, including silent ones.
    busy: usize,
    silent: usize,
    /// Complete requests since the start.
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

    /// Counts one more open connection while the guard lives.
    pub(crate) fn count_open(&self) -> CountGuard {
        self.count(|counts| &mut counts.open)
    }

    /// Counts one more busy connection while the guard lives.
    pub(crate) fn count_busy(&self) -> CountGuard {
        self.count(|counts| &mut counts.busy)
    }

    /// Counts one more silent connection while the guard lives.
    pub(crate) fn count_silent(&self) -> CountGuard {
        self.count(|counts| &mut counts.silent)
    }

    pub(crate) async fn wait_until_disconnected(&self) {
        self.wait_for(|counts| counts.open == 0).await;
    }

    pub(crate) async fn wait_until_silent(&self) {
        self.wait_for(|counts| counts.silent > 0).await;
    }

    pub(crate) fn note_received(&self) {
        self.counts.send_modify(|counts| counts.received = counts.received.saturating_add(1));
    }

    pub(crate) async fn wait_for_requests(&self, count: usize) {
        self.wait_for(|counts| counts.received >= count).await;
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.counts.borrow().are_settled()
    }

    pub(crate) async fn wait_until_settled(&self) {
        loop {
            self.wait_for(Counts::are_settled).await;
            // The operating system may still hold bytes that a client has sent. Yielding lets the
            // connection read them.
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
        // The sender lives in `self`, so the channel cannot close during the wait.
        let _ = self.counts.subscribe().wait_for(reached).await;
    }
}

/// Guard that decrements its count on drop, including when its task is aborted.
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
