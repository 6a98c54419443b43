//! The table `[llm.cassette]`.

use super::player::{Match, Player};
use botticelli_error::{BotticelliError, ConfigError};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The table `[llm.cassette]` of a configuration file.
///
/// ```toml
/// [llm.cassette]
/// path = "tests/cassettes/greeting.json"    # a leading `~/` is the home folder
/// mode = "auto"    # "replay" if the file has calls, and "record" otherwise; or one of them
/// match = "any_order"    # for calls at the same time. Default: "in_order"
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CassetteConfig {
    path: String,
    #[serde(default)]
    mode: CassetteMode,
    #[serde(default, rename = "match")]
    matching: Match,
}

/// The use of a cassette.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CassetteMode {
    /// Replays the file if it has calls, and records it otherwise.
    #[default]
    Auto,
    /// Sends calls, and records them in place of an earlier file.
    Record,
    /// Replays the file. Nothing is sent.
    Replay,
}

impl CassetteConfig {
    /// Returns the path of the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the configuration with the home folder in place of a leading `~/` of the path. `variable` reads an environment.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if no home folder is known.
    #[track_caller]
    pub fn in_home(mut self, variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, BotticelliError> {
        let Some(below) = self.path.strip_prefix("~/") else { return Ok(self) };
        let home = variable("HOME").or_else(|| variable("USERPROFILE")).filter(|home| !home.is_empty());
        let path = home.and_then(|home| Path::new(&home).join(below).into_os_string().into_string().ok());
        let Some(path) = path else {
            let reason = "the path of the cassette begins with `~/`, and no home folder is known";
            let error = ConfigError::new(reason, "set the variable HOME, or write an absolute path");
            return Err(error.with_key("llm.cassette.path").into());
        };
        self.path = path;
        Ok(self)
    }

    /// Returns the use of the cassette.
    pub fn mode(&self) -> CassetteMode {
        self.mode
    }

    /// Returns the choice of the recorded call that answers a request.
    pub fn matching(&self) -> Match {
        self.matching
    }

    /// Returns the driver that replays the cassette; `None` if calls are to be recorded.
    ///
    /// # Errors
    ///
    /// An empty path, and the errors of [`Player::open`].
    #[track_caller]
    pub fn player(&self) -> Result<Option<Player>, BotticelliError> {
        if self.path.trim().is_empty() {
            let error = ConfigError::new("the path of the cassette is empty", "name a file");
            return Err(error.with_key("llm.cassette.path").into());
        }
        let open = || Player::open(&self.path).map(|player| player.with_match(self.matching));
        match self.mode {
            CassetteMode::Record => Ok(None),
            CassetteMode::Auto => match fs::metadata(Path::new(&self.path)) {
                Ok(file) if file.len() > 0 => {
                    let player = open()?;
                    // A program that ended before its first call leaves a file without calls.
                    Ok(Some(player).filter(|player| !player.is_empty()))
                }
                Ok(_) => Ok(None),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(_) => open().map(Some),
            },
            CassetteMode::Replay => open().map(Some),
        }
    }
}
