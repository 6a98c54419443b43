//! The results of all cases.

use std::fmt;

/// The result of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The driver satisfies the requirement.
    Passed,
    /// The subject lacks the means to try the case, for this reason.
    Skipped(String),
    /// The driver violates the requirement, for this reason.
    Failed(String),
}

/// The results of all cases, by name.
#[derive(Debug, Clone, Default)]
pub struct Report(Vec<(&'static str, Outcome)>);

impl Report {
    pub(super) fn push(&mut self, name: &'static str, outcome: Outcome) {
        self.0.push((name, outcome));
    }

    /// Returns every case with its outcome, in the order in which they ran.
    pub fn outcomes(&self) -> &[(&'static str, Outcome)] {
        &self.0
    }

    /// Returns the failed cases, each with its reason.
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().filter_map(|(name, outcome)| match outcome {
            Outcome::Failed(reason) => Some((*name, reason.as_str())),
            _ => None,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, outcome) in &self.0 {
            match outcome {
                Outcome::Passed => writeln!(f, "passed   {name}")?,
                Outcome::Skipped(reason) => writeln!(f, "skipped  {name}: {reason}")?,
                Outcome::Failed(reason) => writeln!(f, "FAILED   {name}: {reason}")?,
            }
        }
        Ok(())
    }
}
