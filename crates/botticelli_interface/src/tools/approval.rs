//! The decision to run a call.

/// The decision of the [approval hook](crate::Tools::with_approval) about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Approval {
    /// The tool is run.
    Run,
    /// The tool is not run. The model receives this reason.
    Refuse(String),
}

impl Approval {
    /// Returns a refusal with a reason for the model.
    pub fn refuse(reason: impl Into<String>) -> Self {
        Self::Refuse(reason.into())
    }
}
