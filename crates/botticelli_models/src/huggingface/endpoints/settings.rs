//! The settings of a client of endpoints, and the state that its calls share.

use super::call::{Call, CallKind};
use super::client::{ManagementClient, unusable};
use super::driver_settings::DriverSettings;
use super::json::text;
use super::progress::EndpointObserver;
use super::values::check_part;
use botticelli_core::Usd;
use botticelli_error::BotticelliError;
use botticelli_interface::Clock;
use reqwest::Method;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The settings of a client of endpoints, and the state that its calls share.
#[derive(Debug)]
pub(super) struct EndpointsSettings {
    pub(super) client: ManagementClient,
    /// The Hub, which knows the owner of the token.
    pub(super) hub: ManagementClient,
    /// The namespace that the caller set, or the owner of the token.
    pub(super) namespace: OnceLock<String>,
    pub(super) max_price: Option<Usd>,
    pub(super) poll_interval: Duration,
    pub(super) wait_limit: Option<Duration>,
    pub(super) observer: Option<EndpointObserver>,
    pub(super) driver: Arc<DriverSettings>,
}

impl EndpointsSettings {
    /// Returns the namespace. Asks the Hub once for the owner of the token, if the caller set none.
    pub(super) async fn namespace(&self) -> Result<&str, BotticelliError> {
        if let Some(namespace) = self.namespace.get() {
            return Ok(namespace);
        }
        let path = "api/whoami-v2".to_owned();
        let call = Call::new(Method::GET, path, "(the namespace of the token)", CallKind::List);
        let owner = self.hub.json(&call, self.hub.limit).await?;
        let name = text(&owner, "/name")
            .ok_or_else(|| unusable(call.subject, "the Hub does not name the owner of the token"))?;
        check_part("namespace", &name)?;
        Ok(self.namespace.get_or_init(|| name))
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        self.client.http.clock()
    }
}
