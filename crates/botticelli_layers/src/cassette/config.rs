//! The table `[llm.cassette]`.

use super::player::{Match, Player};
use botticelli_error::{BotticelliError, ConfigError};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The table `[llm.cassette]` of a configuration file.
///
/// ```toml
/// [llm.cassette]
/// path = "tests/cassettes/greeting.json"
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
