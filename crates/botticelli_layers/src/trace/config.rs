//! The table `[llm.trace]`.

use serde::{Deserialize, Serialize};

/// The table `[llm.trace]` of a configuration file.
///
/// ```toml
/// [llm.trace]
/// content = true    # with the texts of requests and responses. Default: false
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TraceConfig {
    pub(super) content: bool,
}
