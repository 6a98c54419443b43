//! `config`: the configuration file.

use crate::Exit;
use crate::cli::{ConfigCommand, Global};
use crate::failure::{Failure, Outcome};
use crate::output::{Console, columns};
use crate::settings::{Settings, config_path, template};
use botticelli::{BotticelliError, Budget, Cache, Environment, RateLimit};
use serde::de::DeserializeOwned;
use serde_json::{Map, json};
use std::fs;
use std::io::Write;

/// Runs a command about the configuration.
pub(crate) fn config(
    command: &ConfigCommand,
    global: &Global,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    match command {
        ConfigCommand::Path => {
            let path = path(global, environment)?;
            console.print_line(&path.display().to_string())?;
        }
        ConfigCommand::Init => init(global, environment, console)?,
        ConfigCommand::Show { json } => {
            show(&Settings::load(global, environment)?, *json, environment, console)?;
        }
        ConfigCommand::Check => check(&Settings::load(global, environment)?, console)?,
    }
    Ok(Exit::Complete)
}

fn path(global: &Global, environment: &Environment) -> Outcome<std::path::PathBuf> {
    config_path(global, environment).0.ok_or_else(|| {
        Failure::new(
            Exit::Configuration,
            "there is no folder for the configuration. Set XDG_CONFIG_HOME or HOME, or name a file with --config.",
        )
    })
}

/// Writes a commented file. An existing file stays as it is.
fn init(global: &Global, environment: &Environment, console: &Console) -> Outcome<()> {
    let path = path(global, environment)?;
    let name = path.display().to_string();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Failure::io(&name, &error))?;
    }
    let file = fs::OpenOptions::new().write(true).create_new(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(template().as_bytes()));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::new(
            Exit::Configuration,
            format!("{name} exists already. Edit it, or name another file with --config."),
        ),
        _ => Failure::io(&name, &error),
    })?;
    console.note(&format!("Wrote {name}"));
    Ok(())
}

/// Prints every value and its origin.
fn show(settings: &Settings, is_json: bool, environment: &Environment, console: &mut Console) -> Outcome<()> {
    settings.config()?;
    let values = settings.values();
    if is_json {
        let mut object = Map::new();
        for (key, value, origin) in values {
            object.insert(format!("llm.{key}"), json!({"value": value, "origin": origin.to_string()}));
        }
        return console.print_line(&serde_json::Value::Object(object).to_string());
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (key, value, origin) in values {
        rows.push(vec![format!("llm.{key}"), value.to_string(), origin.to_string()]);
    }
    if settings.get("huggingface.base_url").is_none()
        && let Some(url) = environment.variable("HUGGINGFACE_BASE_URL")
    {
        rows.push(vec!["llm.huggingface.base_url".into(), format!("{url:?}"), "HUGGINGFACE_BASE_URL".into()]);
    }
    rows.push(vec!["token".to_owned(), String::new(), super::auth::token_place(settings, environment)]);
    console.print(&columns(&rows, None))?;
    match (settings.file(), settings.path()) {
        (Some(file), _) => {
            let profile = settings.profile().map(|name| format!(", profile {name}")).unwrap_or_default();
            console.detail(&format!("Read from {}{profile}", file.display()));
        }
        (None, Some(path)) => console.note(&format!("There is no file {}", path.display())),
        (None, None) => {}
    }
    Ok(())
}

/// Checks the file and every profile.
fn check(settings: &Settings, console: &mut Console) -> Outcome<()> {
    check_one(settings)?;
    let profiles = settings.profiles();
    for name in &profiles {
        check_one(&settings.with_profile(name)?)?;
    }
    let file = settings.file().map_or("the defaults".to_owned(), |file| file.display().to_string());
    let profiles = match profiles.as_slice() {
        [] => String::new(),
        names => format!(", with the profiles {}", names.join(", ")),
    };
    console.print_line(&format!("valid: {file}{profiles}"))
}

/// Checks the settings of one profile as a call does, but opens no ledger and no cache.
fn check_one(settings: &Settings) -> Outcome<()> {
    let config = settings.config()?;
    config.layers().map_err(|error| located(settings, "", &error))?;
    let in_memory = |name: &str, place: &str| {
        let mut table = settings.get(name)?.as_table()?.clone();
        table.remove(place);
        Some(toml::Value::Table(table))
    };
    let checks = [
        ("budget", check_table(in_memory("budget", "ledger"), Budget::from_config)),
        ("cache", check_table(in_memory("cache", "store"), Cache::from_config)),
        ("rate_limit", check_table(settings.get("rate_limit").cloned(), RateLimit::from_config)),
    ];
    for (name, checked) in checks {
        checked.map_err(|error| located(settings, &format!("{name}."), &error))?;
    }
    Ok(())
}

/// Builds the layer of a table, if there is one. A table with wrong types is reported elsewhere.
fn check_table<C: DeserializeOwned, L>(
    table: Option<toml::Value>,
    build: impl Fn(&C) -> Result<L, BotticelliError>,
) -> Result<(), BotticelliError> {
    match table.and_then(|table| table.try_into().ok()) {
        Some(config) => build(&config).map(drop),
        None => Ok(()),
    }
}

/// Returns the failure with the place of the value that the error names.
fn located(settings: &Settings, table: &str, error: &BotticelliError) -> Failure {
    let message = error.to_string();
    let values = settings.values();
    let is_named = |key: &str| {
        let name = key.strip_prefix(table).and_then(|rest| rest.split('.').next());
        name.is_some_and(|name| message.contains(&format!("`{name}`")))
    };
    let place = values.iter().find(|(key, ..)| is_named(key)).map(|(_, _, origin)| origin.to_string());
    let file = || settings.file().map(|file| file.display().to_string());
    let place = place.or_else(file).map(|place| format!("{place}: ")).unwrap_or_default();
    Failure::new(Exit::Configuration, format!("{place}{message}"))
}
