//! `config`: the configuration file.

use crate::Exit;
use crate::cli::{ConfigCommand, Global};
use crate::failure::{Failure, Outcome};
use crate::output::{Console, columns};
use crate::settings::{Settings, config_path, template};
use botticelli::Environment;
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
    settings.config()?;
    let profiles = settings.profiles();
    for name in &profiles {
        settings.with_profile(name)?.config()?;
    }
    let file = settings.file().map_or("the defaults".to_owned(), |file| file.display().to_string());
    let profiles = match profiles.as_slice() {
        [] => String::new(),
        names => format!(", with the profiles {}", names.join(", ")),
    };
    console.print_line(&format!("valid: {file}{profiles}"))
}
