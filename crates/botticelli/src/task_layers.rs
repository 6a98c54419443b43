//! Layers around the driver of tasks of a configuration.

#[cfg(feature = "cassette")]
use crate::layers::cassette;
use crate::layers::{not_compiled, table};
use botticelli_core::{LayerKind, LlmConfig};
use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::tasks::EveryTaskDriver;
#[cfg(any(feature = "budget", feature = "cache", feature = "rate-limit"))]
use botticelli_layers::LayerExt;
use botticelli_models::Environment;
use serde_json::{Map, Value};
use std::ffi::OsString;
use std::sync::Arc;

type Driver = Arc<dyn EveryTaskDriver>;

/// Builds a driver of tasks with the layers that `config` describes. `build` builds the driver without them, unless a cassette is replayed.
#[track_caller]
pub(crate) fn layered_tasks(
    config: &LlmConfig,
    environment: &Environment,
    build: impl FnOnce() -> Result<Driver, BotticelliError>,
) -> Result<Driver, BotticelliError> {
    let order = config.layers()?;
    let unsupported = [LayerKind::Trace, LayerKind::Fallback];
    if let Some(layer) = order.iter().find(|layer| unsupported.contains(layer)) {
        let reason = format!("the layer `{layer}` has no effect on this driver");
        return Err(ConfigError::new(reason, "remove its table").with_key(layer.as_str()).into());
    }
    let tape = order.iter().position(|kind| *kind == LayerKind::Cassette);
    let (around_tape, inner) = order.split_at(tape.map_or(0, |at| at.saturating_add(1)));
    let replay = match tape {
        Some(_) => replayed(config, environment)?,
        None => None,
    };
    let driver = if let Some(player) = replay {
        // A replay needs neither a token nor the layers inside.
        player
    } else {
        let driver = wrapped(build()?, inner, config, environment)?;
        if tape.is_some() { recorded(config, driver, environment)? } else { driver }
    };
    wrapped(driver, around_tape.split_last().map_or(&[], |(_, outer)| outer), config, environment)
}

/// Puts layers around a driver. The first one becomes the outermost.
fn wrapped(
    driver: Driver,
    order: &[LayerKind],
    config: &LlmConfig,
    environment: &Environment,
) -> Result<Driver, BotticelliError> {
    order.iter().rev().try_fold(driver, |driver, kind| wrap(driver, config, *kind, environment))
}

#[track_caller]
fn wrap(
    driver: Driver,
    config: &LlmConfig,
    kind: LayerKind,
    environment: &Environment,
) -> Result<Driver, BotticelliError> {
    // The folders of the user. Only some layers have files.
    let variable = |name: &str| environment.variable(name).map(OsString::from);
    let _ = &variable;
    match kind {
        #[cfg(feature = "budget")]
        LayerKind::Budget => {
            let budget = botticelli_layers::budget::Budget::from_config_in(&table(config, kind)?, variable)?;
            Ok(Arc::new(driver.with_budget(budget)))
        }
        #[cfg(feature = "cache")]
        LayerKind::Cache => {
            let cache = botticelli_layers::cache::Cache::from_config_in(&table(config, kind)?, variable)?;
            Ok(Arc::new(driver.with_cache(cache)))
        }
        #[cfg(feature = "rate-limit")]
        LayerKind::RateLimit => {
            let limit = botticelli_layers::rate_limit::RateLimit::from_config(&table(config, kind)?)?;
            Ok(Arc::new(driver.with_rate_limit(limit)))
        }
        other => {
            drop(driver);
            table::<Map<String, Value>>(config, other).and_then(|_| Err(not_compiled(other)))
        }
    }
}

/// Returns the driver that replays the cassette; `None` if calls are to be recorded.
#[cfg(feature = "cassette")]
#[track_caller]
fn replayed(config: &LlmConfig, environment: &Environment) -> Result<Option<Driver>, BotticelliError> {
    let settings = cassette(config, environment)?;
    Ok(settings.player()?.map(|player| -> Driver { Arc::new(player) }))
}

#[cfg(feature = "cassette")]
#[track_caller]
fn recorded(
    config: &LlmConfig,
    driver: Driver,
    environment: &Environment,
) -> Result<Driver, BotticelliError> {
    let settings = cassette(config, environment)?;
    Ok(Arc::new(botticelli_layers::cassette::Recorded::new(driver, settings.path())?))
}

#[cfg(not(feature = "cassette"))]
#[track_caller]
fn replayed(_: &LlmConfig, _: &Environment) -> Result<Option<Driver>, BotticelliError> {
    Err(not_compiled(LayerKind::Cassette))
}

#[cfg(not(feature = "cassette"))]
#[track_caller]
fn recorded(_: &LlmConfig, _: Driver, _: &Environment) -> Result<Driver, BotticelliError> {
    Err(not_compiled(LayerKind::Cassette))
}
