//! `cache`: the answers that are kept.

use crate::Exit;
use crate::cli::CacheCommand;
use crate::failure::Outcome;
use crate::output::Console;
use crate::settings::Settings;
use botticelli::{Cache, Environment};
use std::path::PathBuf;

/// Shows or clears the cache of the configuration, or else the user's.
pub(crate) async fn cache(
    command: &CacheCommand,
    settings: &Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let place = settings.get("cache.store").and_then(toml::Value::as_str).unwrap_or("user");
    match command {
        CacheCommand::Ls => {
            let file = match place {
                "user" => user_file(environment),
                "memory" => None,
                path if path.contains("://") => None,
                path => Some(PathBuf::from(path)),
            };
            let size = file.as_ref().and_then(|file| std::fs::metadata(file).ok()).map(|data| data.len());
            let name = file.map_or(place.to_owned(), |file| file.display().to_string());
            console.print_line(&match size {
                Some(bytes) => format!("{name}  {} kB", bytes.div_ceil(1000)),
                None => format!("{name}  empty"),
            })?;
        }
        CacheCommand::Clear => {
            let variable = |name: &str| environment.variable(name).map(std::ffi::OsString::from);
            Cache::open_in(place, variable)?.clear().await?;
            console.note("The cache is empty.");
        }
    }
    Ok(Exit::Complete)
}

/// Returns the file of the library's place `user`.
fn user_file(environment: &Environment) -> Option<PathBuf> {
    let named = environment.variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = named.or_else(|| environment.home().map(|home| home.join(".local/share")))?;
    Some(folder.join("botticelli").join("cache.sqlite"))
}
