//! The tables of a configuration file.

use botticelli_core::LlmConfig;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Tables of keys that are easily put into another table.
pub(crate) const HOMES: [(&str, &[&str]); 13] = [
    ("llm", &["provider", "model", "layers"]),
    ("llm.auth", &["api_key_env"]),
    (
        "llm.huggingface",
        &[
            "base_url",
            "allow_plain_http",
            "bill_to",
            "dialect",
            "choose_provider",
            "catalog_file",
            "catalog_max_age",
            "catalog_prices",
            "price",
            "api",
            "batch_size",
            "concurrency",
            "job_timeout",
        ],
    ),
    ("llm.huggingface.price", &["prompt", "completion"]),
    (
        "llm.gguf",
        &["context_length", "max_concurrent", "queue_length", "memory_limit", "threads", "cache_type"],
    ),
    (
        "llm.generation",
        &["max_tokens", "temperature", "top_p", "stop", "seed", "frequency_penalty", "presence_penalty"],
    ),
    ("llm.timeout", &["connect", "first_token", "idle", "keep_alive", "total", "stream_total", "loading"]),
    (
        "llm.budget",
        &[
            "per_call",
            "per_run",
            "per_day",
            "per_month",
            "tokens_per_call",
            "tokens_per_run",
            "tokens_per_day",
            "tokens_per_month",
            "ledger",
            "account",
            "max_wait",
            "on_unknown_price",
            "on_credits_exhausted",
        ],
    ),
    ("llm.cache", &["store", "time_to_live", "max_bytes", "sampled", "mode"]),
    ("llm.cassette", &["path", "mode", "match"]),
    ("llm.fallback", &["on", "cool_down"]),
    (
        "llm.rate_limit",
        &[
            "requests_per_minute",
            "requests_per_day",
            "tokens_per_minute",
            "tokens_per_day",
            "max_in_flight",
            "store",
            "name",
            "max_wait",
        ],
    ),
    ("llm.retry", &["max_retries", "base_delay", "max_delay", "max_hint"]),
];

/// The tables of a file. Each table of a driver has the keys of `[llm]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    llm: Option<LlmConfig>,
    embedding: Option<LlmConfig>,
    rerank: Option<LlmConfig>,
    #[serde(default)]
    tasks: BTreeMap<String, LlmConfig>,
}

impl File {
    /// Removes and returns a table: `llm`, `embedding`, `rerank` or `tasks.NAME`.
    pub(crate) fn take(&mut self, name: &str) -> Option<LlmConfig> {
        match name {
            "llm" => self.llm.take(),
            "embedding" => self.embedding.take(),
            "rerank" => self.rerank.take(),
            name => self.tasks.remove(name.strip_prefix("tasks.")?),
        }
    }

    /// Returns the names of the tables that the file has.
    pub(crate) fn names(&self) -> Vec<String> {
        let own = [("llm", &self.llm), ("embedding", &self.embedding), ("rerank", &self.rerank)];
        let own = own.into_iter().filter(|(_, table)| table.is_some()).map(|(name, _)| name.to_owned());
        own.chain(self.tasks.keys().map(|name| format!("tasks.{name}"))).collect()
    }
}

/// Tables of the providers and the layers. The tables are read with their types, so that an error has a line.
#[derive(Deserialize)]
#[allow(clippy::zero_sized_map_values, reason = "without providers and layers, the tables have no types")]
pub(crate) struct TypedTables {
    #[serde(rename = "llm")]
    _llm: Option<Tables>,
    #[serde(rename = "embedding")]
    _embedding: Option<Tables>,
    #[serde(rename = "rerank")]
    _rerank: Option<Tables>,
    #[serde(default, rename = "tasks")]
    _tasks: BTreeMap<String, Tables>,
}

#[derive(Deserialize)]
struct Tables {
    #[cfg(feature = "huggingface")]
    #[serde(default, rename = "huggingface")]
    _huggingface: botticelli_models::huggingface::HuggingFaceConfig,
    #[cfg(feature = "gguf")]
    #[serde(default, rename = "gguf")]
    _gguf: botticelli_gguf::GgufConfig,
    #[cfg(feature = "budget")]
    #[serde(default, rename = "budget")]
    _budget: Option<botticelli_layers::budget::BudgetConfig>,
    #[cfg(feature = "cache")]
    #[serde(default, rename = "cache")]
    _cache: Option<botticelli_layers::cache::CacheConfig>,
    #[cfg(feature = "cassette")]
    #[serde(default, rename = "cassette")]
    _cassette: Option<botticelli_layers::cassette::CassetteConfig>,
    #[cfg(feature = "rate-limit")]
    #[serde(default, rename = "rate_limit")]
    _rate_limit: Option<botticelli_layers::rate_limit::RateLimitConfig>,
    #[cfg(feature = "trace")]
    #[serde(default, rename = "trace")]
    _trace: Option<botticelli_layers::trace::TraceConfig>,
    #[cfg(feature = "fallback")]
    #[serde(default, rename = "fallback")]
    _fallback: Vec<botticelli_layers::fallback::FallbackConfig>,
}
