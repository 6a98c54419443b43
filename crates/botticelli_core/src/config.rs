//! The table `[llm]` of a configuration file.

use crate::layer::{LayerTable, LayerTables};
use crate::redact;
use crate::{DriverKind, GenerationConfig, LayerKind, RetryConfig, Timeouts};
use botticelli_error::{BotticelliError, BuilderError, ConfigError};
use derive_builder::Builder;
use derive_getters::Getters;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Configuration of a driver: the table `[llm]` of a configuration file.
///
/// ```
/// use botticelli::{LlmConfig, DriverKind};
///
/// # fn main() -> Result<(), botticelli::BotticelliError> {
/// let config = LlmConfig::builder()
///     .provider(DriverKind::HuggingFace)
///     .model("openai/gpt-oss-20b:cheapest")
///     .build()?;
/// assert_eq!(config.model(), "openai/gpt-oss-20b:cheapest");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
pub struct LlmConfig {
    /// Provider to use.
    #[getter(copy)]
    provider: DriverKind,
    /// Model for requests that name none.
    #[getter(skip)]
    #[builder(setter(into))]
    model: String,
    /// Source of the token.
    #[builder(default)]
    auth: AuthConfig,
    // The tables of providers, by name. Each provider reads its own table. This type therefore lists no provider's settings.
    #[getter(skip)]
    #[serde(flatten)]
    #[builder(setter(custom), field(ty = "Tables", build = "self.tables"))]
    tables: Tables,
    /// Order of the layers, the outermost first. Default: the order of [`LayerKind::ALL`].
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(default, setter(strip_option))]
    layers: Option<Vec<LayerKind>>,
    #[getter(skip)]
    #[serde(flatten)]
    #[builder(setter(custom), field(ty = "LayerTables", build = "self.layer_tables"))]
    layer_tables: LayerTables,
    /// Generation parameters for requests that do not set their own.
    #[builder(default)]
    generation: GenerationConfig,
    /// Timeouts for requests that do not set their own.
    #[builder(default)]
    timeout: Timeouts,
    /// Number of retries, and the backoff between them.
    #[builder(default)]
    retry: RetryConfig,
}

type Tables = BTreeMap<DriverKind, Map<String, Value>>;

/// A key of the table `[llm]`.
enum Key {
    Provider,
    Model,
    Auth,
    Generation,
    Timeout,
    Retry,
    Table(DriverKind),
    Layers,
    Layer(LayerKind),
}

impl Key {
    fn all() -> impl Iterator<Item = (&'static str, Self)> {
        let tables = DriverKind::ALL.iter().map(|kind| (kind.as_str(), Self::Table(*kind)));
        [("provider", Self::Provider), ("model", Self::Model), ("auth", Self::Auth)]
            .into_iter()
            .chain(tables)
            .chain([("generation", Self::Generation), ("timeout", Self::Timeout), ("retry", Self::Retry)])
            .chain([("layers", Self::Layers)])
            .chain(LayerKind::ALL.iter().map(|kind| (kind.as_str(), Self::Layer(*kind))))
    }
}

impl<'de> Deserialize<'de> for Key {
    // The error is made here, so that a reader of TOML knows the place of the unknown key.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::all().find(|(known, _)| *known == name).map(|(_, key)| key).ok_or_else(|| {
            let known: Vec<_> = Self::all().map(|(known, _)| format!("`{known}`")).collect();
            D::Error::custom(format!("unknown field `{name}`, expected one of {}", known.join(", ")))
        })
    }
}

