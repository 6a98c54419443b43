//! Hub API: the providers of each model and their model ids.

mod mapping;
mod query;
mod response;

pub(crate) use query::{decoded, fields};
pub(crate) use response::{model, models};
