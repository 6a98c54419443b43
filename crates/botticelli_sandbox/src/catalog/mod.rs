//! The models that the sandbox serves, with their providers and prices.
//!
//! The models exist, but for those of the organisation `sandbox`; everything that is said about
//! them here (prices, speeds, context lengths, who serves them) is **made up**, in a realistic
//! range, and never changes.

mod behavior;
mod entry;
mod hub_model;
mod list;
mod models;
mod selection;

pub(crate) use behavior::{Home, Manner};
pub(crate) use entry::{Model, Provider};
pub(crate) use hub_model::{Kind, Known, known};
pub(crate) use list::{any_served_as, find, find_base, list, served_as};
pub(crate) use selection::{Served, Unserved, choose};
