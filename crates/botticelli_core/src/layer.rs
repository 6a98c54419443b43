//! The layers of a configuration.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// A layer around a driver that a configuration can set up. Each requires the Cargo feature of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LayerKind {
    /// Spans and records of calls: the table `[llm.trace]`.
    Trace,
    /// A recording, or its replay: the table `[llm.cassette]`.
    Cassette,
    /// A cache: the table `[llm.cache]`.
    Cache,
    /// Other routes after a failure: the tables `[[llm.fallback]]`.
    Fallback,
    /// A budget: the table `[llm.budget]`.
    Budget,
    /// A rate limit: the table `[llm.rate_limit]`.
    RateLimit,
}

impl LayerKind {
    /// All layers, in their default order: the first is the outermost.
    pub const ALL: &[Self] =
        &[Self::Trace, Self::Cassette, Self::Cache, Self::Fallback, Self::Budget, Self::RateLimit];

    /// Returns the name of the table in configuration files: `rate_limit`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Cassette => "cassette",
            Self::Cache => "cache",
            Self::Fallback => "fallback",
            Self::Budget => "budget",
            Self::RateLimit => "rate_limit",
        }
    }

    /// Returns the Cargo feature of the layer: `rate-limit`.
    pub const fn feature(self) -> &'static str {
        match self {
            Self::RateLimit => "rate-limit",
            other => other.as_str(),
        }
    }
}

impl fmt::Display for LayerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The tables of layers, by name. Each layer reads its own table. This type therefore lists no layer's settings.
pub(crate) type LayerTables = BTreeMap<LayerKind, LayerTable>;

/// The settings of a layer: a table, or a list of tables.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum LayerTable {
    One(Map<String, Value>),
    Many(Vec<Map<String, Value>>),
}

impl LayerTable {
    pub(crate) fn tables(&self) -> &[Map<String, Value>] {
        match self {
            Self::One(table) => std::slice::from_ref(table),
            Self::Many(tables) => tables,
        }
    }
}
