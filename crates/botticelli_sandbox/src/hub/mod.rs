//! The Hub: which provider serves a model, and under which name.

mod mapping;
mod query;
mod response;

pub(crate) use response::{model, models};
