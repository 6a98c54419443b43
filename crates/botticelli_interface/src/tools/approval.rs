//! Whether a call may be run.

/// What [`Tools::approve`](crate::Tools::approve) decides of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Approval {
    /// It is run.
    Run,
    /// It is not run, for this reason, which the model is told.
    Refuse(String),
}

impl Approval {
    /// It is not run, for this reason, which the model is told.
    pub fn refuse(reason: impl Into<String>) -> Self {
        Self::Refuse(reason.into())
    }
}
