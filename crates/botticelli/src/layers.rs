//! Layers around the driver of a configuration.

use crate::plain::plain_driver;
use botticelli_core::{LayerKind, LlmConfig};
use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::BotticelliDriver;
#[cfg(any(feature = "budget", feature = "cache", feature = "rate-limit"))]
use botticelli_layers::LayerExt;
use botticelli_models::Environment;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

type Driver = Arc<dyn BotticelliDriver>;

/// Puts a layer around a driver. All routes share the state of the layer.
type Wrap = Box<dyn Fn(Driver) -> Driver>;

/// A layer that is ready to be put around drivers.
struct Layer {
    kind: LayerKind,
    wrap: Wrap,
}

/// Builds the driver that `config` describes, with its layers.
///
/// The layers before `fallback` in the order are around all routes together, and those after it around each route.
#[track_caller]
pub(crate) fn layered_driver(
    config: &LlmConfig,
    environment: Environment,
) -> Result<Driver, BotticelliError> {
    let order = config.layers()?;
    let at = order.iter().position(|kind| *kind == LayerKind::Fallback).unwrap_or(order.len());
    let (outer, inner) = order.split_at(at);
    let outer = layers(config, outer)?;
    let inner = layers(config, inner.split_first().map_or(&[], |(_, inner)| inner))?;
    let routes = Routes::read(config)?;
    let primary = around(plain_driver(config, environment.clone())?, &inner, |_| true);
    let driver = routes.after(primary, &inner, &environment)?;
    drop(environment);
    Ok(around(driver, &outer, |_| true))
}

/// Reads the tables of these layers.
#[track_caller]
fn layers(config: &LlmConfig, order: &[LayerKind]) -> Result<Vec<Layer>, BotticelliError> {
    order.iter().map(|kind| Ok(Layer { kind: *kind, wrap: wrap(config, *kind)? })).collect()
}

#[track_caller]
fn wrap(config: &LlmConfig, kind: LayerKind) -> Result<Wrap, BotticelliError> {
    match kind {
        #[cfg(feature = "budget")]
        LayerKind::Budget => {
            let budget = botticelli_layers::budget::Budget::from_config(&table(config, kind)?)?;
            Ok(Box::new(move |driver| Arc::new(driver.with_budget(budget.clone()))))
        }
        #[cfg(feature = "cache")]
        LayerKind::Cache => {
            let cache = botticelli_layers::cache::Cache::from_config(&table(config, kind)?)?;
            Ok(Box::new(move |driver| Arc::new(driver.with_cache(cache.clone()))))
        }
        #[cfg(feature = "rate-limit")]
        LayerKind::RateLimit => {
            let limit = botticelli_layers::rate_limit::RateLimit::from_config(&table(config, kind)?)?;
            Ok(Box::new(move |driver| Arc::new(driver.with_rate_limit(limit.clone()))))
        }
        other => table::<Map<String, Value>>(config, other).and_then(|_| Err(not_compiled(other))),
    }
}

/// Puts those of the layers around a driver that apply to it.
fn around(driver: Driver, layers: &[Layer], applies: impl Fn(LayerKind) -> bool) -> Driver {
    let layers = layers.iter().rev().filter(|layer| applies(layer.kind));
    layers.fold(driver, |driver, layer| (layer.wrap)(driver))
}

/// The routes after the first one: the tables `[[llm.fallback]]`.
struct Routes {
    #[cfg(feature = "fallback")]
    routes: Vec<(botticelli_layers::fallback::FallbackConfig, LlmConfig)>,
}

#[cfg(feature = "fallback")]
impl Routes {
    #[track_caller]
    fn read(config: &LlmConfig) -> Result<Self, BotticelliError> {
        let read = |table| {
            let settings: botticelli_layers::fallback::FallbackConfig = settings(table, LayerKind::Fallback)?;
            let route = route_config(config, settings.driver())?;
            Ok((settings, route))
        };
        let routes = config.layer_tables(LayerKind::Fallback).iter().map(read);
        Ok(Self { routes: routes.collect::<Result<_, BotticelliError>>()? })
    }

    /// Returns a driver that tries `primary` first, and then these routes.
    #[track_caller]
    fn after(
        self,
        primary: Driver,
        layers: &[Layer],
        environment: &Environment,
    ) -> Result<Driver, BotticelliError> {
        use botticelli_layers::fallback::{FallbackDriver, FallbackRoute};
        if self.routes.is_empty() {
            return Ok(primary);
        }
        let mut fallback = FallbackDriver::new(primary);
        for (settings, config) in &self.routes {
            // The rate limit is that of the first server.
            let is_other_server =
                ["base_url", "provider"].iter().any(|key| settings.driver().contains_key(*key));
            let applies = |kind| kind != LayerKind::RateLimit || !is_other_server;
            let driver = around(plain_driver(config, environment.clone())?, layers, applies);
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
    fn after(self, primary: Driver, _: &[Layer], _: &Environment) -> Result<Driver, BotticelliError> {
        Ok(primary)
    }
}

/// Returns the configuration of a route: that of the first route, with the keys of its table.
#[cfg(feature = "fallback")]
#[track_caller]
fn route_config(config: &LlmConfig, keys: &Map<String, Value>) -> Result<LlmConfig, BotticelliError> {
    use botticelli_core::{AuthConfig, DriverKind};
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
    // Any other provider is one that the driver knows, such as `groq`.
    let kind = DriverKind::ALL.iter().find(|kind| Some(kind.as_str()) == provider.as_deref());
    if let (None, Some(provider)) = (kind, provider) {
        keys.insert("provider".to_owned(), provider.into());
    }
    let provider = kind.copied().unwrap_or(config.provider());
    let auth = match variable {
        Some(name) => AuthConfig::default().with_api_key_env(name),
        // The key of one server is not sent to another.
        None if keys.contains_key("base_url") => AuthConfig::default(),
        None => config.auth().clone(),
    };
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
