//! The progress of a download.

use super::console::Console;
use botticelli::hub::{DownloadStep, Progress};
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// Shows the progress of a download: one line that changes in a terminal, and a line for each tenth elsewhere.
#[derive(Debug)]
pub(crate) struct DownloadProgress {
    is_terminal: bool,
    is_quiet: bool,
    shown: AtomicU64,
}

impl DownloadProgress {
    pub(crate) fn new(console: &Console) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self { is_terminal, is_quiet: console.is_quiet(), shown: AtomicU64::new(u64::MAX) }
    }

    /// Shows a step.
    pub(crate) fn show(&self, progress: &Progress) {
        if self.is_quiet || progress.step == DownloadStep::Verifying {
            return;
        }
        let percent = match progress.total {
            Some(total) if total > 0 => progress.received.saturating_mul(100) / total,
            _ => 0,
        };
        let step = if self.is_terminal { percent } else { percent / 10 };
        let is_new = self.shown.swap(step, Ordering::Relaxed) != step;
        let is_end = progress.step == DownloadStep::Complete;
        if !is_new && !is_end {
            return;
        }
        let received = megabytes(progress.received);
        let total = progress.total.map(|total| format!(" of {}", megabytes(total))).unwrap_or_default();
        let line = format!("{}: {received}{total} MB ({percent} %)", progress.file);
        let text = match (self.is_terminal, is_end) {
            (true, false) => format!("\r{line}"),
            (true, true) => format!("\r{line}\n"),
            (false, _) => format!("{line}\n"),
        };
        // A closed standard error is ignored: there is nowhere to report it.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}
