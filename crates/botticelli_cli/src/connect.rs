//! The driver of a call.

use crate::cli::{CacheMode, Connection};
use crate::failure::{Failure, Outcome, is_missing_token};
use crate::output::Console;
use crate::settings::{Origin, Settings, field, seconds, word};
use botticelli::sandbox::{Fault, Sandbox};
use botticelli::{
    BotticelliDriver, DriverKind, Environment, GenerateRequest, HuggingFaceDriver, LayerExt, LlmConfig,
    Trace, Usd, driver_from,
};
use std::path::PathBuf;
use std::sync::Arc;
use toml::Value;

/// The model of `--local`.
const LOCAL_MODEL: &str = "bartowski/SmolLM2-1.7B-Instruct-GGUF:Q4_K_M";
/// The variable with the token of the sandbox. Only this process sees it.
const SANDBOX_TOKEN: &str = "BOTTICELLI_SANDBOX_TOKEN";
/// A limit that no run reaches, because a ledger without a limit is not possible.
const NO_LIMIT: &str = "1000000000";
/// The parameters of `[llm.generation]`.
const GENERATION: [&str; 7] =
    ["max_tokens", "temperature", "top_p", "stop", "seed", "frequency_penalty", "presence_penalty"];

/// A driver, with everything that must live as long as the call.
#[derive(Debug)]
pub(crate) struct Connected {
    pub(crate) driver: Arc<dyn BotticelliDriver>,
    pub(crate) config: LlmConfig,
    pub(crate) environment: Environment,
    /// The settings of `-o`.
    own: GenerateRequest,
    /// The server of the calls, which runs as long as this value.
    #[cfg_attr(not(feature = "batch"), allow(dead_code, reason = "only a run over a table asks for it"))]
    sandbox: Option<Sandbox>,
}

impl Connected {
    /// Returns whether the answers are examples of the sandbox.
    #[cfg_attr(not(feature = "batch"), allow(dead_code, reason = "only a run over a table asks for it"))]
    pub(crate) fn is_sandbox(&self) -> bool {
        self.sandbox.is_some()
    }

    /// Adds the options of the command line to a request.
    pub(crate) fn apply(&self, request: GenerateRequest) -> GenerateRequest {
        request.with_settings(&self.own)
    }
}

/// Settings with the options of the command line, and everything that they need.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) settings: Settings,
    pub(crate) environment: Environment,
    pub(crate) sandbox: Option<Sandbox>,
}

/// Adds the options to the settings, and starts the sandbox if an option asks for it.
pub(crate) async fn prepare(
    mut settings: Settings,
    options: &Connection,
    environment: &Environment,
) -> Outcome<Prepared> {
    apply(&mut settings, options)?;
    let mut environment = environment.clone();
    let mut sandbox = None;
    if let Some(fault) = &options.sandbox {
        let started = start_sandbox(fault).await?;
        to_sandbox(&mut settings, started.base_url());
        environment = environment.with(SANDBOX_TOKEN, Sandbox::TOKEN).with("HF_ENDPOINT", started.hub_url());
        sandbox = Some(started);
    }
    Ok(Prepared { settings, environment, sandbox })
}

/// Builds the driver that the settings and the options describe.
pub(crate) async fn connect(
    settings: Settings,
    options: &Connection,
    pairs: &[String],
    environment: &Environment,
    console: &Console,
) -> Outcome<Connected> {
    connect_with(settings, options, pairs, environment, console, false).await
}

/// Builds the driver for a command that sends no prompt. The catalog of the router needs no token.
pub(crate) async fn connect_for_lookups(
    settings: Settings,
    options: &Connection,
    pairs: &[String],
    environment: &Environment,
    console: &Console,
) -> Outcome<Connected> {
    connect_with(settings, options, pairs, environment, console, true).await
}

async fn connect_with(
    settings: Settings,
    options: &Connection,
    pairs: &[String],
    environment: &Environment,
    console: &Console,
    is_token_optional: bool,
) -> Outcome<Connected> {
    let Prepared { mut settings, environment, sandbox } = prepare(settings, options, environment).await?;
    let own = set_options(&mut settings, pairs)?;
    if sandbox.is_none() {
        use_ledger(&mut settings, &environment, console);
        use_catalog_file(&mut settings, &environment);
    }
    if settings.get("provider").and_then(Value::as_str) == Some("gguf") {
        crate::commands::fetch_model(&mut settings, &environment, console).await?;
    }
    let config = settings.config()?;
    let driver = match driver_from(&config, environment.clone()) {
        Err(error)
            if is_token_optional
                && config.provider() == DriverKind::HuggingFace
                && is_missing_token(&error) =>
        {
            Arc::new(HuggingFaceDriver::for_lookups(&config, environment.clone())?)
        }
        result => result.map_err(|error| settings.failure(error))?,
    };
    let driver: Arc<dyn BotticelliDriver> = if console.is_verbose(1) {
        Arc::new(driver.with_trace(Trace::default().with_observer(console.call_observer())))
    } else {
        driver
    };
    for (key, value, origin) in settings.values() {
        if console.is_verbose(2) {
            console.note(&format!("llm.{key} = {value} ({origin})"));
        }
    }
    Ok(Connected { driver, config, environment, own, sandbox })
}

