//! Variables, injected; and the files that they name.

use std::collections::BTreeMap;
#[cfg(feature = "huggingface")]
use std::ffi::OsStr;
use std::fmt;
#[cfg(feature = "huggingface")]
use std::path::Component;
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
#[derive(Clone)]
pub struct Environment {
    /// Variables that are made up; they hide the process's own.
    made_up: BTreeMap<String, String>,
    has_process: bool,
}

impl Default for Environment {
    fn default() -> Self {
        Self::process()
    }
}

impl Environment {
    /// The environment of this process. Variables that are no UTF-8 count as absent.
    pub const fn process() -> Self {
        Self { made_up: BTreeMap::new(), has_process: true }
    }

    /// An environment with nothing in it.
    pub const fn empty() -> Self {
        Self { made_up: BTreeMap::new(), has_process: false }
    }

    /// The same environment, where the variable `name` has this value.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.made_up.insert(name.into(), value.into());
        self
    }

    /// The value of a variable; an empty one counts as absent.
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = match self.made_up.get(name) {
            Some(value) => Some(value.clone()),
            None => self.has_process.then(|| std::env::var(name).ok()).flatten(),
        };
        value.filter(|value| !value.trim().is_empty())
    }

    /// The user's home folder.
    pub fn home(&self) -> Option<PathBuf> {
        ["HOME", "USERPROFILE"].iter().find_map(|name| self.variable(name)).map(PathBuf::from)
    }

    /// Returns the path in a variable, with `~` and variables in it expanded, and without quotes around it: as the tools of
    /// Hugging Face read `HF_HOME`.
    #[cfg(feature = "huggingface")]
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.variable(name)?;
        let path = unquoted(&value);
        (!path.is_empty()).then(|| self.expanded(Path::new(path)))
    }

    /// Returns a path whose first part may be `~`, the home folder, and whose parts may be variables, as `$HOME`. What is
    /// not known stays as it is.
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

    /// The text of a file on the disk; `None` where there is none that can be read.
    pub fn read(&self, path: &Path) -> Option<String> {
        std::fs::read_to_string(path).ok()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("made_up", &self.made_up.keys())
            .field("has_process", &self.has_process)
            .finish()
    }
}

/// Returns a value without the blanks around it, and without one pair of quotes, which `docker --env-file` keeps.
#[cfg(feature = "huggingface")]
pub(crate) fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let within = |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    within('"').or_else(|| within('\'')).map_or(value, str::trim)
}
