//! The error of a command.

use crate::Exit;
use botticelli::{
    BotticelliError, BotticelliErrorKind, BudgetErrorKind, HuggingFaceErrorKind, ModelsErrorKind,
};
use std::io;

/// Result of a step of a command.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// An error of a command: the exit code, and lines for standard error.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    lines: Vec<String>,
    error: Option<BotticelliError>,
}

impl Failure {
    /// Returns a failure with one line.
    pub(crate) fn new(exit: Exit, line: impl Into<String>) -> Self {
        Self { exit, lines: vec![line.into()], error: None }
    }

    /// Returns the failure of an invalid command line.
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self::new(Exit::Usage, line)
    }

    /// Returns the failure of a file operation.
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        Self::new(Exit::Failed, format!("{what}: {error}"))
    }

    /// Returns the failure of a write to standard output. A closed pipe is a normal end.
    pub(crate) fn output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self { exit: Exit::Complete, lines: Vec::new(), error: None };
        }
        Self::io("standard output", error)
    }

    /// Returns the end after Ctrl-C.
    pub(crate) fn interrupted(line: impl Into<String>) -> Self {
        Self::new(Exit::Interrupted, line)
    }

    /// Adds a line.
    pub(crate) fn with_line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Replaces the exit code.
    pub(crate) fn with_exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Returns whether the reader of standard output has gone.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.exit == Exit::Complete
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Returns the library's error, if there is one.
    pub(crate) fn error(&self) -> Option<&BotticelliError> {
        self.error.as_ref()
    }
}

impl From<BotticelliError> for Failure {
    fn from(error: BotticelliError) -> Self {
        let mut failure = Self::new(Exit::of_error(&error), error.to_string());
        if is_missing_token(&error) {
            failure = failure.with_line(
                "Without a token: `botticelli --sandbox PROMPT` answers offline, and `botticelli --local PROMPT` runs a \
                 model on this machine.",
            );
        }
        if let Some(account) = exhausted_account(&error) {
            failure = failure.with_line(format!(
                "After you added credits: `botticelli usage --clear-exhausted {account}`. `on_credits_exhausted = \"send\"` in \
                 [llm.budget] never refuses a call for this reason."
            ));
        }
        if is_over_budget(&error) {
            failure = failure.with_line(
                "`botticelli usage` shows what was spent, and what may be billed in addition and is held for that.",
            );
        }
        failure.error = Some(error);
        failure
    }
}

/// Returns whether earlier calls leave too little of a budget.
fn is_over_budget(error: &BotticelliError) -> bool {
    let BotticelliErrorKind::Budget(budget) = error.kind() else { return false };
    matches!(budget.kind(), BudgetErrorKind::Exceeded { limit, left, needed, .. } if left < limit && needed <= limit)
}

/// Returns the account whose calls a budget refuses, because the service reported that it has no credits left.
fn exhausted_account(error: &BotticelliError) -> Option<&str> {
    match error.kind() {
        BotticelliErrorKind::Budget(budget) => match budget.kind() {
            BudgetErrorKind::CreditsExhausted { account, .. } => Some(account),
            _ => None,
        },
        _ => None,
    }
}

/// Returns whether the driver found no token at all.
pub(crate) fn is_missing_token(error: &BotticelliError) -> bool {
    let BotticelliErrorKind::Models(models) = error.kind() else { return false };
    matches!(
        models.kind(),
        ModelsErrorKind::HuggingFace(
            HuggingFaceErrorKind::MissingToken { .. } | HuggingFaceErrorKind::SearchDisabled { .. }
        )
    )
}
