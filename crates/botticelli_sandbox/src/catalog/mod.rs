//! Model catalog with providers and prices.
//!
//! The models exist, except those of the organization `sandbox`. All other data (prices, speeds,
//! context lengths, providers) is **made up**, in a realistic range, and never changes.

mod behavior;
mod entry;
mod hub_model;
mod list;
mod models;
mod selection;

pub(crate) use behavior::{Behavior, ReasoningFormat};
pub(crate) use entry::{Model, Pricing, Provider};
pub(crate) use hub_model::{HubModel, HubModelKind, hub_models};
pub(crate) use list::{find, find_base, list};
pub(crate) use selection::{
    SelectionError, ServedModel, find_any_by_provider_id, find_by_provider_id, select_provider,
};
