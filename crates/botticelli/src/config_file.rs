//! Configuration files, and errors with file, line and key.

use crate::config_tables::{File, HOMES, TypedTables};
use botticelli_core::redact;
use botticelli_core::{DriverKind, LlmConfig};
use botticelli_error::{BotticelliError, BotticelliErrorKind, ConfigError, ErrorCategory};
use std::path::Path;

/// Reads the table `[llm]` of a TOML file.
///
/// # Errors
///
/// A [`ConfigError`] with file, line and key.
#[track_caller]
pub fn config_from_file(path: impl AsRef<Path>) -> Result<LlmConfig, BotticelliError> {
    let path = path.as_ref();
    parse(&read(path)?, &path.display().to_string(), LLM)
}

/// Reads the table `[llm]` of a TOML text.
///
/// ```
/// # fn main() -> Result<(), botticelli::BotticelliError> {
/// let config = botticelli::config_from_toml("[llm]\nprovider = \"huggingface\"\nmodel = \"org/model\"")?;
/// assert_eq!(config.model(), "org/model");
///
/// let mistake = botticelli::config_from_toml("[llm]\nprovider = \"huggingface\"\nmodle = \"org/model\"");
/// let message = mistake.err().map(|error| error.to_string());
/// assert_eq!(
///     message.as_deref(),
///     Some("the configuration, line 3, `llm.modle`: unknown key. Did you mean `model`?"),
/// );
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// A [`ConfigError`] with line and key.
#[track_caller]
pub fn config_from_toml(text: &str) -> Result<LlmConfig, BotticelliError> {
    parse(text, "the configuration", LLM)
}

/// The table of a driver of chat.
pub(crate) const LLM: &str = "llm";

#[track_caller]
pub(crate) fn read(path: &Path) -> Result<String, BotticelliError> {
    std::fs::read_to_string(path).map_err(|error| {
        let remedy = match error.kind() {
            std::io::ErrorKind::NotFound => "create it, or give the path of another file",
            std::io::ErrorKind::InvalidData => "save it as UTF-8",
            _ => "give the path of a TOML file that may be read",
        };
        let reason = format!("it cannot be read ({})", error.kind());
        ConfigError::new(reason, remedy).with_file(path.display().to_string()).with_source(error).into()
    })
}

/// Reads a table of a TOML file: `llm`, `embedding`, `rerank` or `tasks.NAME`.
#[track_caller]
pub(crate) fn parse(text: &str, file: &str, table: &str) -> Result<LlmConfig, BotticelliError> {
    let mut parsed = toml::from_str::<File>(text).map_err(|error| explain(&error, text, file))?;
    toml::from_str::<TypedTables>(text).map_err(|error| explain(&error, text, file))?;
    let Some(config) = parsed.take(table) else {
        let remedy = match parsed.names().as_slice() {
            [] => "add it".to_owned(),
            names => format!("add it; the file has `[{}]`", names.join("]`, `[")),
        };
        return Err(ConfigError::new("it is missing", remedy).with_key(table).with_file(file).into());
    };
    config.generation().validate().map_err(|error| located(error, text, file, table))?;
    Ok(config)
}

/// Refuses the table of a provider that the configuration does not use.
#[track_caller]
pub(crate) fn refuse_unused_tables(config: &LlmConfig) -> Result<(), BotticelliError> {
    let provider = config.provider();
    let is_unused = |kind: &&DriverKind| **kind != provider && config.provider_table(**kind).is_some();
    let Some(unused) = DriverKind::ALL.iter().find(is_unused) else { return Ok(()) };
    let reason = format!("it has no effect, because the provider is `{provider}`");
    let remedy = format!(
        "remove the table, or write `provider = \"{unused}\"`; a route in `[[llm.fallback]]` has these keys in its own table"
    );
    Err(ConfigError::new(reason, remedy).with_key(unused.as_str()).into())
}

