//! The two outputs of the program.

use super::call_line::call_line;
use super::style::{Paint, sanitized};
use crate::cli::Global;
use crate::failure::{Failure, Outcome};
use botticelli::CallRecord;
use clap::ColorChoice;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Width of a terminal that does not state its own, in columns.
const DEFAULT_WIDTH: usize = 80;

/// Standard output for the answer, and standard error for everything else.
#[derive(Debug)]
pub(crate) struct Console {
    stdout: io::Stdout,
    stderr: io::Stderr,
    is_terminal: bool,
    out: Paint,
    err: Paint,
    width: usize,
    is_quiet: bool,
    verbosity: u8,
    calls: Arc<Mutex<CallLines>>,
}

/// The lines of calls. A line waits while the answer is in the middle of one, because a terminal shows both outputs.
#[derive(Debug, Default)]
struct CallLines {
    is_within_line: bool,
    waiting: String,
}

impl CallLines {
    fn add(&mut self, line: &str) {
        self.waiting.push_str(line);
        if !self.is_within_line {
            self.write();
        }
    }

    fn write(&mut self) {
        // A closed standard error is ignored: there is nowhere to report it.
        let _ = io::stderr().lock().write_all(std::mem::take(&mut self.waiting).as_bytes());
    }
}

impl Drop for CallLines {
    fn drop(&mut self) {
        self.write();
    }
}

impl Console {
    /// Returns the outputs of this process, with the colors that the user chose.
    pub(crate) fn new(global: &Global) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let paint = |is_terminal: bool| {
            let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
            let is_on = match global.color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => {
                    is_terminal
                        && variable("NO_COLOR").is_none()
                        && variable("TERM").is_none_or(|term| term != "dumb")
                }
            };
            Paint::new(is_on)
        };
        Self {
            stdout: io::stdout(),
            stderr: io::stderr(),
            is_terminal,
            out: paint(is_terminal),
            err: paint(io::stderr().is_terminal()),
            width: width(),
            is_quiet: global.quiet,
            verbosity: global.verbose,
            calls: Arc::default(),
        }
    }

    fn calls(&self) -> MutexGuard<'_, CallLines> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns outputs without colors.
    pub(crate) fn plain() -> Self {
        Self::new(&Global { color: ColorChoice::Never, ..Global::default() })
    }

    /// Returns whether standard output is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Returns the colors of standard output.
    pub(crate) fn paint(&self) -> Paint {
        self.out
    }

    /// Returns the width of the terminal, in columns.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Returns whether only errors go to standard error.
    pub(crate) fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Returns whether `-v` was given at least `times` times.
    pub(crate) fn is_verbose(&self, times: u8) -> bool {
        self.verbosity >= times
    }

    /// Writes to standard output, and flushes, so that a reader sees each part of a stream at once.
    pub(crate) fn print(&mut self, text: &str) -> Outcome<()> {
        self.print_bytes(text.as_bytes())
    }

    /// Writes bytes to standard output.
    pub(crate) fn print_bytes(&mut self, bytes: &[u8]) -> Outcome<()> {
        let mut out = self.stdout.lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| Failure::output(&error))?;
        if let Some(last) = bytes.last() {
            let mut calls = self.calls();
            calls.is_within_line = *last != b'\n';
            if !calls.is_within_line {
                calls.write();
            }
        }
        Ok(())
    }

    /// Writes a line to standard output.
    pub(crate) fn print_line(&mut self, text: &str) -> Outcome<()> {
        self.print(&format!("{text}\n"))
    }

    /// Writes the rest of the buffer to standard output.
    pub(crate) fn flush(&mut self) -> Outcome<()> {
        self.stdout.flush().map_err(|error| Failure::output(&error))
    }

    /// Writes a line to standard error, unless `--quiet` is set.
    pub(crate) fn note(&self, text: &str) {
        if !self.is_quiet {
            self.write_error(&format!("{}\n", self.err.dim(&sanitized(text))));
        }
    }

    /// Writes a line to standard error if the user asked for details.
    pub(crate) fn detail(&self, text: &str) {
        if self.is_verbose(1) {
            self.note(text);
        }
    }

    /// Returns a function that writes the line of a call to standard error, after the line of the answer.
    pub(crate) fn call_observer(&self) -> impl Fn(&CallRecord) + Send + Sync + 'static {
        let (paint, is_quiet, calls) = (self.err, self.is_quiet, self.calls.clone());
        move |call| {
            if !is_quiet {
                let line = format!("{}\n", paint.dim(&sanitized(&call_line(call))));
                calls.lock().unwrap_or_else(PoisonError::into_inner).add(&line);
            }
        }
    }

    /// Writes text to standard error without a line end.
    pub(crate) fn note_part(&self, text: &str) {
        if !self.is_quiet {
            self.write_error(&self.err.dim(&sanitized(text)));
        }
    }

    /// Writes the help to standard error.
    pub(crate) fn help(&self, text: &str) {
        self.write_error(text);
    }

    /// Writes the lines of an error to standard error.
    pub(crate) fn failure(&self, failure: &Failure) {
        let mut lines = failure.lines().iter();
        let mut text = String::new();
        if let Some(first) = lines.next() {
            text = format!("{} {}\n", self.err.red("error:"), sanitized(first));
        }
        for line in lines {
            text.push_str(&sanitized(line));
            text.push('\n');
        }
        if self.is_verbose(2)
            && let Some(error) = failure.error()
        {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{error:#?}");
        }
        self.write_error(&text);
    }

    fn write_error(&self, text: &str) {
        self.calls().write();
        // A closed standard error is ignored: there is nowhere to report it.
        let _ = self.stderr.lock().write_all(text.as_bytes());
    }
}

/// Returns the width of the terminal: the variable `COLUMNS`, or the terminal's own.
fn width() -> usize {
    let variable = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let own = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    variable.or_else(own).filter(|width| *width > 0).unwrap_or(DEFAULT_WIDTH)
}
