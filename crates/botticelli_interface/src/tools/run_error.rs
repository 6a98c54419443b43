//! The error of a run.

use super::run::ToolRun;
use botticelli_error::BotticelliError;
use std::error::Error;
use std::fmt;

/// The error of a run with tools, with the steps so far.
///
/// In a function that returns [`ModelsResult`](botticelli_error::ModelsResult), `?` converts it to the error alone. Read
/// [`run`](Self::run) before that if you need the steps.
#[derive(Clone)]
pub struct ToolRunError {
    error: BotticelliError,
    run: Box<ToolRun>,
}

impl ToolRunError {
    pub(super) fn new(error: BotticelliError, run: ToolRun) -> Self {
        Self { error, run: Box::new(run) }
    }

    /// Returns the error alone.
    pub fn error(&self) -> &BotticelliError {
        &self.error
    }

    /// Returns the run so far, with every response and every result.
    pub fn run(&self) -> &ToolRun {
        &self.run
    }

    /// Consumes the error and returns both parts.
    pub fn into_parts(self) -> (BotticelliError, ToolRun) {
        (self.error, *self.run)
    }
}

impl From<ToolRunError> for BotticelliError {
    fn from(error: ToolRunError) -> Self {
        error.error
    }
}

impl fmt::Display for ToolRunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

/// Prints the [`BotticelliError`] and the number of steps; `{:#?}` prints the whole structure.
impl fmt::Debug for ToolRunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            let Self { error, run } = self;
            return f.debug_struct("ToolRunError").field("error", error).field("run", run).finish();
        }
        write!(f, "{:?}, after {} steps", self.error, self.run.steps().len())
    }
}

impl Error for ToolRunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}