/// Adds file, line and the full key to an error about the table `root`, which was found after the file was parsed.
pub(crate) fn located(error: BotticelliError, text: &str, file: &str, root: &str) -> BotticelliError {
    let config = match error.kind() {
        BotticelliErrorKind::Config(config) => config.clone(),
        BotticelliErrorKind::Builder(builder) => {
            let value = builder.value().unwrap_or("missing");
            let reason = format!("it cannot be {value}, {}", builder.reason());
            ConfigError::new(reason, builder.advice()).with_key(builder.field())
        }
        // An invalid model name belongs to the key `model`.
        _ if error.category() == ErrorCategory::InvalidRequest => {
            ConfigError::new(error.to_string().trim_end_matches('.'), "write another name here")
                .with_key("model")
        }
        _ => return error,
    };
    let Some(key) = config.key().map(str::to_owned) else { return error };
    if let Some((route, key)) = key.split_once("fallback.") {
        let lines = lines_of(text, &format!("{route}fallback"), key);
        let config = config.with_file(file);
        // Several routes may have the key.
        return if let [line] = lines.as_slice() { config.with_line(*line) } else { config }.into();
    }
    let mut table = String::new();
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        match header(line) {
            Some(name) if name == format!("{root}.{key}") => {
                return config.with_key(name).with_file(file).with_line(number).into();
            }
            Some(name) => table = name,
            None if !is_below(&table, root) => {}
            // `llm.provider` was valid when the file was parsed. The error is about another `provider`.
            None if key_of(line) == Some(&key) && (table != root || key != "provider") => {
                let config = config.with_key(format!("{table}.{key}"));
                return config.with_file(file).with_line(number).into();
            }
            None => {}
        }
    }
    config.with_file(file).into()
}

/// Returns the numbers of the lines with this key of this table.
fn lines_of(text: &str, table: &str, key: &str) -> Vec<usize> {
    let mut current = String::new();
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if let Some(name) = header(line) {
            current = name;
        } else if current == table && key_of(line) == Some(key) {
            lines.push(number);
        }
    }
    lines
}

