//! Exit codes.

use botticelli::{
    BotticelliError, BotticelliErrorKind, DataErrorKind, ErrorCategory, FinishReason, HuggingFaceErrorKind,
    JsonErrorKind, ModelsErrorKind, StoreErrorKind,
};
use std::process::ExitCode;

/// Exit code of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Exit {
    /// The answer is complete.
    Complete,
    /// Any other failure: no connection, an unreadable file, a full disk.
    Failed,
    /// The command line is invalid, or names a file or a column that cannot be used.
    Usage,
    /// The configuration is invalid, or the token is missing or rejected.
    Configuration,
    /// The service refused the request, or failed.
    Refused,
    /// The service received too many requests, also after the retries.
    RateLimited,
    /// No credits are left, or a budget forbids the call.
    NoBudget,
    /// The answer is incomplete. Standard output has the part that arrived.
    Incomplete,
    /// A timeout expired before an answer arrived.
    Timeout,
    /// The endpoint is paused, or the model is still loading.
    Asleep,
    /// The answer does not fit the schema.
    Schema,
    /// The user interrupted the command.
    Interrupted,
}

impl Exit {
    /// All exit codes, in ascending order.
    pub const ALL: [Self; 12] = [
        Self::Complete,
        Self::Failed,
        Self::Usage,
        Self::Configuration,
        Self::Refused,
        Self::RateLimited,
        Self::NoBudget,
        Self::Incomplete,
        Self::Timeout,
        Self::Asleep,
        Self::Schema,
        Self::Interrupted,
    ];

    /// Returns the number that the program returns to its caller.
    pub const fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Configuration => 3,
            Self::Refused => 4,
            Self::RateLimited => 5,
            Self::NoBudget => 6,
            Self::Incomplete => 7,
            Self::Timeout => 8,
            Self::Asleep => 9,
            Self::Schema => 10,
            Self::Interrupted => 130,
        }
    }

    /// Returns the meaning, as in the table of the guide.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Complete => "the answer is complete",
            Self::Failed => "any other failure, such as no connection or an unreadable file",
            Self::Usage => "the command line is invalid, or names a file or a column that cannot be used",
            Self::Configuration => "the configuration is invalid, or the token is missing or rejected",
            Self::Refused => "the service refused the request, or failed",
            Self::RateLimited => "too many requests, also after the retries",
            Self::NoBudget => "no credits are left, or a budget forbids the call",
            Self::Incomplete => "the answer is incomplete; standard output has the part that arrived",
            Self::Timeout => "a timeout expired before an answer arrived",
            Self::Asleep => "the endpoint is paused, or the model is still loading",
            Self::Schema => "the answer does not fit the schema",
            Self::Interrupted => "interrupted by Ctrl-C",
        }
    }

    /// Returns the exit code of an error after which standard output has nothing.
    pub(crate) fn of_error(error: &BotticelliError) -> Self {
        Self::of_kind(error.kind()).unwrap_or_else(|| Self::of_category(error))
    }

    /// Returns the exit code of an error whose category says too little.
    fn of_kind(kind: &BotticelliErrorKind) -> Option<Self> {
        match kind {
            // The values of a request come from the command line. Those of the file are checked when it is read.
            BotticelliErrorKind::Builder(_) => Some(Self::Usage),
            BotticelliErrorKind::Json(json) => match json.kind() {
                JsonErrorKind::SchemaMismatch { .. } | JsonErrorKind::TypeMismatch { .. } => {
                    Some(Self::Schema)
                }
                JsonErrorKind::Truncated { .. } | JsonErrorKind::StoppedEarly { .. } => {
                    Some(Self::Incomplete)
                }
                JsonErrorKind::Refused { .. } | JsonErrorKind::Filtered => Some(Self::Refused),
                _ => None,
            },
            BotticelliErrorKind::Models(models) => match models.kind() {
                ModelsErrorKind::HuggingFace(
                    HuggingFaceErrorKind::InvalidModelName { .. } | HuggingFaceErrorKind::UnknownRoute { .. },
                ) => Some(Self::Usage),
                _ => None,
            },
            BotticelliErrorKind::Store(store) => match store.kind() {
                StoreErrorKind::Address { .. }
                | StoreErrorKind::IsDirectory
                | StoreErrorKind::NotPrivate { .. } => Some(Self::Configuration),
                _ => None,
            },
            BotticelliErrorKind::Data(data) => match data.kind() {
                // The tables, columns and templates that the user named.
                DataErrorKind::NotFound
                | DataErrorKind::Empty
                | DataErrorKind::UnknownFormat { .. }
                | DataErrorKind::MissingFeature { .. }
                | DataErrorKind::Unsupported { .. }
                | DataErrorKind::UnknownColumn { .. }
                | DataErrorKind::ColumnExists { .. }
                | DataErrorKind::Template { .. }
                | DataErrorKind::OtherRun { .. } => Some(Self::Usage),
                _ => None,
            },
            _ => None,
        }
    }

    fn of_category(error: &BotticelliError) -> Self {
        match error.category() {
            ErrorCategory::Configuration | ErrorCategory::Authentication => Self::Configuration,
            ErrorCategory::RateLimited => Self::RateLimited,
            ErrorCategory::CreditsExhausted | ErrorCategory::BudgetExceeded => Self::NoBudget,
            ErrorCategory::Interrupted => Self::Incomplete,
            ErrorCategory::Timeout => Self::Timeout,
            ErrorCategory::Loading | ErrorCategory::Paused => Self::Asleep,
            ErrorCategory::Permission
            | ErrorCategory::InvalidRequest
            | ErrorCategory::ContextExceeded
            | ErrorCategory::Unsupported
            | ErrorCategory::Filtered
            | ErrorCategory::NotFound
            | ErrorCategory::NotChatModel
            | ErrorCategory::NotServed
            | ErrorCategory::TooLarge
            | ErrorCategory::Generation
            | ErrorCategory::InvalidResponse
            | ErrorCategory::Server => Self::Refused,
            // The price of an endpoint, or the turns of a run with tools.
            ErrorCategory::LimitReached => match error.kind() {
                BotticelliErrorKind::Endpoint(_) => Self::NoBudget,
                _ => Self::Incomplete,
            },
            // No connection; a store, a table or a disk that fails.
            _ => Self::Failed,
        }
    }

    /// Returns the exit code of a response that arrived.
    pub(crate) fn of_finish(reason: &FinishReason) -> Self {
        match reason {
            FinishReason::Length | FinishReason::ContentFilter => Self::Incomplete,
            _ => Self::Complete,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