impl<'de> Deserialize<'de> for LlmConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = LlmConfig;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with `provider` and `model`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<LlmConfig, A::Error> {
                let (mut provider, mut model) = (None, None);
                let mut config = LlmConfigBuilder::default();
                while let Some(key) = table.next_key()? {
                    match key {
                        Key::Provider => provider = Some(table.next_value()?),
                        Key::Model => model = Some(table.next_value::<String>()?),
                        Key::Auth => config = config.auth(table.next_value()?),
                        Key::Generation => config = config.generation(table.next_value()?),
                        Key::Timeout => config = config.timeout(table.next_value()?),
                        Key::Retry => config = config.retry(table.next_value()?),
                        Key::Table(kind) => config = config.provider_table(kind, table.next_value()?),
                        Key::Layers => config = config.layers(table.next_value()?),
                        Key::Layer(LayerKind::Fallback) => {
                            config = config
                                .layer_table(LayerKind::Fallback, LayerTable::Many(table.next_value()?));
                        }
                        Key::Layer(kind) => {
                            config = config.layer_table(kind, LayerTable::One(table.next_value()?));
                        }
                    }
                }
                let provider = provider.ok_or_else(|| A::Error::missing_field("provider"))?;
                let model = model.ok_or_else(|| A::Error::missing_field("model"))?;
                config.provider(provider).model(model).build().map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

/// Source of the token: the table `[llm.auth]`.
///
/// A configuration never holds the token itself. If a token is set here by mistake, it is not used and not serialized, and
/// `Debug` hides it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    #[serde(
        deserialize_with = "name_of_a_variable",
        serialize_with = "no_token",
        skip_serializing_if = "Option::is_none"
    )]
    api_key_env: Option<String>,
}

// A token in the wrong place must not reach a log.
impl fmt::Debug for LlmConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider, model, auth, tables, layers, layer_tables, generation, timeout, retry } = self;
        // A name with a slash is a model's. A long one would look like a token.
        let model = if model.contains('/') { model.clone() } else { redact::tokens(model) };
        let tables: BTreeMap<_, _> = tables.iter().map(|(kind, table)| (kind, redacted(table))).collect();
        let layer_tables: BTreeMap<_, Vec<_>> = layer_tables
            .iter()
            .map(|(kind, layer)| (kind, layer.tables().iter().map(redacted).collect()))
            .collect();
        f.debug_struct("LlmConfig")
            .field("provider", provider)
            .field("model", &model)
            .field("auth", auth)
            .field("tables", &tables)
            .field("layers", layers)
            .field("layer_tables", &layer_tables)
            .field("generation", generation)
            .field("timeout", timeout)
            .field("retry", retry)
            .finish()
    }
}

/// Returns the settings of a table for display. Texts lose everything that may be a token, lists and tables their content.
fn redacted(table: &Map<String, Value>) -> BTreeMap<String, String> {
    let value = |value: &Value| match value {
        Value::String(text) => redact::address(text),
        Value::Array(_) | Value::Object(_) => "…".to_owned(),
        other => other.to_string(),
    };
    table.iter().map(|(key, setting)| (redact::tokens(key), value(setting))).collect()
}

impl fmt::Debug for AuthConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api_key_env } = self;
        let name = api_key_env.as_deref().map(redact::tokens);
        f.debug_struct("AuthConfig").field("api_key_env", &name).finish()
    }
}

impl AuthConfig {
    /// Returns the name of the environment variable that holds the token. Default: the provider's usual variables and files.
    pub fn api_key_env(&self) -> Option<&str> {
        self.api_key_env.as_deref()
    }

    /// Sets the name of the environment variable that holds the token.
    pub fn with_api_key_env(mut self, name: impl Into<String>) -> Self {
        self.api_key_env = Some(name.into());
        self
    }
}

impl LlmConfig {
    /// Returns a builder with all fields unset.
    pub fn builder() -> LlmConfigBuilder {
        LlmConfigBuilder::default()
    }

    /// Returns the model for requests that name none.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns the settings that only this provider reads: the table `[llm.huggingface]` for `DriverKind::HuggingFace`. `None` if
    /// the configuration has no such table.
    pub fn provider_table(&self, provider: DriverKind) -> Option<&Map<String, Value>> {
        self.tables.get(&provider)
    }

    /// Returns the settings of a layer: the table `[llm.budget]` for `LayerKind::Budget`, and any number of tables for
    /// `LayerKind::Fallback`. Empty if the configuration does not set up the layer.
    pub fn layer_tables(&self, layer: LayerKind) -> &[Map<String, Value>] {
        self.layer_tables.get(&layer).map(LayerTable::tables).unwrap_or_default()
    }