/// Returns whether a table is `root`, or one of its tables.
fn is_below(table: &str, root: &str) -> bool {
    table.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Returns the name of a table of `[llm]` in the table of a driver at this place: `llm.retry` as `embedding.retry`.
fn renamed(table: &str, place: &Place) -> String {
    let mut parts = place.table.split('.');
    let root = match (parts.next(), parts.next()) {
        (Some("tasks"), Some(name)) => format!("tasks.{name}"),
        (Some(root @ ("embedding" | "rerank")), _) => root.to_owned(),
        _ => LLM.to_owned(),
    };
    table.replacen(LLM, &root, 1)
}

/// Turns an error of the TOML parser into one with a remedy.
fn explain(error: &toml::de::Error, text: &str, file: &str) -> ConfigError {
    let message = error.message().trim();
    let place = error.span().map(|span| Place::of(text, span.start)).unwrap_or_default();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let config = match () {
        () if message.starts_with("unknown field") => {
            let wrong = quoted.next().unwrap_or_default();
            let accepted: Vec<&str> = quoted.collect();
            let home = HOMES.iter().find(|(_, keys)| keys.contains(&wrong));
            let remedy = match home {
                Some((table, _)) => format!("did you mean `{}.{wrong}`?", renamed(table, &place)),
                None => suggestion(wrong, &accepted),
            };
            match &place.key {
                // A key of an inline table.
                Some(key) if key != wrong => {
                    ConfigError::new(format!("unknown key `{wrong}`"), remedy).with_key(place.key())
                }
                _ => ConfigError::new("unknown key", remedy).with_key(place.key_named(wrong)),
            }
        }
        () if message.starts_with("unknown variant") => {
            let wrong = quoted.next().unwrap_or_default();
            let accepted: Vec<&str> = quoted.collect();
            let near = suggestion(wrong, &accepted);
            if place.key() != renamed("llm.provider", &place) {
                let reason = format!("`{}` is not an accepted word", redact::tokens(wrong));
                return ConfigError::new(reason, near)
                    .with_key(place.key())
                    .with_file(file)
                    .with_line(place.line);
            }
            // Most providers that users write here have an OpenAI-compatible API.
            let remedy = if near.starts_with("did you mean") {
                near
            } else {
                format!(
                    "{near}; for an OpenAI-compatible server write `provider = \"huggingface\"`, and its \
                     address as `base_url` in `[llm.huggingface]`"
                )
            };
            ConfigError::new(format!("unknown provider `{}`", redact::tokens(wrong)), remedy)
                .with_key(place.key())
        }
        () if message.starts_with("missing field") => {
            let missing = quoted.next().unwrap_or_default();
            let home = HOMES.iter().find(|(_, keys)| keys.contains(&missing));
            match home {
                Some((table, _)) => {
                    let key = format!("{}.{missing}", renamed(table, &place));
                    ConfigError::new("it is missing", "add it").with_key(key)
                }
                None if place.key.is_none() => ConfigError::new("it is missing", "add it").with_key(missing),
                None => ConfigError::new(format!("`{missing}` is missing"), "add it").with_key(place.key()),
            }
        }
        () if message.starts_with("invalid ") => {
            let (what, expected) = message.split_once(", expected ").unwrap_or((message, "another value"));
            ConfigError::new(redact::tokens(what), format!("write {}", plain(expected))).with_key(place.key())
        }
        () if place.key.is_some() && message.contains(": ") => {
            let (reason, remedy) = message.split_once(": ").unwrap_or((message, ""));
            ConfigError::new(redact::tokens(reason), remedy).with_key(place.key())
        }
        () => ConfigError::new(
            format!("this is not valid TOML ({})", redact::tokens(message)),
            "correct the line",
        ),
    };
    let key = config.key().map(redact::tokens).unwrap_or_default();
    let config = config.with_key(key).with_file(file);
    if place.line > 0 { config.with_line(place.line) } else { config }
}

/// Replaces a Rust type in a message by words for the author of a file.
fn plain(expected: &str) -> &str {
    match expected {
        "f64" => "a number",
        "u32" | "u64" => "a whole number, 0 or more",
        "a string" => "a text in quotes",
        "a sequence" => "a list, as [\"END\"]",
        other => other,
    }
}

/// Suggests the most similar accepted word, or lists all of them.
fn suggestion(wrong: &str, accepted: &[&str]) -> String {
    let nearest = accepted.iter().max_by(|a, b| {
        let likeness = |word| strsim::jaro_winkler(wrong, word);
        likeness(a).total_cmp(&likeness(b))
    });
    match nearest {
        Some(near) if strsim::jaro_winkler(wrong, near) > 0.7 => format!("did you mean `{near}`?"),
        _ => format!("accepted are `{}`", accepted.join("`, `")),
    }
}

/// Place in a TOML text.
#[derive(Default)]
struct Place {
    line: usize,
    table: String,
    key: Option<String>,
}

impl Place {
    fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count();
        let here = text.lines().nth(line).unwrap_or_default().trim();
        let table = text.lines().take(line.saturating_add(1)).filter_map(|line| header(line.trim())).last();
        let key = key_of(here).map(str::to_owned);
        Self { line: line.saturating_add(1), table: table.unwrap_or_default(), key }
    }

    /// Returns the key at this place, with its table.
    fn key(&self) -> String {
        self.key.as_ref().map_or_else(|| self.table.clone(), |key| self.key_named(key))
    }

    /// Returns the key `name` of this table, or the table itself if `name` is its name.
    fn key_named(&self, name: &str) -> String {
        let is_table = self.key.is_none() && self.table.rsplit('.').next() == Some(name);
        match self.table.as_str() {
            "" => name.to_owned(),
            table if is_table => table.to_owned(),
            table => format!("{table}.{name}"),
        }
    }
}

/// Returns the name in `[name]` or `[[name]]`.
fn header(line: &str) -> Option<String> {
    let name = line.strip_prefix('[')?.trim_start_matches('[').split(']').next()?;
    Some(name.trim().to_owned())
}

/// Returns the key in `key = value`.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    (!line.starts_with('[') && !line.starts_with('#')).then(|| key.trim().trim_matches('"'))
}
