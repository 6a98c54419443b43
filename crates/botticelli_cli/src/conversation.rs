//! Stored conversations.

use crate::Exit;
use crate::failure::{Failure, Outcome};
use botticelli::{Environment, Message};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A conversation in a file, which only its user can read.
#[derive(Debug)]
pub(crate) struct Conversation {
    path: PathBuf,
    messages: Vec<Message>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    messages: Vec<Message>,
}

/// The version of the file format.
const VERSION: u32 = 1;

impl Conversation {
    /// Opens the conversation of this name in the user's state folder, or starts it.
    pub(crate) fn named(name: &str, environment: &Environment) -> Outcome<Self> {
        let is_plain = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | ' ');
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(Failure::usage(format!(
                "'{name}' is not a valid name for a conversation. Use letters, digits, dashes and underscores."
            )));
        }
        let Some(folder) = state_folder(environment) else {
            return Err(Failure::new(
                Exit::Configuration,
                "there is no folder for conversations. Set XDG_STATE_HOME or HOME.",
            ));
        };
        Self::open(&folder.join("conversations").join(format!("{name}.json")))
    }

    /// Opens a file, or starts a conversation that will be written to it.
    pub(crate) fn open(path: &Path) -> Outcome<Self> {
        let name = path.display().to_string();
        let messages = match fs::read_to_string(path) {
            Ok(text) => {
                let damaged = |reason: String| {
                    Failure::new(
                        Exit::Failed,
                        format!(
                            "{name} is not a stored conversation: {reason}. Remove it, or use another name."
                        ),
                    )
                };
                let stored: Stored =
                    serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
                if stored.version != VERSION {
                    return Err(damaged(format!("its version is {}", stored.version)));
                }
                stored.messages
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Failure::io(&name, &error)),
        };
        Ok(Self { path: path.to_owned(), messages })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Forgets all messages.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
    }

    /// Replaces the messages and writes them. The file is replaced as a whole, so that an interruption does not damage it.
    pub(crate) fn save(&mut self, messages: Vec<Message>) -> Outcome<()> {
        self.messages = messages;
        let name = self.path.display().to_string();
        let failed = |error: &std::io::Error| Failure::io(&name, error);
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        }
        let stored = Stored { version: VERSION, messages: self.messages.clone() };
        let text = serde_json::to_string(&stored)
            .map_err(|error| Failure::new(Exit::Failed, format!("{name}: {error}")))?;
        let temporary = self.path.with_extension(format!("{}.tmp", std::process::id()));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&temporary).and_then(|mut file| file.write_all(text.as_bytes()));
        written.and_then(|()| fs::rename(&temporary, &self.path)).map_err(|error| {
            // The error of the write matters, not that of the removal.
            let _ = fs::remove_file(&temporary);
            failed(&error)
        })
    }
}

/// Returns the folder for state: `$XDG_STATE_HOME/botticelli`, or `~/.local/state/botticelli`.
pub(crate) fn state_folder(environment: &Environment) -> Option<PathBuf> {
    let named = environment.variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = named.or_else(|| environment.home().map(|home| home.join(".local/state")))?;
    Some(folder.join("botticelli"))
}
