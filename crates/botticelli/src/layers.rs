//! Layers around the driver of a configuration.

use crate::plain::plain_driver;
use botticelli_core::{LayerKind, LlmConfig};
use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::BotticelliDriver;
#[cfg(feature = "budget")]
use botticelli_layers::{
    LayerExt,
    budget::{Budget, BudgetConfig},
};
use botticelli_models::Environment;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

type Driver = Arc<dyn BotticelliDriver>;

/// Puts a layer around a driver. All routes share the state of the layer.
type Wrap = Box<dyn Fn(Driver) -> Driver>;

/// Builds the driver that `config` describes, with its layers.
#[track_caller]
pub(crate) fn layered_driver(
    config: &LlmConfig,
    environment: Environment,
) -> Result<Driver, BotticelliError> {
    let layers = config.layers()?.into_iter().map(|kind| wrap(config, kind));
    let layers = layers.collect::<Result<Vec<_>, _>>()?;
    let driver = plain_driver(config, environment)?;
    Ok(layers.iter().rev().fold(driver, |driver, wrap| wrap(driver)))
}

#[track_caller]
fn wrap(config: &LlmConfig, kind: LayerKind) -> Result<Wrap, BotticelliError> {
    match kind {
        #[cfg(feature = "budget")]
        LayerKind::Budget => {
            let budget = Budget::from_config(&table::<BudgetConfig>(config, kind)?)?;
            Ok(Box::new(move |driver| Arc::new(driver.with_budget(budget.clone()))))
        }
        other => Err(not_compiled(other)),
    }
}

/// Reads the table of a layer that has one.
#[track_caller]
fn table<T: for<'de> Deserialize<'de>>(config: &LlmConfig, kind: LayerKind) -> Result<T, BotticelliError> {
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
fn not_compiled(kind: LayerKind) -> BotticelliError {
    let reason = format!("the layer `{kind}` is not part of this build");
    let remedy = format!("enable the feature `{}` of the crate `botticelli` in Cargo.toml", kind.feature());
    ConfigError::new(reason, remedy).with_key(format!("llm.{kind}")).into()
}
