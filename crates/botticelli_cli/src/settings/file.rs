//! The configuration file.

use crate::cli::Global;
use crate::failure::{Failure, Outcome};
use botticelli::{BotticelliError, ConfigError, Environment, config_from_file};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

const CONFIG_VARIABLE: &str = "BOTTICELLI_CONFIG";
pub(super) const PROFILE_VARIABLE: &str = "BOTTICELLI_PROFILE";

/// Returns the path of the configuration file, and whether the user named it.
pub(crate) fn config_path(global: &Global, environment: &Environment) -> (Option<PathBuf>, bool) {
    if let Some(path) =
        global.config.clone().or_else(|| environment.variable(CONFIG_VARIABLE).map(PathBuf::from))
    {
        return (Some(path), true);
    }
    let folder = environment
        .variable("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        // The XDG specification says to ignore a relative path.
        .filter(|path| path.is_absolute())
        .or_else(|| environment.home().map(|home| home.join(".config")));
    (folder.map(|folder| folder.join("botticelli").join("config.toml")), false)
}

/// Returns the text of a new file.
pub(crate) fn template() -> &'static str {
    include_str!("template.toml")
}

/// A configuration file that was read.
#[derive(Clone, Debug)]
pub(super) struct ConfigFile {
    path: PathBuf,
    llm: Table,
    profiles: BTreeMap<String, Table>,
    /// The tables `embedding`, `rerank` and `tasks.NAME`.
    tasks: BTreeMap<String, Table>,
    /// The line of each key, with its tables.
    lines: BTreeMap<String, usize>,
}

impl ConfigFile {
    pub(super) fn read(path: &Path) -> Outcome<Self> {
        let refused = |reason: String, remedy: &str| {
            ConfigError::new(reason, remedy.to_owned()).with_file(path.display().to_string())
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            // The library has the sentence for each reason.
            Err(error) => {
                let own = || BotticelliError::from(refused(error.to_string(), "make it readable"));
                return Err(config_from_file(path).err().unwrap_or_else(own).into());
            }
        };
        let lines = lines(&text);
        let Ok(mut table) = text.parse::<Table>() else {
            let own = || BotticelliError::from(refused("this is not valid TOML".into(), "correct the file"));
            return Err(config_from_file(path).err().unwrap_or_else(own).into());
        };
        let not_a_table = |key: &str| -> Failure {
            let error = refused("it is not a table".into(), "write it as a table").with_key(key);
            BotticelliError::from(error).into()
        };
        let llm = match table.remove("llm") {
            None => Table::new(),
            Some(Value::Table(llm)) => llm,
            Some(_) => return Err(not_a_table("llm")),
        };
        let mut profiles = BTreeMap::new();
        match table.remove("profile") {
            None => {}
            Some(Value::Table(tables)) => {
                for (name, profile) in tables {
                    let Value::Table(profile) = profile else {
                        return Err(not_a_table(&format!("profile.{name}")));
                    };
                    profiles.insert(name, profile);
                }
            }
            Some(_) => return Err(not_a_table("profile")),
        }
        let mut tasks = BTreeMap::new();
        for name in ["embedding", "rerank"] {
            match table.remove(name) {
                None => {}
                Some(Value::Table(one)) => {
                    tasks.insert(name.to_owned(), one);
                }
                Some(_) => return Err(not_a_table(name)),
            }
        }
        for (name, one) in table.remove("tasks").and_then(|all| all.as_table().cloned()).unwrap_or_default() {
            let Value::Table(one) = one else { return Err(not_a_table(&format!("tasks.{name}"))) };
            tasks.insert(format!("tasks.{name}"), one);
        }
        if let Some(unknown) = table.keys().next() {
            let remedy = "use `[llm]`, `[embedding]`, `[rerank]`, `[tasks.NAME]` or `[profile.NAME]`";
            let mut error = refused("unknown table".into(), remedy).with_key(unknown);
            if let Some(line) = lines.get(unknown) {
                error = error.with_line(*line);
            }
            return Err(BotticelliError::from(error).into());
        }
        Ok(Self { path: path.to_owned(), llm, profiles, tasks, lines })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn llm(&self) -> &Table {
        &self.llm
    }

    /// Returns a table of tasks.
    pub(super) fn tasks(&self, name: &str) -> Option<&Table> {
        self.tasks.get(name)
    }

    pub(super) fn profiles(&self) -> Vec<String> {
        self.profiles.keys().cloned().collect()
    }

    pub(super) fn profile(&self, name: &str) -> Outcome<&Table> {
        self.profiles.get(name).ok_or_else(|| {
            let names = self.profiles();
            let remedy = match names.as_slice() {
                [] => format!("add the table `[profile.{name}]`"),
                names => format!("choose one of `{}`", names.join("`, `")),
            };
            let error = ConfigError::new(format!("there is no profile `{name}`"), remedy);
            BotticelliError::from(error.with_file(self.path.display().to_string())).into()
        })
    }

    /// Returns the line of a key, such as `profile.work.model`.
    pub(super) fn line(&self, key: &str) -> Option<usize> {
        self.lines.get(key).copied()
    }
}

/// Returns the line of every key and table in a text.
fn lines(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let mut table = String::new();
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if let Some(header) = line.strip_prefix('[') {
            let name = header.trim_start_matches('[').split(']').next().unwrap_or_default();
            table = plain(name);
            found.entry(table.clone()).or_insert(number);
        } else if let Some((key, _)) = line.split_once('=')
            && !line.starts_with('#')
        {
            let key = plain(key);
            let key = if table.is_empty() { key } else { format!("{table}.{key}") };
            found.entry(key).or_insert(number);
        }
    }
    found
}

/// Returns a dotted key without spaces and quotes.
fn plain(key: &str) -> String {
    let parts: Vec<_> = key.split('.').map(|part| part.trim().trim_matches(['"', '\''])).collect();
    parts.join(".")
}
