//! The configuration of a call: the file, a profile, the options, and the origin of each value.

mod file;
mod merge;
mod origin;
mod value;

pub(crate) use file::{config_path, template};
pub(crate) use origin::Origin;
pub(crate) use value::{age, field, seconds, word};

use crate::Exit;
use crate::cli::Global;
use crate::failure::{Failure, Outcome};
use botticelli::{
    BotticelliError, BotticelliErrorKind, ConfigError, DriverKind, Environment, LlmConfig, config_from_toml,
};
use file::{ConfigFile, PROFILE_VARIABLE};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Default model.
pub(crate) const DEFAULT_MODEL: &str = "openai/gpt-oss-20b:cheapest";

/// The effective table `[llm]` of a call, and the origin of each value.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    llm: Table,
    origins: BTreeMap<String, Origin>,
    file: Option<ConfigFile>,
    profile: Option<String>,
    path: Option<PathBuf>,
}

impl Settings {
    /// Reads the file and the profile that the options or the environment name.
    pub(crate) fn load(global: &Global, environment: &Environment) -> Outcome<Self> {
        let (path, is_named) = config_path(global, environment);
        let file = match &path {
            Some(path) if is_named || path.exists() => Some(ConfigFile::read(path)?),
            _ => None,
        };
        let profile = global.profile.clone().or_else(|| environment.variable(PROFILE_VARIABLE));
        Self::of(file, path, profile)
    }

    fn of(file: Option<ConfigFile>, path: Option<PathBuf>, profile: Option<String>) -> Outcome<Self> {
        let mut settings = Self { llm: Table::new(), origins: BTreeMap::new(), file, profile, path };
        if let Some(file) = settings.file.clone() {
            settings.merge(file.llm(), &file, "llm");
            if let Some(name) = settings.profile.clone() {
                settings.merge(file.profile(&name)?, &file, &format!("profile.{name}"));
            }
        } else if let Some(name) = &settings.profile {
            let error = ConfigError::new(
                format!("the profile `{name}` does not exist, because there is no configuration file"),
                "create one with `botticelli config init`",
            );
            return Err(botticelli::BotticelliError::from(error).into());
        }
        settings.set_default("provider", "huggingface");
        settings.set_default("model", DEFAULT_MODEL);
        Ok(settings)
    }

    /// Adds the values of a table of tasks: `embedding`, `rerank` or `tasks.NAME`.
    pub(crate) fn add_table(&mut self, name: &str) {
        if let Some(file) = self.file.clone()
            && let Some(table) = file.tasks(name)
        {
            self.merge(table, &file, name);
        }
    }

    /// Returns whether the file has the table `tasks.NAME`.
    pub(crate) fn has_table(&self, name: &str) -> bool {
        self.file.as_ref().is_some_and(|file| file.tasks(&format!("tasks.{name}")).is_some())
    }

    /// Returns the settings with another profile of the same file.
    pub(crate) fn with_profile(&self, name: &str) -> Outcome<Self> {
        Self::of(self.file.clone(), self.path.clone(), Some(name.to_owned()))
    }

    /// Returns the names of the profiles.
    pub(crate) fn profiles(&self) -> Vec<String> {
        self.file.as_ref().map(ConfigFile::profiles).unwrap_or_default()
    }

