//! The settings that drivers of endpoints take over.

use super::client::ManagementClient;
use crate::Environment;
use crate::transport::Limits;
use std::fmt;

/// The settings that drivers of endpoints take over.
pub(super) struct DriverSettings {
    pub(super) client: ManagementClient,
    pub(super) environment: Environment,
    pub(super) http_client: Option<reqwest::Client>,
    pub(super) limits: Limits,
}

// The HTTP client prints its headers and proxies, which may hold secrets.
impl fmt::Debug for DriverSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DriverSettings").field("client", &self.client).finish_non_exhaustive()
    }
}
