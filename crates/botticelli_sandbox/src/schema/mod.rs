//! JSON Schema: values that fit one, and whether one is strict.

mod instance;
mod strict;
mod typed;

pub(crate) use instance::Maker;
pub(crate) use strict::looseness;
