//! Layers around the driver of a configuration.

use crate::config_file::refuse_unused_tables;
use crate::plain::plain_driver;
use botticelli_core::{LayerKind, LlmConfig};
use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::BotticelliDriver;
#[cfg(any(feature = "budget", feature = "cache", feature = "rate-limit", feature = "trace"))]
use botticelli_layers::LayerExt;
use botticelli_models::Environment;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::ffi::OsString;
use std::sync::Arc;

type Driver = Arc<dyn BotticelliDriver>;

/// Puts a layer around the driver of a route. All routes share the state of the layer.
type Wrap = Box<dyn Fn(Driver, Server<'_>) -> Driver>;

/// The server and the account of a route.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "only fallbacks have other servers, and only some layers tell them apart")]
enum Server<'a> {
    /// The server and the account of the first route.
    First,
    /// Another account on the server of the first route.
    OtherAccount(&'a str),
    /// An account on another server.
    Other(&'a str),
}

/// Builds the driver that `config` describes, with its layers.
///
/// The layers before `fallback` in the order are around all routes together, and those after it around each route.
#[track_caller]
pub(crate) fn layered_driver(
    config: &LlmConfig,
    environment: Environment,
) -> Result<Driver, BotticelliError> {
    refuse_unused_tables(config)?;
    let order = config.layers()?;
    let at = order.iter().position(|kind| *kind == LayerKind::Fallback).unwrap_or(order.len());
    let (outer, inner) = order.split_at(at);
    if inner.contains(&LayerKind::Cassette) {
        let reason = "a cassette inside of `fallback` would be recorded by several routes";
        let error = ConfigError::new(reason, "put `cassette` before `fallback`");
        return Err(error.with_key("llm.layers").into());
    }
    let taped = outer.iter().position(|kind| *kind == LayerKind::Cassette);
    let (around_tape, outer) = outer.split_at(taped.map_or(0, |at| at.saturating_add(1)));
    let around_tape = layers(config, around_tape.split_last().map_or(&[], |(_, outer)| outer), &environment)?;
    let tape = taped.map(|_| Tape::read(config, &environment)).transpose()?;
    if let Some(player) = tape.as_ref().and_then(Tape::player) {
        return Ok(around(player, &around_tape, Server::First));
    }
    let outer = layers(config, outer, &environment)?;
    let inner = layers(config, inner.split_first().map_or(&[], |(_, inner)| inner), &environment)?;
    let routes = Routes::read(config)?;
    let primary = around(plain_driver(config, environment.clone())?, &inner, Server::First);
    let driver = routes.after(primary, &inner, &environment)?;
    drop(environment);
    let driver = around(driver, &outer, Server::First);
    let driver = match tape {
        Some(tape) => tape.record(driver)?,
        None => driver,
    };
    Ok(around(driver, &around_tape, Server::First))
}

/// The table `[llm.cassette]`.
#[cfg(feature = "cassette")]
struct Tape {
    config: botticelli_layers::cassette::CassetteConfig,
    player: Option<botticelli_layers::cassette::Player>,
}

#[cfg(feature = "cassette")]
impl Tape {
    #[track_caller]
    fn read(config: &LlmConfig, environment: &Environment) -> Result<Self, BotticelliError> {
        let config = cassette(config, environment)?;
        Ok(Self { player: config.player()?, config })
    }

    /// Returns the driver that replays the cassette; `None` if calls are recorded.
    fn player(&self) -> Option<Driver> {
        self.player.clone().map(|player| -> Driver { Arc::new(player) })
    }

    #[track_caller]
    fn record(&self, driver: Driver) -> Result<Driver, BotticelliError> {
        Ok(Arc::new(botticelli_layers::cassette::Recorded::new(driver, self.config.path())?))
    }
}

/// Returns the table `[llm.cassette]` with the path of its file.
#[cfg(feature = "cassette")]
#[track_caller]
pub(crate) fn cassette(
    config: &LlmConfig,
    environment: &Environment,
) -> Result<botticelli_layers::cassette::CassetteConfig, BotticelliError> {
    let config: botticelli_layers::cassette::CassetteConfig = table(config, LayerKind::Cassette)?;
    config.in_home(|name| environment.variable(name).map(OsString::from))
}

#[cfg(not(feature = "cassette"))]
enum Tape {}

#[cfg(not(feature = "cassette"))]
impl Tape {
    #[track_caller]
    fn read(config: &LlmConfig, _: &Environment) -> Result<Self, BotticelliError> {
        table::<Map<String, Value>>(config, LayerKind::Cassette)
            .and_then(|_| Err(not_compiled(LayerKind::Cassette)))
    }

    fn player(&self) -> Option<Driver> {
        match *self {}
    }

    #[allow(clippy::needless_pass_by_value, reason = "as with the feature `cassette`")]
    fn record(&self, _: Driver) -> Result<Driver, BotticelliError> {
        match *self {}
    }
}

/// Reads the tables of these layers.
#[track_caller]
fn layers(
    config: &LlmConfig,
    order: &[LayerKind],
    environment: &Environment,
) -> Result<Vec<Wrap>, BotticelliError> {
    order.iter().map(|kind| wrap(config, *kind, environment)).collect()
}

#[track_caller]
fn wrap(config: &LlmConfig, kind: LayerKind, environment: &Environment) -> Result<Wrap, BotticelliError> {
    // The folders of the user. Only some layers have files.
    let variable = |name: &str| environment.variable(name).map(OsString::from);
    let _ = &variable;
    match kind {
        #[cfg(feature = "budget")]
        LayerKind::Budget => {
            let budget = botticelli_layers::budget::Budget::from_config_in(&table(config, kind)?, variable)?;
            Ok(Box::new(move |driver, server| {
                let budget = budget.clone();
                Arc::new(driver.with_budget(match server {
                    Server::First => budget,
                    // The other account has its own credits.
                    Server::OtherAccount(name) | Server::Other(name) => budget.with_credit_account(name),
                }))
            }))
        }
        #[cfg(feature = "cache")]
        LayerKind::Cache => {
            let cache = botticelli_layers::cache::Cache::from_config_in(&table(config, kind)?, variable)?;
            Ok(Box::new(move |driver, _| Arc::new(driver.with_cache(cache.clone()))))
        }
        #[cfg(feature = "rate-limit")]
        LayerKind::RateLimit => {
            let limit = botticelli_layers::rate_limit::RateLimit::from_config(&table(config, kind)?)?;
            Ok(Box::new(move |driver, server| match server {
                Server::First | Server::OtherAccount(_) => Arc::new(driver.with_rate_limit(limit.clone())),
                // The rate limit belongs to the first server.
                Server::Other(_) => driver,
            }))
        }
        #[cfg(feature = "trace")]
        LayerKind::Trace => {
            let trace = botticelli_layers::trace::Trace::from_config(&table(config, kind)?);
            Ok(Box::new(move |driver, _| Arc::new(driver.with_trace(trace.clone()))))
        }
        other => table::<Map<String, Value>>(config, other).and_then(|_| Err(not_compiled(other))),
    }
}

/// Puts layers around the driver of a route.
fn around(driver: Driver, layers: &[Wrap], server: Server<'_>) -> Driver {
    layers.iter().rev().fold(driver, |driver, wrap| wrap(driver, server))
}

/// The routes after the first one: the tables `[[llm.fallback]]`.
struct Routes {
    #[cfg(feature = "fallback")]
    routes: Vec<Route>,
}

#[cfg(feature = "fallback")]
struct Route {
    settings: botticelli_layers::fallback::FallbackConfig,
    config: LlmConfig,
    /// The account that pays; `None` is the account of the first route.
    account: Option<String>,
    is_other_server: bool,
}

#[cfg(feature = "fallback")]
impl Routes {
    #[track_caller]
    fn read(config: &LlmConfig) -> Result<Self, BotticelliError> {
        let read = |table| {
            let settings: botticelli_layers::fallback::FallbackConfig = settings(table, LayerKind::Fallback)?;
            let account = account_of(settings.driver(), config);
            let is_other_server = is_other_server(settings.driver(), config.provider());
            Ok(Route { config: route_config(config, settings.driver())?, settings, account, is_other_server })
        };
        let routes = config.layer_tables(LayerKind::Fallback).iter().map(read);
        Ok(Self { routes: routes.collect::<Result<_, BotticelliError>>()? })
    }

    /// Returns a driver that tries `primary` first, and then these routes.
    #[track_caller]
    fn after(
        self,
        primary: Driver,
        layers: &[Wrap],
        environment: &Environment,
    ) -> Result<Driver, BotticelliError> {
        use botticelli_layers::fallback::{FallbackDriver, FallbackRoute};
        if self.routes.is_empty() {
            return Ok(primary);
        }
        let mut fallback = FallbackDriver::new(primary);
        for Route { settings, config, account, is_other_server } in &self.routes {
            let server = match account.as_deref() {
                Some(account) if *is_other_server => Server::Other(account),
                Some(account) => Server::OtherAccount(account),
                None => Server::First,
            };
            let driver = plain_driver(config, environment.clone()).map_err(of_route)?;
            let driver = around(driver, layers, server);
            fallback = fallback.or_route(FallbackRoute::new(config.model(), driver).with_config(settings));
        }
        fallback.validate()?;
        Ok(Arc::new(fallback))
    }
}

#[cfg(not(feature = "fallback"))]
impl Routes {
    #[track_caller]
    fn read(config: &LlmConfig) -> Result<Self, BotticelliError> {
        match config.layer_tables(LayerKind::Fallback) {
            [] => Ok(Self {}),
            _ => Err(not_compiled(LayerKind::Fallback)),
        }
    }

    #[allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "as with the feature `fallback`")]
    fn after(self, primary: Driver, _: &[Wrap], _: &Environment) -> Result<Driver, BotticelliError> {
        Ok(primary)
    }
}

/// Returns the error of a route with the key in its own table. The first route was built from the same tables of `[llm]` without an error.
#[cfg(feature = "fallback")]
fn of_route(error: BotticelliError) -> BotticelliError {
    let botticelli_error::BotticelliErrorKind::Config(config) = error.kind() else {
        return match error.category() {
            botticelli_error::ErrorCategory::InvalidRequest => {
                let reason = error.to_string();
                let config = ConfigError::new(reason.trim_end_matches('.'), "write another name here");
                config.with_key("llm.fallback.model").into()
            }
            _ => error,
        };
    };
    match config.key() {
        Some(key) if key.starts_with("llm.") => config.clone().with_key("llm.fallback").into(),
        Some(key) => config.clone().with_key(format!("llm.fallback.{key}")).into(),
        None => error,
    }
}

/// Returns whether the keys of a route name another server than the server of the first route.
#[cfg(feature = "fallback")]
fn is_other_server(keys: &Map<String, Value>, first: botticelli_core::DriverKind) -> bool {
    keys.contains_key("base_url")
        || keys.get("provider").is_some_and(|provider| provider.as_str() != Some(first.as_str()))
}

/// Returns the name of the account that pays for a route: its server, the variable with its key, and the organization that pays. `None` is
/// the account of the first route, whose configuration is `first`.
#[cfg(feature = "fallback")]
fn account_of(keys: &Map<String, Value>, first: &LlmConfig) -> Option<String> {
    let text = |key: &str| keys.get(key).and_then(Value::as_str);
    let server = match text("base_url") {
        Some(url) => {
            let (_, rest) = url.split_once("://").unwrap_or(("", url));
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
        }
        None => text("provider").filter(|_| is_other_server(keys, first.provider())),
    };
    let is_other_key = |key: &&str| server.is_some() || first.auth().api_key_env() != Some(*key);
    let first_payer = first.provider_table(first.provider()).and_then(|table| table.get("bill_to")?.as_str());
    let payer = text("bill_to").filter(|payer| server.is_some() || first_payer != Some(*payer));
    let parts: Vec<_> =
        server.into_iter().chain(text("api_key_env").filter(is_other_key)).chain(payer).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Returns the configuration of a route. On the server of the first route, its keys are added to the table of the provider. A
/// route to another server uses another table and another key, because a key must not be sent to another server.
#[cfg(feature = "fallback")]
#[track_caller]
fn route_config(config: &LlmConfig, keys: &Map<String, Value>) -> Result<LlmConfig, BotticelliError> {
    use botticelli_core::{AuthConfig, DriverKind};
    let is_other_server = is_other_server(keys, config.provider());
    let mut keys = keys.clone();
    let mut text = |key: &str| match keys.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => {
            let error = ConfigError::new(format!("`{key}` is not a text"), "write a text in quotes");
            Err(BotticelliError::from(error.with_key("llm.fallback")))
        }
    };
    let (model, provider, variable) = (text("model")?, text("provider")?, text("api_key_env")?);
    let model = model.ok_or_else(|| {
        ConfigError::new("a fallback has no `model`", "add the model of the route").with_key("llm.fallback")
    })?;
    // Any other value is a provider behind the driver, such as `groq`.
    let kind = DriverKind::ALL.iter().find(|kind| Some(kind.as_str()) == provider.as_deref());
    if let (None, Some(provider)) = (kind, provider) {
        keys.insert("provider".to_owned(), provider.into());
    }
    let provider = kind.copied().unwrap_or(config.provider());
    let auth = match variable {
        Some(name) => auth_of(&name)?,
        None if is_other_server => AuthConfig::default(),
        None => config.auth().clone(),
    };
    if !is_other_server && provider == config.provider() {
        for (key, value) in config.provider_table(provider).into_iter().flatten() {
            keys.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    LlmConfig::builder()
        .provider(provider)
        .model(model)
        .auth(auth)
        .provider_table(provider, keys)
        .generation(config.generation().clone())
        .timeout(*config.timeout())
        .retry(*config.retry())
        .build()
}

/// Returns the source of the key of a route, checked as that of `[llm.auth]`.
#[cfg(feature = "fallback")]
#[track_caller]
fn auth_of(variable: &str) -> Result<botticelli_core::AuthConfig, BotticelliError> {
    let table = Map::from_iter([("api_key_env".to_owned(), variable.into())]);
    botticelli_core::AuthConfig::deserialize(table).map_err(|error| {
        let message = error.to_string();
        let (reason, remedy) = message.split_once(": ").unwrap_or((&message, "name a variable"));
        ConfigError::new(reason, remedy).with_key("llm.fallback.api_key_env").into()
    })
}

/// Reads the table of a layer that has one.
#[track_caller]
pub(crate) fn table<T: for<'de> Deserialize<'de>>(
    config: &LlmConfig,
    kind: LayerKind,
) -> Result<T, BotticelliError> {
    if let [table] = config.layer_tables(kind) {
        return settings(table, kind);
    }
    let reason = format!("the layer `{kind}` is set up more than once");
    Err(ConfigError::new(reason, "keep one table").with_key(format!("llm.{kind}")).into())
}

#[track_caller]
fn settings<T: for<'de> Deserialize<'de>>(
    table: &Map<String, Value>,
    kind: LayerKind,
) -> Result<T, BotticelliError> {
    T::deserialize(table).map_err(|error| {
        let reason = botticelli_core::redact::tokens(&error.to_string());
        ConfigError::new(reason, "correct the table").with_key(format!("llm.{kind}")).into()
    })
}

#[track_caller]
pub(crate) fn not_compiled(kind: LayerKind) -> BotticelliError {
    let reason = format!("the layer `{kind}` is not part of this build");
    let remedy = format!("enable the feature `{}` of the crate `botticelli` in Cargo.toml", kind.feature());
    ConfigError::new(reason, remedy).with_key(format!("llm.{kind}")).into()
}
