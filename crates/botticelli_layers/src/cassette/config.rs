//! The table `[llm.cassette]`.

use super::player::Player;
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
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CassetteConfig {
    path: String,
    #[serde(default)]
    mode: CassetteMode,
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
        match self.mode {
            CassetteMode::Record => Ok(None),
            CassetteMode::Auto => match fs::metadata(Path::new(&self.path)) {
                Ok(file) if file.len() > 0 => {
                    let player = Player::open(&self.path)?;
                    // A program that ended before its first call leaves a file without calls.
                    Ok(Some(player).filter(|player| !player.is_empty()))
                }
                Ok(_) => Ok(None),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(_) => Player::open(&self.path).map(Some),
            },
            CassetteMode::Replay => Player::open(&self.path).map(Some),
        }
    }
}
