//! Dedicated endpoints: the management API, and the endpoints that it starts.

mod clock;
mod endpoint;
mod fault;
mod management;
mod prices;
mod store;

pub(crate) use clock::SandboxClock;
pub use fault::{EndpointFault, UnknownEndpointFault};
pub(crate) use management::{is_management, manage};
pub(crate) use store::{Endpoints, Served};
