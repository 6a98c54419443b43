//! `cache`: the cache of answers.

use crate::Exit;
use crate::cli::{CacheClearArgs, CacheCommand, CacheListArgs};
use crate::failure::Outcome;
use crate::output::{Console, columns, sanitized};
use crate::settings::{Settings, age};
use botticelli::{Cache, CacheEntry, Environment, Usage, Usd};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// Characters of an answer in a list.
const ANSWER: usize = 60;

/// Shows or clears the cache of the configuration, or else the user's.
pub(crate) async fn cache(
    command: &CacheCommand,
    settings: &Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let place = settings.get("cache.store").and_then(toml::Value::as_str).unwrap_or("user");
    let open = || {
        let variable = |name: &str| environment.variable(name).map(std::ffi::OsString::from);
        Cache::open_in(place, variable)
    };
    match command {
        CacheCommand::Ls(arguments) => {
            let file = match place {
                "user" => user_file(environment),
                "memory" => None,
                path if path.contains("://") => None,
                path => Some(match (path.strip_prefix("~/"), environment.home()) {
                    (Some(below), Some(home)) => home.join(below),
                    _ => PathBuf::from(path),
                }),
            };
            let size = file.as_ref().and_then(|file| std::fs::metadata(file).ok()).map(|data| data.len());
            let name = file.map_or(place.to_owned(), |file| file.display().to_string());
            // Looking at a cache does not create one.
            let is_empty = size.is_none() && !place.contains("://");
            let entries = if is_empty { Vec::new() } else { open()?.entries(arguments.limit)? };
            print(&name, size, &entries, arguments, console)?;
        }
        CacheCommand::Clear(arguments) => clear(&open()?, arguments, console).await?,
    }
    Ok(Exit::Complete)
}

async fn clear(cache: &Cache, arguments: &CacheClearArgs, console: &Console) -> Outcome<()> {
    let oldest = arguments.older_than.as_deref().map(|text| age("--older-than", text)).transpose()?;
    let model = arguments.model.as_deref();
    if oldest.is_none() && model.is_none() {
        cache.clear().await?;
        console.note("The cache is empty.");
        return Ok(());
    }
    let now = SystemTime::now();
    let removed = cache
        .retain(|entry| {
            let is_older = oldest.is_none_or(|oldest| age_of(entry, now) > oldest);
            let is_of_model = model.is_none_or(|model| names(entry).contains(&model));
            !(is_older && is_of_model)
        })
        .await?;
    console.note(&format!("Answers removed: {removed}"));
    Ok(())
}

fn print(
    name: &str,
    size: Option<u64>,
    entries: &[CacheEntry],
    arguments: &CacheListArgs,
    console: &mut Console,
) -> Outcome<()> {
    let now = SystemTime::now();
    if arguments.json {
        let entries: Vec<Value> =
            entries.iter().map(|entry| entry_json(entry, now, arguments.answers)).collect();
        return console.print_line(&json!({"place": name, "bytes": size, "entries": entries}).to_string());
    }
    console.print_line(&match size {
        Some(bytes) => format!("{name}  {} kB", bytes.div_ceil(1000)),
        None => format!("{name}  empty"),
    })?;
    if entries.is_empty() {
        return Ok(());
    }
    let mut rows = vec![["kind", "model", "age", "kB", "tokens", "saves", ""].map(str::to_owned).to_vec()];
    rows.extend(entries.iter().map(|entry| {
        let response = entry.response();
        let tokens = response.usage().and_then(Usage::total_tokens).map(|tokens| tokens.to_string());
        vec![
            entry.kind().unwrap_or("unknown").to_owned(),
            names(entry).first().copied().unwrap_or("unknown").to_owned(),
            rough(age_of(entry, now)),
            entry.bytes().div_ceil(1000).to_string(),
            tokens.unwrap_or_default(),
            saved(entry).map(|usd| usd.to_string()).unwrap_or_default(),
            if arguments.answers { beginning(&response.text()) } else { String::new() },
        ]
    }));
    let width = console.is_terminal().then(|| console.width());
    console.print(&columns(&rows, width))
}

/// Returns the model of the request, and the one that the service reported.
fn names(entry: &CacheEntry) -> Vec<&str> {
    let response = entry.response();
    [response.requested_model(), response.model()].into_iter().flatten().collect()
}

/// Returns the cost of the original call, if it is known and not free.
fn saved(entry: &CacheEntry) -> Option<Usd> {
    let nanos = entry.response().cost().nano_dollars().filter(|nanos| *nanos > 0)?;
    Some(Usd::from_nano_dollars(nanos))
}

fn age_of(entry: &CacheEntry, now: SystemTime) -> Duration {
    now.duration_since(entry.stored_at()).unwrap_or_default()
}

/// Returns an age in its largest unit.
fn rough(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// Returns the first characters of an answer in one line.
fn beginning(text: &str) -> String {
    let line = sanitized(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut short: String = line.chars().take(ANSWER).collect();
    if line.chars().count() > ANSWER {
        short.push('…');
    }
    short
}

fn entry_json(entry: &CacheEntry, now: SystemTime, with_answer: bool) -> Value {
    let response = entry.response();
    let saved = saved(entry).map(|usd| usd.to_string().trim_start_matches('$').to_owned());
    let mut value = json!({
        "kind": entry.kind(),
        "model": response.model(),
        "requested_model": response.requested_model(),
        "provider": response.provider(),
        "age_seconds": age_of(entry, now).as_secs(),
        "bytes": entry.bytes(),
        "usage": response.usage(),
        "saves_usd": saved,
    });
    if let (true, Some(object)) = (with_answer, value.as_object_mut()) {
        object.insert("answer".to_owned(), response.text().into_owned().into());
    }
    value
}

/// Returns the file of the library's place `user`.
fn user_file(environment: &Environment) -> Option<PathBuf> {
    let named = environment.variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = named.or_else(|| environment.home().map(|home| home.join(".local/share")))?;
    Some(folder.join("botticelli").join("cache.sqlite"))
}
