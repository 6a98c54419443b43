//! Options that select a model and the way to it.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct Connection {
    /// Model, with an optional route: openai/gpt-oss-20b:cheapest
    #[arg(short, long, value_name = "MODEL[:ROUTE]")]
    pub(crate) model: Option<String>,
    /// Base URL of a dedicated endpoint, or of a server with the same API
    #[arg(long, value_name = "URL", conflicts_with_all = ["local", "sandbox"])]
    pub(crate) endpoint: Option<String>,
    /// Run a model on this machine: a GGUF file or a model of the Hub
    #[arg(long, conflicts_with = "sandbox")]
    pub(crate) local: bool,
    /// Answer from the offline sandbox; `--sandbox=FAULT` simulates a failure
    #[arg(long, value_name = "FAULT", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) sandbox: Option<String>,
    /// Maximum cost of one call, in USD
    #[arg(long, value_name = "USD")]
    pub(crate) max_cost: Option<String>,
    /// Organization to bill
    #[arg(long, value_name = "ORG")]
    pub(crate) bill_to: Option<String>,
    /// Cache of answers: on, off, only (send nothing), refresh (ask again)
    #[arg(long, value_name = "MODE", hide_possible_values = true)]
    pub(crate) cache: Option<CacheMode>,
    /// Record the calls in a cassette, for `botticelli replay`
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Number of retries
    #[arg(long, value_name = "N")]
    pub(crate) retries: Option<u32>,
    /// Limit for the whole answer: 30, 30s, 2m, none
    #[arg(long, value_name = "TIME")]
    pub(crate) timeout: Option<String>,
    /// Limit for the first token
    #[arg(long, value_name = "TIME")]
    pub(crate) first_token_timeout: Option<String>,
    /// Limit for the silence between two pieces of data
    #[arg(long, value_name = "TIME")]
    pub(crate) idle_timeout: Option<String>,
    /// Limit for opening a connection
    #[arg(long, value_name = "TIME")]
    pub(crate) connect_timeout: Option<String>,
    /// Limit for the loading of a model
    #[arg(long, value_name = "TIME")]
    pub(crate) loading_timeout: Option<String>,
}

/// Options of a request. `batch` has another `-o`.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct RequestOptions {
    /// Option of the request: temperature=0, `max_tokens=200`, seed=7, ...
    #[arg(short = 'o', long = "option", value_name = "KEY=VALUE")]
    pub(crate) options: Vec<String>,
}

/// The use of the cache. The library has no word for `off`: there, a cache is a layer that exists or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CacheMode {
    /// Answers come from the cache, and go into it.
    On,
    /// The cache is not used.
    Off,
    /// Answers come from the cache. Nothing is sent.
    Only,
    /// Every prompt is sent, and its answer replaces the one in the cache.
    Refresh,
}

impl CacheMode {
    /// Returns the word of the configuration.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Only => "only",
            Self::Refresh => "refresh",
        }
    }
}
