//! The Hub: which provider serves a model, and under which name.

mod answer;
mod mapping;
mod query;

pub(crate) use answer::{model, models};
