//! Variables and files, injected.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The environment that tokens and addresses are looked for in: the process's own, or a made-up one for tests.
///
/// `Debug` shows names, never values.
///
/// ```
/// use botticelli_models::Environment;
///
/// let environment = Environment::empty().with("HF_TOKEN", "hf_example");
/// assert_eq!(environment.variable("HF_TOKEN").as_deref(), Some("hf_example"));
/// assert_eq!(environment.variable("HOME"), None);
/// ```
#[derive(Clone, Default)]
pub struct Environment(Option<BTreeMap<String, String>>);

impl Environment {
    /// The environment of this process. Variables that are no UTF-8 count as absent.
    pub fn process() -> Self {
        Self(None)
    }

    /// An environment with nothing in it.
    pub fn empty() -> Self {
        Self(Some(BTreeMap::new()))
    }

    /// The same environment with one more variable. The process's own becomes an empty one first.
    pub fn with(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let mut variables = self.0.unwrap_or_default();
        variables.insert(name.into(), value.into());
        Self(Some(variables))
    }

    /// The value of a variable; an empty one counts as absent.
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = match &self.0 {
            Some(variables) => variables.get(name).cloned(),
            None => std::env::var(name).ok(),
        };
        value.filter(|value| !value.trim().is_empty())
    }

    /// Whether a variable is set, be it to nothing.
    pub fn is_set(&self, name: &str) -> bool {
        match &self.0 {
            Some(variables) => variables.contains_key(name),
            None => std::env::var_os(name).is_some(),
        }
    }

    /// The user's home folder.
    pub fn home(&self) -> Option<PathBuf> {
        ["HOME", "USERPROFILE"].iter().find_map(|name| self.variable(name)).map(PathBuf::from)
    }

    /// The text of a file; `None` where there is none that can be read.
    pub fn read(&self, path: &Path) -> Option<String> {
        std::fs::read_to_string(path).ok()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(variables) => f.debug_set().entries(variables.keys()).finish(),
            None => f.write_str("Environment::process()"),
        }
    }
}
