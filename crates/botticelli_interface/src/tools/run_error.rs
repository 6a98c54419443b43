//! What kept a run from its end.

use super::run::ToolRun;
use botticelli_error::BotticelliError;
use std::error::Error;
use std::fmt;

/// What kept a run from its end, and the run so far.
///
/// In a function that returns [`ModelsResult`](botticelli_error::ModelsResult), `?` makes it the error alone; look at
/// [`run`](Self::run) first where the steps matter.
#[derive(Clone)]
pub struct ToolRunError {
    error: BotticelliError,
    run: Box<ToolRun>,
}

impl ToolRunError {
    pub(super) fn new(error: BotticelliError, run: ToolRun) -> Self {
        Self { error, run: Box::new(run) }
    }

    /// What went wrong.
    pub fn error(&self) -> &BotticelliError {
        &self.error
    }

    /// The run so far: every answer and every result that had come.
    pub fn run(&self) -> &ToolRun {
        &self.run
    }

    /// Both, to keep.
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

/// As [`BotticelliError`] is shown, with how far the run came; `{:#?}` shows all of it.
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