    /// Returns the layers to set up, the outermost first.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if `layers` names a layer twice, names one without a table, or lacks one with a table.
    #[track_caller]
    pub fn layers(&self) -> Result<Vec<LayerKind>, BotticelliError> {
        let has_table = |layer: &LayerKind| !self.layer_tables(*layer).is_empty();
        let Some(order) = &self.layers else {
            return Ok(LayerKind::ALL.iter().copied().filter(has_table).collect());
        };
        let refused =
            |reason: String, remedy: String| Err(ConfigError::new(reason, remedy).with_key("layers").into());
        for (at, layer) in order.iter().enumerate() {
            if order.iter().take(at).any(|earlier| earlier == layer) {
                return refused(format!("it names `{layer}` twice"), "name it once".to_owned());
            }
            if !has_table(layer) {
                let remedy = format!("add the table `[llm.{layer}]`, or remove the name");
                return refused(format!("`{layer}` has no table"), remedy);
            }
        }
        if let Some(missing) = LayerKind::ALL.iter().find(|layer| has_table(layer) && !order.contains(layer))
        {
            return refused(format!("it lacks `{missing}`, which has a table"), format!("add \"{missing}\""));
        }
        Ok(order.clone())
    }
}

impl LlmConfigBuilder {
    /// Settings that only this provider reads, for example from `HuggingFaceConfig::to_table`.
    pub fn provider_table(mut self, provider: DriverKind, table: Map<String, Value>) -> Self {
        self.tables.insert(provider, table);
        self
    }

    pub(crate) fn layer_table(mut self, layer: LayerKind, table: LayerTable) -> Self {
        self.layer_tables.insert(layer, table);
        self
    }

    /// Settings of a layer: the table `[llm.budget]` for `LayerKind::Budget`. Further tables of the same layer are alternatives,
    /// like the tables of `[[llm.fallback]]`.
    pub fn layer(mut self, layer: LayerKind, table: Map<String, Value>) -> Self {
        let mut tables: Vec<_> =
            self.layer_tables.get(&layer).map(|layer| layer.tables().to_vec()).unwrap_or_default();
        tables.push(table);
        let table = match (layer, <[_; 1]>::try_from(tables)) {
            (LayerKind::Fallback, Ok([table])) => LayerTable::Many(vec![table]),
            (_, Ok([table])) => LayerTable::One(table),
            (_, Err(tables)) => LayerTable::Many(tables),
        };
        self.layer_tables.insert(layer, table);
        self
    }

    /// Builds the configuration.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if provider or model is missing.
    #[track_caller]
    pub fn build(self) -> Result<LlmConfig, BotticelliError> {
        let missing = |field, remedy| Err(BuilderError::missing("LlmConfig", field, remedy).into());
        if self.provider.is_none() {
            return missing("provider", "set one, for example DriverKind::HuggingFace");
        }
        if self.model.is_none() {
            return missing("model", "name one, for example openai/gpt-oss-20b:cheapest");
        }
        self.build_unchecked()
    }
}

/// Reads the name of a variable. Rejects a token without repeating it.
fn name_of_a_variable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(name) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    if redact::is_token_not_identifier(&name) {
        return Err(D::Error::custom(
            "this is a token instead of the name of its variable: put the token into an environment variable and write the \
             name of that variable here, for example HF_TOKEN (and create a new token if this file was shared)",
        ));
    }
    if name.is_empty() || name.contains(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        return Err(D::Error::custom(
            "this is not a name of an environment variable: use letters, digits and underscores only, for example HF_TOKEN",
        ));
    }
    Ok(Some(name))
}

/// Writes the name of a variable, and rejects a token.
#[allow(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn no_token<S: Serializer>(name: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    if name.as_deref().is_some_and(redact::is_token_not_identifier) {
        return Err(S::Error::custom("this is a token instead of the name of its variable"));
    }
    name.serialize(serializer)
}
