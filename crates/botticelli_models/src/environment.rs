//! Environment variables and the files that they name.

use std::collections::BTreeMap;
#[cfg(feature = "huggingface")]
use std::ffi::OsStr;
use std::fmt;
#[cfg(feature = "huggingface")]
use std::path::Component;
use std::path::{Path, PathBuf};

/// The environment for tokens and addresses: the environment of the process, or explicit variables for tests.
///
/// `Debug` shows the names of variables, never their values.
///
/// ```
/// use botticelli_models::Environment;
///
/// let environment = Environment::empty().with("HF_TOKEN", "hf_example");
/// assert_eq!(environment.variable("HF_TOKEN").as_deref(), Some("hf_example"));
/// assert_eq!(environment.variable("HOME"), None);
/// ```
#[derive(Clone)]
pub struct Environment {
    /// Explicit variables, which override the variables of the process.
    overrides: BTreeMap<String, String>,
    has_process: bool,
}

impl Default for Environment {
    fn default() -> Self {
        Self::process()
    }
}

impl Environment {
    /// Returns the environment of this process. Variables that are not UTF-8 count as missing.
    pub const fn process() -> Self {
        Self { overrides: BTreeMap::new(), has_process: true }
    }

    /// Returns an environment without variables.
    pub const fn empty() -> Self {
        Self { overrides: BTreeMap::new(), has_process: false }
    }

    /// Returns the environment with the variable `name` set to `value`.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.insert(name.into(), value.into());
        self
    }

    /// Returns the value of a variable. An empty value counts as missing.
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = match self.overrides.get(name) {
            Some(value) => Some(value.clone()),
            None => self.has_process.then(|| std::env::var(name).ok()).flatten(),
        };
        value.filter(|value| !value.trim().is_empty())
    }

    /// Returns the user's home folder.
    pub fn home(&self) -> Option<PathBuf> {
        ["HOME", "USERPROFILE"].iter().find_map(|name| self.variable(name)).map(PathBuf::from)
    }

    /// Returns the path in a variable, without quotes, and with `~` and variables expanded. Hugging Face's tools read `HF_HOME` in
    /// the same way.
    #[cfg(feature = "huggingface")]
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.variable(name)?;
        let path = unquoted(&value);
        (!path.is_empty()).then(|| self.expanded(Path::new(path)))
    }

    /// Expands a path. Its first part may be `~` for the home folder, and each part may be a variable such as `$HOME`. Unknown
    /// variables stay as they are.
    #[cfg(feature = "huggingface")]
    pub(crate) fn expanded(&self, path: &Path) -> PathBuf {
        let mut parts = path.components();
        let is_home = |part: Component<'_>| part.as_os_str() == "~";
        let (home, rest) = match (parts.clone().next(), self.home()) {
            (Some(first), Some(home)) if is_home(first) => {
                parts.next();
                (home, parts.as_path())
            }
            _ => (PathBuf::new(), path),
        };
        let variable = |part: &OsStr| {
            let name = part.to_str()?.strip_prefix('$')?;
            let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
            self.variable(name)
        };
        if rest.as_os_str().is_empty() {
            return home;
        }
        rest.components().fold(home, |path, part| match variable(part.as_os_str()) {
            Some(value) => path.join(value),
            None => path.join(part),
        })
    }

    /// Returns the text of a file; `None` if it cannot be read.
    pub fn read(&self, path: &Path) -> Option<String> {
        std::fs::read_to_string(path).ok()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("overrides", &self.overrides.keys())
            .field("has_process", &self.has_process)
            .finish()
    }
}

/// Returns a value without surrounding white space and without one pair of quotes, which `docker --env-file` keeps.
#[cfg(feature = "huggingface")]
pub(crate) fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let within = |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    within('"').or_else(|| within('\'')).map_or(value, str::trim)
}
