//! The models that the sandbox serves, with their providers and prices.
//!
//! The models exist; everything that is said about them here (prices, speeds, context lengths,
//! who serves them) is **made up**, in a realistic range, and never changes.

mod choice;
mod entry;
mod list;
mod models;

pub(crate) use choice::{Served, Unserved, choose};
pub(crate) use list::{find, list};
