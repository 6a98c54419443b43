//! The models that the sandbox serves, with their providers and prices.
//!
//! The models exist, but for those of the organisation `sandbox`; everything that is said about
//! them here (prices, speeds, context lengths, who serves them) is **made up**, in a realistic
//! range, and never changes.

mod choice;
mod entry;
mod known;
mod list;
mod manner;
mod models;

pub(crate) use choice::{Served, Unserved, choose};
pub(crate) use entry::{Model, Provider};
pub(crate) use known::{Kind, Known, known};
pub(crate) use list::{any_served_as, find, find_base, list, served_as};
pub(crate) use manner::{Home, Manner};