/// Checks that a call of the driver has a token, if it needs one. Sends nothing.
pub(crate) fn check_token(
    mut settings: Settings,
    options: &Connection,
    environment: &Environment,
) -> Outcome<()> {
    apply(&mut settings, options)?;
    let is_local = settings.get("provider").and_then(Value::as_str) == Some("gguf");
    if is_local || options.sandbox.is_some() {
        return Ok(());
    }
    match HuggingFaceDriver::from_config(&settings.config()?, environment.clone()) {
        Err(error) if is_missing_token(&error) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Adds the options of the command line to the settings.
fn apply(settings: &mut Settings, options: &Connection) -> Outcome<()> {
    let Connection { model, endpoint, local, .. } = options;
    if *local {
        let has_local_model = settings.get("provider").and_then(Value::as_str) == Some("gguf");
        settings.set("provider", "gguf", Origin::option("--local"));
        if !has_local_model {
            settings.set("model", LOCAL_MODEL, Origin::option("--local"));
        }
    }
    if let Some(url) = endpoint {
        settings.set("provider", "huggingface", Origin::option("--endpoint"));
        settings.set("huggingface.base_url", url.as_str(), Origin::option("--endpoint"));
    }
    if let Some(model) = model {
        settings.set("model", model.as_str(), Origin::option("--model"));
    }
    if let Some(cost) = &options.max_cost {
        // A wrong amount is a wrong use of the option, not of a file.
        let amount = Usd::parse(cost).map_err(|error| Failure::usage(format!("--max-cost: {error}")))?;
        let amount = amount.to_string();
        settings.set("budget.per_call", amount.trim_start_matches('$'), Origin::option("--max-cost"));
    }
    if let Some(organization) = &options.bill_to {
        settings.set("huggingface.bill_to", organization.as_str(), Origin::option("--bill-to"));
    }
    match options.cache {
        Some(CacheMode::Off) => settings.remove("cache"),
        Some(mode) => {
            // The user asks for it, so answers with a temperature are kept too.
            settings.set_default("cache.store", if cfg!(feature = "sqlite") { "user" } else { "memory" });
            settings.set("cache.sampled", true, Origin::option("--cache"));
            settings.set("cache.mode", mode.word(), Origin::option("--cache"));
        }
        None => {}
    }
    if let Some(path) = &options.record {
        settings.set("cassette.path", path.display().to_string(), Origin::option("--record"));
        settings.set("cassette.mode", "record", Origin::option("--record"));
    }
    if let Some(retries) = options.retries {
        settings.set("retry.max_retries", i64::from(retries), Origin::option("--retries"));
    }
    let times = [
        ("total", "--timeout", &options.timeout),
        ("stream_total", "--timeout", &options.timeout),
        ("first_token", "--first-token-timeout", &options.first_token_timeout),
        ("idle", "--idle-timeout", &options.idle_timeout),
        ("connect", "--connect-timeout", &options.connect_timeout),
        ("loading", "--loading-timeout", &options.loading_timeout),
    ];
    for (key, option, time) in times {
        if let Some(time) = time {
            settings.set(&format!("timeout.{key}"), seconds(option, time)?, Origin::option(option));
        }
    }
    Ok(())
}

/// Reads `-o KEY=VALUE`. Generation parameters are settings too, so that their origin is shown.
fn set_options(settings: &mut Settings, pairs: &[String]) -> Outcome<GenerateRequest> {
    let mut own = GenerateRequest::default();
    let mut extra = serde_json::Map::new();
    for pair in pairs {
        let Some((key, text)) = pair.split_once('=') else {
            return Err(Failure::usage(format!("-o {pair}: there is no '='. Write -o temperature=0.")));
        };
        let (key, text) = (key.trim(), text.trim());
        let origin = Origin::option(format!("-o {key}"));
        match key {
            "stop" if word(text).is_str() => {
                settings.set("generation.stop", vec![word(text)], origin);
                own = own.with_stop([unquoted(text)]);
            }
            _ if GENERATION.contains(&key) => {
                settings.set(&format!("generation.{key}"), word(text), origin);
                // The configuration reports an invalid value, with its origin.
                own = setting(key, field(text)).map_or(own.clone(), |parsed| own.with_settings(&parsed));
            }
            "messages" | "model" | "tools" | "response_format" | "stream" => {
                return Err(Failure::usage(format!(
                    "-o {key}: this field cannot be set here. Use its own option, such as -m or --schema."
                )));
            }
            _ if GenerateRequest::typed_fields().any(|field| field == key) => {
                let is_text = matches!(key, "user" | "reasoning_effort");
                let value = if is_text { unquoted(text).into() } else { field(text) };
                let parsed = setting(key, value)
                    .map_err(|error| Failure::usage(format!("-o {key}: '{text}' is not valid: {error}")))?;
                own = own.with_settings(&parsed);
            }
            _ => {
                extra.insert(key.to_owned(), field(text));
            }
        }
    }
    Ok(own.with_extra(extra))
}

/// Returns a text without the quotes of TOML.
fn unquoted(text: &str) -> String {
    word(text).as_str().map_or_else(|| text.to_owned(), str::to_owned)
}

/// Returns a request with one setting.
fn setting(key: &str, value: serde_json::Value) -> Result<GenerateRequest, serde_json::Error> {
    let mut fields = serde_json::Map::new();
    fields.insert(key.to_owned(), value);
    serde_json::from_value(fields.into())
}

async fn start_sandbox(fault: &str) -> Outcome<Sandbox> {
    let mut builder = Sandbox::builder().with_recording(false);
    if !fault.is_empty() {
        let fault: Fault =
            fault.parse().map_err(|error| Failure::usage(format!("--sandbox={fault}: {error}")))?;
        builder = builder.with_turn(fault);
    }
    builder.start().await.map_err(|error| Failure::io("the sandbox cannot start", &error))
}

/// Sends the calls to the sandbox, and keeps its example prices out of the user's ledger and cache.
fn to_sandbox(settings: &mut Settings, base_url: &str) {
    let origin = || Origin::option("--sandbox");
    for key in ["fallback", "rate_limit", "huggingface.catalog_file", "huggingface.provider", "layers"] {
        settings.remove(key);
    }
    if settings.get("provider").and_then(Value::as_str) != Some("huggingface") {
        settings.set("model", crate::settings::DEFAULT_MODEL, origin());
    }
    settings.set("provider", "huggingface", origin());
    settings.set("huggingface.base_url", base_url, origin());
    settings.set("huggingface.catalog_prices", true, origin());
    settings.set("huggingface.choose_provider", true, origin());
    settings.set("auth.api_key_env", SANDBOX_TOKEN, origin());
    for (table, key) in [("cache", "cache.store"), ("budget", "budget.ledger")] {
        if settings.get(table).is_some() {
            settings.set(key, "memory", origin());
        }
    }
}

/// Writes counts and costs to the user's ledger, unless the configuration names another place.
fn use_ledger(settings: &mut Settings, environment: &Environment, console: &Console) {
    if !cfg!(feature = "sqlite") || settings.get("budget.ledger").is_some() {
        return;
    }
    let variable = |name: &str| environment.variable(name).map(std::ffi::OsString::from);
    if let Err(error) = botticelli::Ledger::open_in("user", variable) {
        // Without a budget, the answer matters more than its record.
        if settings.get("budget").is_none() {
            console.detail(&format!("The cost of this call is not recorded. {error}"));
            return;
        }
    }
    if settings.get("budget").is_none() {
        settings.set_default("budget.per_run", NO_LIMIT);
        settings.set_default("budget.on_unknown_price", "allow");
        settings.set_default("budget.on_credits_exhausted", "send");
    }
    settings.set_default("budget.ledger", "user");
}

/// Keeps the router's catalog in the user's cache folder, so that not every call fetches it.
fn use_catalog_file(settings: &mut Settings, environment: &Environment) {
    let has_server = settings.get("huggingface.base_url").is_some()
        || environment.variable("HUGGINGFACE_BASE_URL").is_some();
    if has_server {
        return;
    }
    let named = environment.variable("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = named.or_else(|| environment.home().map(|home| home.join(".cache")));
    let Some(folder) = folder.map(|folder| folder.join("botticelli")) else { return };
    if std::fs::create_dir_all(&folder).is_ok()
        && let Some(path) = folder.join("models.json").to_str()
    {
        settings.set_default("huggingface.catalog_file", path);
    }
}
