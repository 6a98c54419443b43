//! The instances of the price list.

use super::json::{amount, list, number, text};
use botticelli_core::Usd;
use serde_json::Value;

/// An instance that an endpoint can run on, with its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointInstance {
    vendor: String,
    region: String,
    accelerator: String,
    instance_type: String,
    instance_size: String,
    accelerators: Option<u32>,
    status: Option<String>,
    price: Option<Usd>,
}

impl EndpointInstance {
    /// Returns all instances of the price list. An entry without its names is skipped.
    pub(super) fn all(body: &Value) -> Vec<Self> {
        let mut all = Vec::new();
        for vendor in list(body, "/vendors") {
            for region in list(vendor, "/regions") {
                for compute in list(region, "/computes") {
                    all.extend(Self::read(vendor, region, compute));
                }
            }
        }
        all
    }

    fn read(vendor: &Value, region: &Value, compute: &Value) -> Option<Self> {
        Some(Self {
            vendor: text(vendor, "/name")?,
            region: text(region, "/name")?,
            accelerator: text(compute, "/accelerator")?,
            instance_type: text(compute, "/instanceType")?,
            instance_size: text(compute, "/instanceSize")?,
            accelerators: number(compute, "/numAccelerators"),
            status: text(compute, "/status"),
            price: amount(compute, "/pricePerHour"),
        })
    }

    /// Returns the cloud: `aws`.
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// Returns the region of the cloud: `us-east-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the accelerator: `cpu`, `gpu`, `neuron`.
    pub fn accelerator(&self) -> &str {
        &self.accelerator
    }

    /// Returns the type: `nvidia-l4`.
    pub fn instance_type(&self) -> &str {
        &self.instance_type
    }

    /// Returns the size: `x1`.
    pub fn instance_size(&self) -> &str {
        &self.instance_size
    }

    /// Returns the number of accelerators, if the list has it.
    pub const fn accelerators(&self) -> Option<u32> {
        self.accelerators
    }

    /// Returns the availability in the words of the service: `available`.
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// Returns the price of one replica per hour; `None` if the list has none.
    pub const fn price_per_hour(&self) -> Option<Usd> {
        self.price
    }

    /// Returns the name and the price for messages.
    pub(super) fn label(&self) -> String {
        let Self { vendor, region, instance_type, instance_size, .. } = self;
        match self.price {
            Some(price) => format!("{instance_type} {instance_size} ({vendor} {region}, {price} per hour)"),
            None => format!("{instance_type} {instance_size} ({vendor} {region})"),
        }
    }
}

/// The price of an endpoint. Hugging Face bills the minutes in which a replica starts or runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointPrice {
    pub(super) replica: Usd,
    pub(super) min_replicas: u32,
    pub(super) max_replicas: u32,
}

impl EndpointPrice {
    /// Returns the price of one replica per hour.
    pub const fn replica_per_hour(&self) -> Usd {
        self.replica
    }

    /// Returns the price per hour with the minimum number of replicas: the price of an idle endpoint.
    pub fn min_per_hour(&self) -> Usd {
        times(self.replica, self.min_replicas)
    }

    /// Returns the price per hour with the maximum number of replicas.
    pub fn max_per_hour(&self) -> Usd {
        times(self.replica, self.max_replicas)
    }
}

fn times(price: Usd, count: u32) -> Usd {
    Usd::from_nano_dollars(price.nano_dollars().saturating_mul(count.into()))
}
