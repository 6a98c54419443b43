//! Settings and drivers from a configuration file.

use crate::config::{CacheType, GgufConfig};
use crate::driver::GgufDriver;
use botticelli_core::{DriverKind, LlmConfig, Timeouts, redact};
use botticelli_error::{BotticelliError, ConfigError};
use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// The table `[llm.gguf]` of a configuration file.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Table {
    context_length: Option<u32>,
    max_concurrent: Option<u32>,
    queue_length: Option<u32>,
    memory_limit: Option<u64>,
    threads: Option<u32>,
    cache_type: Option<CacheType>,
}

impl<'de> Deserialize<'de> for GgufConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = Table::deserialize(deserializer)?;
        let config = Self::default();
        let (queue_length, cache_type) = (config.queue_length(), config.cache_type());
        Ok(config
            .with_context_length(table.context_length)
            .with_max_concurrent(table.max_concurrent)
            .with_queue_length(table.queue_length.unwrap_or(queue_length))
            .with_memory_limit(table.memory_limit)
            .with_threads(table.threads)
            .with_cache_type(table.cache_type.unwrap_or(cache_type)))
    }
}

impl GgufConfig {
    /// Reads the settings from the table `gguf` of a configuration, its generation parameters, and its timeouts. Timeouts with the
    /// values of [`Timeouts::default`] do not apply, because a local model may be slower than a server.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if the table has an unknown key or a value of the wrong type.
    #[track_caller]
    pub fn from_config(config: &LlmConfig) -> Result<Self, BotticelliError> {
        let table = config.provider_table(DriverKind::Gguf).cloned().unwrap_or_default();
        let own = Self::deserialize(table).map_err(|error| {
            let reason = redact::tokens(&error.to_string());
            ConfigError::new(reason, "correct the table").with_key("llm.gguf")
        })?;
        let (set, unset, timeouts) = (config.timeout(), Timeouts::default(), own.timeouts());
        let chosen = |of: fn(&Timeouts) -> Option<Duration>| {
            if of(set) == of(&unset) { of(&timeouts) } else { of(set) }
        };
        let timeouts = timeouts
            .with_first_token(chosen(Timeouts::first_token))
            .with_total(chosen(Timeouts::total))
            .with_stream_total(chosen(Timeouts::stream_total));
        Ok(own.with_defaults(config.generation().clone()).with_timeouts(timeouts))
    }
}

impl GgufDriver {
    /// Loads the model file that `config` names as its model, with the settings of `config`. A relative path starts at the current
    /// folder. The call blocks until the file is read.
    ///
    /// # Errors
    ///
    /// As [`open_with`](Self::open_with), and a [`ConfigError`] for the table `[llm.gguf]`.
    #[track_caller]
    pub fn from_config(config: &LlmConfig) -> Result<Self, BotticelliError> {
        Self::open_with(config.model(), GgufConfig::from_config(config)?)
    }
}
