//! The price list, and the limit of the caller.

use super::call::{Call, CallKind};
use super::client::unusable;
use super::endpoints::Endpoints;
use super::instance::{EndpointInstance, EndpointPrice};
use super::spec::EndpointSpec;
use super::update::EndpointUpdate;
use super::values::{check_part, check_price, check_replicas};
use botticelli_core::redact;
use botticelli_error::{BotticelliError, EndpointError, EndpointErrorKind};
use reqwest::Method;

/// Maximum number of instances that an error names.
const NEAREST: usize = 3;

impl Endpoints {
    /// Returns all instances of all clouds and regions, with their prices.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`] or a failed connection.
    pub async fn instances(&self) -> Result<Vec<EndpointInstance>, BotticelliError> {
        let namespace = self.settings.namespace().await?;
        let call = Call::new(Method::GET, format!("provider/{namespace}"), namespace, CallKind::List);
        let body = self.settings.client.json(&call, self.limit()).await?;
        let all = EndpointInstance::all(&body);
        if all.is_empty() {
            return Err(unusable(namespace, "the list of instances is empty"));
        }
        Ok(all)
    }

    /// Returns the price of an endpoint before it is created.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`] for an invalid setting, an unknown instance, or an instance without a price. A failed connection.
    pub async fn price(&self, spec: &EndpointSpec) -> Result<EndpointPrice, BotticelliError> {
        spec.validate()?;
        let instance = self.instance_for(spec).await?;
        let replica = instance
            .price_per_hour()
            .ok_or_else(|| unusable(spec.name(), "the list of instances has no price for this one"))?;
        Ok(EndpointPrice { replica, min_replicas: spec.min_replicas, max_replicas: spec.max_replicas })
    }

    /// Returns the instance of a new endpoint.
    pub(super) async fn instance_for(
        &self,
        spec: &EndpointSpec,
    ) -> Result<EndpointInstance, BotticelliError> {
        let place = (&*spec.vendor, &*spec.region);
        let all = self.instances().await?;
        find(&all, place, (&spec.instance_type, &spec.instance_size), &spec.name)
    }

    /// Checks the replicas and the price after a change. Returns the accelerator of a new instance.
    pub(super) async fn check_update(
        &self,
        name: &str,
        update: &EndpointUpdate,
    ) -> Result<Option<String>, BotticelliError> {
        check_part("name", name)?;
        let is_limited = self.settings.max_price.is_some() && update.changes_price();
        let changes_one = update.min_replicas.is_some() != update.max_replicas.is_some();
        let needs_accelerator = update.instance.is_some() && update.accelerator().is_none();
        if !is_limited && !changes_one && !needs_accelerator {
            return Ok(None);
        }
        let current = self.get(name).await?;
        let maximum = update.max_replicas.or(current.max_replicas());
        if changes_one {
            check_replicas(name, update.min_replicas.or(current.min_replicas()), maximum)?;
        }
        if !is_limited && !needs_accelerator {
            return Ok(None);
        }
        let place = (current.vendor().unwrap_or_default(), current.region().unwrap_or_default());
        let now = (current.instance_type().unwrap_or_default(), current.instance_size().unwrap_or_default());
        let wanted = update.instance.as_ref().map_or(now, |(kind, size)| (kind, size));
        let instance = find(&self.instances().await?, place, wanted, name)?;
        if is_limited {
            let replicas = maximum.unwrap_or(1);
            check_price(name, self.settings.max_price, instance.price_per_hour(), replicas)?;
        }
        Ok(needs_accelerator.then(|| instance.accelerator().to_owned()))
    }
}

/// Returns the instance with this type and size, or an error with the nearest ones.
fn find(
    all: &[EndpointInstance],
    (vendor, region): (&str, &str),
    (kind, size): (&str, &str),
    endpoint: &str,
) -> Result<EndpointInstance, BotticelliError> {
    let is_wanted = |instance: &EndpointInstance| {
        (instance.vendor(), instance.region()) == (vendor, region)
            && (instance.instance_type(), instance.instance_size()) == (kind, size)
    };
    if let Some(found) = all.iter().find(|instance| is_wanted(instance)) {
        return Ok(found.clone());
    }
    let name =
        |kind: &str, size: &str, vendor: &str, region: &str| format!("{kind} {size} {vendor} {region}");
    let wanted = name(kind, size, vendor, region);
    let likeness = |other: &EndpointInstance| {
        let other = name(other.instance_type(), other.instance_size(), other.vendor(), other.region());
        strsim::jaro_winkler(&wanted, &other)
    };
    let mut ranked: Vec<_> = all.iter().map(|instance| (likeness(instance), instance)).collect();
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let nearest = ranked.iter().take(NEAREST).map(|(_, instance)| instance.label()).collect();
    let instance = redact::tokens(&format!("{kind} {size} ({vendor} {region})"));
    let kind = EndpointErrorKind::UnknownInstance { instance, nearest };
    Err(EndpointError::new(kind, redact::tokens(endpoint)).into())
}
