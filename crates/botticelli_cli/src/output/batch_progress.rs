//! The progress of a batch run.

use super::console::Console;
use botticelli::{BatchProgress, Usd};
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Shows the progress on standard error: one line that changes in a terminal, and a new line from time to time elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct BatchProgressLine {
    is_terminal: bool,
    is_quiet: bool,
    width: usize,
    /// True if the last line has no end.
    is_open: Arc<AtomicBool>,
}

impl BatchProgressLine {
    pub(crate) fn new(console: &Console) -> Self {
        Self {
            is_terminal: std::io::stderr().is_terminal(),
            is_quiet: console.is_quiet(),
            width: console.width(),
            is_open: Arc::default(),
        }
    }

    /// Returns the time between two lines.
    pub(crate) fn interval(&self) -> Duration {
        if self.is_terminal { Duration::from_millis(200) } else { Duration::from_secs(10) }
    }

    /// Shows a state.
    pub(crate) fn show(&self, progress: &BatchProgress) {
        if self.is_quiet {
            return;
        }
        let line = line(progress);
        let text = if self.is_terminal {
            self.is_open.store(true, Ordering::Relaxed);
            let short: String = line.chars().take(self.width.saturating_sub(1)).collect();
            format!("\r{short}\u{1b}[K")
        } else {
            format!("{line}\n")
        };
        // A closed standard error is ignored: there is nowhere to report it.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }

    /// Ends the line.
    pub(crate) fn end(&self) {
        if self.is_open.swap(false, Ordering::Relaxed) {
            // As above.
            let _ = std::io::stderr().write_all(b"\n");
        }
    }
}

fn line(progress: &BatchProgress) -> String {
    let total = progress.total.map(|total| format!("/{total}")).unwrap_or_default();
    let mut parts = vec![format!("{}{total} rows", progress.done())];
    if progress.failed > 0 {
        parts.push(format!("{} failed", progress.failed));
    }
    if progress.cached > 0 {
        parts.push(format!("{} from the journal", progress.cached));
    }
    let tokens = progress.prompt_tokens.saturating_add(progress.completion_tokens);
    parts.push(format!("{tokens} tokens"));
    let cost = Usd::from_nano_dollars(progress.nano_dollars);
    parts.push(match progress.projected_nano_dollars {
        Some(projected) => format!("{cost} of about {}", Usd::from_nano_dollars(projected)),
        None => cost.to_string(),
    });
    if progress.is_paused {
        // The speed says nothing about a paused run.
        parts.push(match &progress.pause_cause {
            Some(cause) => format!("paused after a failure: {cause}"),
            None => "paused".to_owned(),
        });
        return parts.join(", ");
    }
    parts.push(format!("{} calls", progress.in_flight));
    parts.push(format!("{:.1} rows/s", progress.rows_per_second));
    if let Some(left) = progress.time_left {
        parts.push(format!("{} s left", left.as_secs()));
    }
    parts.join(", ")
}