    /// Returns the file that was read.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_ref().map(ConfigFile::path)
    }

    /// Returns the path of the file, whether or not it exists.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the chosen profile.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    fn merge(&mut self, table: &Table, file: &ConfigFile, from: &str) {
        merge::merge(&mut self.llm, table, &mut |key| {
            let written = format!("{from}.{key}");
            let line = file.line(&written);
            self.origins.retain(|known, _| known != key && !known.starts_with(&format!("{key}.")));
            self.origins
                .insert(key.to_owned(), Origin::File { path: file.path().to_owned(), line, key: written });
        });
    }

    /// Sets a value, such as `generation.max_tokens`.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<Value>, origin: Origin) {
        merge::set(&mut self.llm, key, value.into());
        self.origins.retain(|known, _| !known.starts_with(&format!("{key}.")));
        self.origins.insert(key.to_owned(), origin);
    }

    /// Sets a value that is not set yet.
    pub(crate) fn set_default(&mut self, key: &str, value: impl Into<Value>) {
        if self.get(key).is_none() {
            self.set(key, value, Origin::Default);
        }
    }

    /// Removes a value or a table.
    pub(crate) fn remove(&mut self, key: &str) {
        merge::remove(&mut self.llm, key);
        self.origins.retain(|known, _| known != key && !known.starts_with(&format!("{key}.")));
    }

    /// Returns a value.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        merge::get(&self.llm, key)
    }

    /// Returns the origin of a value, or of the table around it.
    pub(crate) fn origin(&self, key: &str) -> Option<&Origin> {
        let mut key = key;
        loop {
            if let Some(origin) = self.origins.get(key) {
                return Some(origin);
            }
            key = key.rsplit_once('.')?.0;
        }
    }

    /// Returns every value with its key and its origin.
    pub(crate) fn values(&self) -> Vec<(String, Value, &Origin)> {
        let values = merge::leaves(&self.llm).into_iter();
        values.filter_map(|(key, value)| self.origin(&key).map(|origin| (key, value, origin))).collect()
    }

    /// Returns the configuration of the driver.
    pub(crate) fn config(&self) -> Outcome<LlmConfig> {
        let config = self.parse(self.llm.clone())?;
        // Another profile or option, such as `--local`, uses the tables of the other providers. They are checked, too.
        let mut llm = self.llm.clone();
        for other in DriverKind::ALL.iter().filter(|kind| **kind != config.provider()) {
            llm.remove(other.as_str());
        }
        self.parse(llm)
    }

    fn parse(&self, llm: Table) -> Outcome<LlmConfig> {
        let mut file = Table::new();
        file.insert("llm".to_owned(), Value::Table(llm));
        config_from_toml(&file.to_string()).map_err(|error| match error.kind() {
            BotticelliErrorKind::Config(config) => {
                let failure = Failure::from(self.located(config));
                if config.key().is_some_and(|key| self.is_option(key)) {
                    failure.with_exit(Exit::Usage)
                } else {
                    failure
                }
            }
            _ => error.into(),
        })
    }

    /// Returns the failure of a driver that cannot be built. The exit code tells an option of the command line from the file.
    pub(crate) fn failure(&self, error: BotticelliError) -> Failure {
        let is_option = match error.kind() {
            BotticelliErrorKind::Config(config) => match (config.key(), config.file()) {
                (Some(key), _) => self.is_option(key) || self.is_option(&format!("huggingface.{key}")),
                (None, Some(file)) => {
                    let cassette = self.get("cassette.path").and_then(Value::as_str);
                    cassette == Some(file) && self.is_option("cassette.path")
                }
                (None, None) => false,
            },
            BotticelliErrorKind::ModelFile(_) => self.is_option("model"),
            _ => self.is_option("model") && Exit::of_error(&error) == Exit::Usage,
        };
        let failure = Failure::from(error);
        match (failure.exit(), is_option) {
            (Exit::Configuration, true) => failure.with_exit(Exit::Usage),
            (Exit::Usage, false) => failure.with_exit(Exit::Configuration),
            _ => failure,
        }
    }

    /// Returns whether an option of the command line set a value.
    fn is_option(&self, key: &str) -> bool {
        let key = key.strip_prefix("llm.").unwrap_or(key);
        matches!(self.origin(key), Some(Origin::Option(_)))
    }

    /// Replaces the place in the merged text with the place where the user wrote the value.
    fn located(&self, error: &ConfigError) -> botticelli::BotticelliError {
        let key = error.key().unwrap_or("llm");
        let found = ConfigError::new(error.reason(), error.advice());
        let inner = key.strip_prefix("llm.").unwrap_or_default();
        let found = match self.origin(inner) {
            Some(Origin::File { path, line, key }) => {
                let found = found.with_file(path.display().to_string()).with_key(key);
                match line {
                    Some(line) => found.with_line(*line),
                    None => found,
                }
            }
            Some(Origin::Option(option)) => found.with_file(option).with_key(key),
            Some(Origin::Default) | None => match self.file() {
                Some(file) => found.with_file(file.display().to_string()).with_key(key),
                None => found.with_key(key),
            },
        };
        found.into()
    }
}
