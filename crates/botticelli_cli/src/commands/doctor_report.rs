//! The lines of `doctor`.

use crate::Exit;
use crate::failure::{Failure, Outcome};
use crate::output::{Console, sanitized};

/// The lines of the report, and the exit code of the first problem.
pub(super) struct Report<'a> {
    pub(super) console: &'a mut Console,
    worst: Exit,
}

impl<'a> Report<'a> {
    pub(super) fn new(console: &'a mut Console) -> Self {
        Self { console, worst: Exit::Complete }
    }

    /// Prints a part that works.
    pub(super) fn good(&mut self, part: &str, text: &str) -> Outcome<()> {
        self.line("ok", part, text)
    }

    /// Prints a part that is not used or not checked.
    pub(super) fn note(&mut self, part: &str, text: &str) -> Outcome<()> {
        self.line("--", part, text)
    }

    /// Prints a part that does not work, with the remedy.
    pub(super) fn bad(&mut self, part: &str, failure: &Failure) -> Outcome<()> {
        if self.worst == Exit::Complete {
            self.worst = failure.exit();
        }
        let text = failure.lines().join("\n                  ");
        self.line("NO", part, &text)
    }

    fn line(&mut self, mark: &str, part: &str, text: &str) -> Outcome<()> {
        self.console.print_line(&format!("{mark}  {part:13} {}", sanitized(text)))
    }

    pub(super) fn end(self) -> Exit {
        self.worst
    }
}
